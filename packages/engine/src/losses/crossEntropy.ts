import * as v from 'valibot';
import { optional, positive, share } from '../core/options.js';
import { crossEntropyOp } from '../ops/crossEntropy.js';
import { fixed } from '../ops/pairLoss.js';
import { accuracy, loss } from './loss.js';

/** Class ids of −1 are left out of the mean (padding). */
export const IGNORED = -1;

/**
 * Least mean of −Σ q log p, where q is the target spread out by ε over C classes: the entropy of q. (Class weights
 * move it a little; they are left out.)
 */
export function smoothedFloor(classes: number, { labelSmoothing }: { labelSmoothing: number }): number {
  const [other, own] = [labelSmoothing / classes, 1 - labelSmoothing + labelSmoothing / classes];
  return labelSmoothing === 0 ? 0 : -own * Math.log(own) - (classes - 1) * other * Math.log(other);
}

/**
 * −log of the softmax probability of the right class, mean over the batch (and over the pixels of a mask); PyTorch's
 * `CrossEntropyLoss`. `classWeights` counts each sample by its class, in training and on unseen samples;
 * `labelSmoothing` spreads a share of each target evenly over the classes, in training alone.
 */
export const crossEntropy = loss({
  id: 'crossEntropy',
  about: {
    does: 'How surprised the network is by the right class; classWeights makes some classes count more, labelSmoothing keeps it from being too sure.',
    formula:
      'L = −1/N Σₙ log softmax(xₙ)[tₙ]; with class weights w: Σ w[tₙ] Lₙ / Σ w[tₙ]; with label smoothing ε the target is (1 − ε) onehot(t) + ε/C',
    shapes: 'logits [N, classes, …], targets [N, …] → one number',
    gradient: 'dx = (softmax(x) − onehot(t)) / N: never larger than 1/N an entry.',
    source: 'Szegedy et al. 2015, arXiv:1512.00567, §7 (label smoothing); PyTorch CrossEntropyLoss',
  },
  options: {
    labelSmoothing: optional(share(), 0),
    classWeights: v.optional(v.pipe(v.array(positive()), v.minLength(1))),
  },
  tasks: ['classification', 'segmentation'],
  logits: true,
  classAxis: () => 1,
  defaultFor: ['classification', 'segmentation'],
  op: ({ labelSmoothing, classWeights }, mode) => {
    const smoothing = mode === 'train' ? labelSmoothing : 0;
    return fixed(crossEntropyOp, { reduction: 'mean', smoothing, ignore: IGNORED, axis: 1 }, classWeights);
  },
  metric: accuracy,
  chance: (classes) => Math.log(classes),
  floor: smoothedFloor,
});
