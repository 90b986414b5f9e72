import { EngineError, unknownName, type PathStep } from '../core/errors.js';
import type { About, Options, Parsed } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { parseOptions } from '../core/options.js';
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

/** How a spec names a loss: by its name, or with options (`{ type: crossEntropy, labelSmoothing: 0.1 }`). */
export type LossSpec = string | { readonly type: string; readonly [option: string]: unknown };

/** What a loss measures with: in training as asked, on unseen samples without what only regularises. */
export type LossMode = 'train' | 'eval';

/** A loss on the shelf: an op from (output, target) to one number, the mean over the batch. */
export interface Loss<E extends Options = Options> {
  readonly id: string;
  readonly about: About;
  readonly options: E;
  readonly tasks: readonly Task[];
  /** Tasks for which it is taken where a spec names no loss. */
  readonly defaultFor?: readonly Task[];
  /** The op that measures with these options. (A method: a loss with options of its own is still a `Loss`.) */
  op(options: Parsed<E>, mode: LossMode): Op;
  readonly metric: Metric;
  /** How it sees data of this shape: other targets, other outputs. Default: as they are. */
  readonly sees?: (data: DataShape) => DataShape;
  /** Where targets are class ids: the output's axis that holds a logit for each class. */
  readonly classAxis?: (outputRank: number) => number;
  /** It takes logits and squashes them itself: the network's last layer must be bare. */
  readonly logits?: boolean;
  /** Loss of a network that knows only how often each class occurs; a check on the first loss. */
  readonly chance?: (classes: number) => number;
  /** Loss of a network that always gives the mean of numeric targets, from their standard deviation. */
  readonly baseline?: (deviation: number) => number;
  /** Least loss that any network can reach in training; default 0. */
  floor?(classes: number, options: Parsed<E>): number;
}

/** Types a loss by its own options. */
export function loss<E extends Options>(definition: Loss<E>): Loss<E> {
  return definition;
}

/** A loss with its options: what a run measures. */
export interface ReadyLoss extends Omit<Loss, 'options' | 'op' | 'floor'> {
  /** Its options, all of them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly op: (mode: LossMode) => Op;
  readonly floor: (classes: number) => number;
}

/** The name in a loss spec, and its options, still unparsed. */
export function splitLoss(spec: LossSpec): { type: string; options: Readonly<Record<string, unknown>> } {
  if (typeof spec === 'string') return { type: spec, options: {} };
  const { type, ...options } = spec;
  return { type, options };
}

/** The loss that `spec` names on `shelf`, with its options parsed. Throws with the nearest name. */
export function readLoss(
  shelf: Readonly<Record<string, Loss>>,
  spec: LossSpec,
  path: readonly PathStep[] = [],
): ReadyLoss {
  const { type, options } = splitLoss(spec);
  const found = Object.hasOwn(shelf, type) ? shelf[type] : undefined;
  if (!found) {
    const place = typeof spec === 'string' ? path : [...path, 'type'];
    throw new EngineError('SPEC', unknownName('loss', type, Object.keys(shelf)), place);
  }
  const parsed = parseOptions(found.options, options, path);
  return {
    ...found,
    options: parsed,
    op: (mode) => found.op(parsed, mode),
    floor: (classes) => found.floor?.(classes, parsed) ?? 0,
  };
}

/** The shortest way to say the same: the name alone where every option has its default, else all of them. */
export function shortestLoss(shelf: Readonly<Record<string, Loss>>, spec: LossSpec): LossSpec {
  const { type, options } = splitLoss(spec);
  const { options: entries } = shelf[type]!;
  const all = parseOptions(entries, options, []);
  return JSON.stringify(all) === JSON.stringify(parseOptions(entries, {}, [])) ? type : { type, ...all };
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
