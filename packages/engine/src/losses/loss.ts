import type { About } from '../core/layer.js';
import type { Op } from '../core/op.js';
import type { Shape } from '../core/shape.js';

/** What a data set asks a network to predict; it decides which losses fit. */
export type Task = 'classification' | 'regression' | 'segmentation' | 'detection' | 'language';

/** The sums behind a metric; they add up over batches. */
export interface Score {
  /** Sum over what was counted: hits, absolute errors, … */
  sum: number;
  /** How many were counted. */
  count: number;
}

/** A number that says how good predictions are, for people. */
export interface Metric {
  readonly id: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  /** Adds the predictions of `rows` samples to `score`. */
  readonly add: (
    score: Score,
    batch: {
      readonly output: Float32Array;
      readonly target: Float32Array | Int32Array;
      readonly rows: number;
      readonly outputShape: Shape;
    },
  ) => void;
  /** The metric of the sums. */
  readonly value: (score: Score) => number;
  /** For metrics that are the mean loss in another unit; taken instead of `value`. */
  readonly fromLoss?: (loss: number) => number;
}

/** A loss: an op from (output, target) to one number, the mean over the batch. */
export interface Loss {
  readonly id: string;
  readonly about: About;
  readonly tasks: readonly Task[];
  /** Tasks for which it is taken where a spec names no loss. */
  readonly defaultFor?: readonly Task[];
  readonly op: Op;
  readonly metric: Metric;
  /** Loss of a network that knows only how often each class occurs; a check on the first loss. */
  readonly chance?: (classes: number) => number;
  /** Loss of a network that always gives the mean of numeric targets, from their standard deviation. */
  readonly baseline?: (deviation: number) => number;
}

/** Share of samples whose largest logit is the right class. */
export const accuracy: Metric = {
  id: 'accuracy',
  title: 'accuracy',
  better: 'higher',
  add: (score, { output, target, rows, outputShape }) => {
    const classes = outputShape[1] ?? 1;
    // Inner positions (pixels of a mask) are counted one by one; logits are [N, classes, …].
    let inner = 1;
    for (let axis = 2; axis < outputShape.length; axis++) inner *= outputShape[axis]!;
    for (let row = 0; row < rows; row++) {
      for (let at = 0; at < inner; at++) {
        const start = row * classes * inner + at;
        let best = 0;
        for (let c = 1; c < classes; c++) {
          if (output[start + c * inner]! > output[start + best * inner]!) best = c;
        }
        if (best === target[row * inner + at]) score.sum++;
        score.count++;
      }
    }
  },
  value: ({ sum, count }) => sum / count,
};

/** Mean of squared differences. */
export const meanSquare: Metric = {
  id: 'meanSquaredError',
  title: 'mean squared error',
  better: 'lower',
  add: (score, { output, target, rows, outputShape }) => {
    const width = outputShape.slice(1).reduce((a, b) => a * b, 1);
    for (let i = 0; i < rows * width; i++) score.sum += (output[i]! - target[i]!) ** 2;
    score.count += rows * width;
  },
  value: ({ sum, count }) => sum / count,
};
