import type { About } from '../core/layer.js';
import type { Op } from '../core/op.js';
import type { Shape } from '../core/shape.js';
import type { DataShape } from '../datasets/dataset.js';

/** What a data set asks a network to predict; it decides which losses fit. */
export type Task = 'classification' | 'regression' | 'segmentation' | 'detection' | 'language';

/** The predictions of some samples, as a metric sees them. */
export interface Predictions {
  readonly output: Float32Array;
  readonly target: Float32Array | Int32Array;
  /** Samples that count: the first `rows` of the batch. */
  readonly rows: number;
  readonly outputShape: Shape;
  readonly targetShape: Shape;
}

/** A metric being taken: predictions are added batch by batch. */
export interface Tally {
  readonly add: (batch: Predictions) => void;
  /** The metric over all that was added; `loss` is the mean loss over the same samples. */
  readonly value: (loss: number) => number;
}

/** A number that says how good predictions are, for people. */
export interface Metric {
  readonly id: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  readonly start: () => Tally;
}

/** A metric that is a sum over a count: `add` gives both for a batch. */
export function meanMetric(
  about: Omit<Metric, 'start'>,
  add: (batch: Predictions) => { readonly sum: number; readonly count: number },
): Metric {
  return {
    ...about,
    start: () => {
      let [sum, count] = [0, 0];
      return {
        add: (batch) => {
          const part = add(batch);
          sum += part.sum;
          count += part.count;
        },
        value: () => sum / count,
      };
    },
  };
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
  /** How it sees data of this shape: other targets, other outputs. Default: as they are. */
  readonly sees?: (data: DataShape) => DataShape;
  /** It takes logits and squashes them itself: the network's last layer must be bare. */
  readonly logits?: boolean;
  /** Loss of a network that knows only how often each class occurs; a check on the first loss. */
  readonly chance?: (classes: number) => number;
  /** Loss of a network that always gives the mean of numeric targets, from their standard deviation. */
  readonly baseline?: (deviation: number) => number;
}

/** Share of samples whose largest logit is the right class. */
export const accuracy = meanMetric(
  { id: 'accuracy', title: 'accuracy', better: 'higher' },
  ({ output, target, rows, outputShape }) => {
    const classes = outputShape[1] ?? 1;
    // Inner positions (pixels of a mask) are counted one by one; logits are [N, classes, …].
    let inner = 1;
    for (let axis = 2; axis < outputShape.length; axis++) inner *= outputShape[axis]!;
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      for (let at = 0; at < inner; at++) {
        const start = row * classes * inner + at;
        let best = 0;
        for (let c = 1; c < classes; c++) {
          if (output[start + c * inner]! > output[start + best * inner]!) best = c;
        }
        if (best === target[row * inner + at]) sum++;
      }
    }
    return { sum, count: rows * inner };
  },
);

/** Mean of squared differences. */
export const meanSquare = meanMetric(
  { id: 'meanSquaredError', title: 'mean squared error', better: 'lower' },
  ({ output, target, rows, outputShape }) => {
    const count = rows * outputShape.slice(1).reduce((a, b) => a * b, 1);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (output[i]! - target[i]!) ** 2;
    return { sum, count };
  },
);
