import { readLoss } from '../losses/loss.js';
import { losses } from '../run/shelves.js';
import { activationIn, activationOption, nameOf, outputLayer, spelledOut, withNetwork } from './edit.js';
import type { Remedy } from './remedy.js';

/** A bare last layer for a loss that applies its own squashing, or a loss that is made for the task. */
export const fixLoss: Remedy = {
  id: 'fixLoss',
  about: {
    does: 'A bare last layer for a loss that applies its own squashing, or a loss that is made for the task.',
    formula: 'crossEntropy(logits), not crossEntropy(softmax(logits))',
    source: 'Goodfellow et al. 2016, "Deep Learning", §6.2.2',
  },
  treats: ['lossMismatch'],
  effort: 1,
  apply: (spec, { data }) => {
    const network = spelledOut(spec, data);
    const last = outputLayer(network);
    let changed = false;
    const treated = network.flatMap((each, i) => {
      if (i < last) return [each];
      const option = activationOption(each);
      if (!option || nameOf(activationIn(each)) === 'identity') return [each];
      changed = true;
      return option === 'fn' ? [] : [{ ...each, [option]: 'identity' }];
    });
    if (changed) return withNetwork(spec, treated);
    const loss = readLoss(losses, spec.loss);
    if (loss.tasks.includes(data.task)) return { reason: 'lossFits', names: { loss: loss.id } };
    const fitting = Object.values(losses).find(({ tasks }) => tasks.includes(data.task));
    return fitting ? { ...spec, loss: fitting.id } : { reason: 'noLoss', names: { task: data.task } };
  },
};
