import type { RunSpec } from '../run/spec.js';
import {
  activationIn,
  activationOption,
  allLayers,
  hasInit,
  hasModelOption,
  initFor,
  isRecurrent,
  mapLayers,
  nameOf,
  outputLayer,
  spelledOut,
  withModel,
  withNetwork,
} from './edit.js';
import type { Patient, Refusal } from './remedy.js';

/**
 * Puts `activation` in place of every hidden layer's, and draws the weights before it by the init that suits it.
 * Gates of recurrent cells stay as they are, and so does an activation on the output.
 */
export function setActivation(spec: RunSpec, { data }: Patient, activation: string): RunSpec | Refusal {
  const network = spelledOut(spec, data);
  if (allLayers(network).some(isRecurrent)) return { reason: 'recurrentActivation' };
  const init = initFor(activation);
  if (hasModelOption(spec, 'activation')) {
    const same = nameOf(spec.model!['activation'] as string) === activation;
    if (same && (!hasModelOption(spec, 'init') || spec.model!['init'] === init))
      return { reason: 'alreadySo', names: { what: activation } };
    return withModel(spec, { activation, ...(hasModelOption(spec, 'init') ? { init } : {}) });
  }
  const last = outputLayer(network);
  let changed = false;
  const treated = network.map((layer, i) => {
    if (i >= last && last >= 0) return layer;
    const [made] = mapLayers([layer], (each) => {
      const option = activationOption(each);
      const swaps = option !== null && nameOf(activationIn(each)) !== 'identity';
      const next = {
        ...each,
        ...(swaps ? { [option]: activation } : {}),
        ...(hasInit(each) ? { init } : {}),
      };
      changed ||= swaps && nameOf(activationIn(each)) !== activation;
      changed ||= hasInit(each) && each['init'] !== init;
      return next;
    });
    return made!;
  });
  if (!allLayers(network).some((each) => nameOf(activationIn(each)) !== 'identity'))
    return { reason: 'noActivation' };
  return changed ? withNetwork(spec, treated) : { reason: 'alreadySo', names: { what: activation } };
}
