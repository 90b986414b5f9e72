import { crossEntropyOp } from '../ops/crossEntropy.js';
import { fixed } from '../ops/pairLoss.js';
import { accuracy, type Loss } from './loss.js';

/** Class ids of −1 are left out of the mean (padding). */
export const IGNORED = -1;

/** −log of the softmax probability of the right class, mean over the batch (and over the pixels of a mask). */
export const crossEntropy: Loss = {
  id: 'crossEntropy',
  about: {
    does: 'How surprised the network is by the right class.',
    formula: 'L = −1/N Σₙ log softmax(xₙ)[tₙ]',
    shapes: 'logits [N, classes, …], targets [N, …] → one number',
    gradient: 'dx = (softmax(x) − onehot(t)) / N: never larger than 1/N an entry.',
  },
  tasks: ['classification', 'segmentation'],
  logits: true,
  defaultFor: ['classification', 'segmentation'],
  op: fixed(crossEntropyOp, { reduction: 'mean', smoothing: 0, ignore: IGNORED, axis: 1 }),
  metric: accuracy,
  chance: (classes) => Math.log(classes),
};
