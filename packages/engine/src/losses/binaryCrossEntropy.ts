import { EngineError } from '../core/errors.js';
import { optional, positive } from '../core/options.js';
import { binaryCrossEntropyOp } from '../ops/likelihood.js';
import { fixed } from '../ops/pairLoss.js';
import { loss, type Metric } from './loss.js';

/**
 * Area under the ROC curve: the probability that a positive gets a higher score than a negative, ties counting half.
 * 1 is perfect, 0.5 is chance, however rare positives are. For masks every pixel counts by itself.
 */
export const rocArea: Metric = {
  id: 'auc',
  title: 'area under the ROC curve',
  better: 'higher',
  start: () => {
    const scores = { positive: [] as number[], negative: [] as number[] };
    return {
      add: ({ output, target, rows, outputShape }) => {
        const count = rows * outputShape.slice(1).reduce((a, b) => a * b, 1);
        for (let i = 0; i < count; i++) scores[target[i]! > 0.5 ? 'positive' : 'negative'].push(output[i]!);
      },
      value: () => areaUnderCurve(Float64Array.from(scores.positive), Float64Array.from(scores.negative)),
    };
  },
};

/** Mann and Whitney's statistic by merging the two sorted lists; NaN where one is empty. */
export function areaUnderCurve(positive: Float64Array, negative: Float64Array): number {
  positive.sort();
  negative.sort();
  let [below, upTo, wins] = [0, 0, 0];
  for (const score of positive) {
    while (below < negative.length && negative[below]! < score) below++;
    while (upTo < negative.length && negative[upTo]! <= score) upTo++;
    wins += (below + upTo) / 2;
  }
  return wins / (positive.length * negative.length);
}

/**
 * −log of the probability given to what is the case, mean over samples (and over the pixels of a mask); PyTorch's
 * `BCEWithLogitsLoss`. `positiveWeight`: how much a positive counts, for where they are rare.
 */
export const binaryCrossEntropy = loss({
  id: 'binaryCrossEntropy',
  about: {
    does: 'How surprised the network is by each yes or no; one logit a sample, or one a pixel of a mask. positiveWeight makes a yes count more.',
    formula: 'L = −1/M Σ (p t log σ(x) + (1 − t) log(1 − σ(x))), p the positives’ weight',
    shapes: 'logits and targets of one size, targets 0 or 1 → one number',
    gradient: 'dx = (σ(x) − t) / M: never larger than 1/M an entry, and no saturation where it is wrong.',
  },
  options: { positiveWeight: optional(positive(), 1) },
  tasks: ['classification', 'segmentation'],
  logits: true,
  op: ({ positiveWeight }) =>
    fixed(binaryCrossEntropyOp, { reduction: 'mean', positive: false, weighted: false, positiveWeight }),
  metric: rocArea,
  sees: (data) => {
    if (data.target.dtype === 'f32') return data;
    if (data.outputs !== 2) {
      throw new EngineError(
        'SPEC',
        `binaryCrossEntropy expects data with two classes, this has ${data.outputs}; use crossEntropy`,
      );
    }
    // Class 1 is the positive one: ids become the numbers 0 and 1, and one logit is enough.
    const shape = data.target.shape.length === 0 ? [1] : data.target.shape;
    return { ...data, outputs: 1, target: { shape, dtype: 'f32' } };
  },
  chance: () => Math.LN2,
});
