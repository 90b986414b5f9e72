import { optional, share } from '../core/options.js';
import { crossEntropyOp } from '../ops/crossEntropy.js';
import { fixed } from '../ops/pairLoss.js';
import { IGNORED, smoothedFloor } from './crossEntropy.js';
import { loss } from './loss.js';

/** Cross entropy of every position's prediction of the token after it; label smoothing in training alone. */
export const nextToken = loss({
  id: 'nextToken',
  about: {
    does: 'How surprised the network is by each next token of a sequence, in nats.',
    formula: 'L = −1/(N T) Σₙₜ log softmax(xₙₜ)[tₙₜ]',
    shapes: 'logits [N, T, vocabulary], targets [N, T] → one number',
    gradient: 'dx = (softmax(x) − onehot(t)) / (N T).',
  },
  options: { labelSmoothing: optional(share(), 0) },
  tasks: ['language'],
  logits: true,
  classAxis: (rank) => rank - 1,
  defaultFor: ['language'],
  op: ({ labelSmoothing }, mode) =>
    fixed(crossEntropyOp, {
      reduction: 'mean',
      smoothing: mode === 'train' ? labelSmoothing : 0,
      ignore: IGNORED,
      axis: 2,
    }),
  metric: {
    id: 'bitsPerCharacter',
    title: 'bits per character',
    better: 'lower',
    // The loss itself, in bits: nothing is to be counted a second time.
    start: () => ({ add: () => undefined, value: (nats) => nats / Math.LN2 }),
  },
  chance: (classes) => Math.log(classes),
  floor: smoothedFloor,
});
