import { crossEntropyOp } from '../ops/crossEntropy.js';
import { fixed } from '../ops/pairLoss.js';
import { IGNORED } from './crossEntropy.js';
import type { Loss } from './loss.js';

/** Cross entropy of every position's prediction of the token after it. */
export const nextToken: Loss = {
  id: 'nextToken',
  about: {
    does: 'How surprised the network is by each next token of a sequence, in nats.',
    formula: 'L = −1/(N T) Σₙₜ log softmax(xₙₜ)[tₙₜ]',
    shapes: 'logits [N, T, vocabulary], targets [N, T] → one number',
    gradient: 'dx = (softmax(x) − onehot(t)) / (N T).',
  },
  tasks: ['language'],
  logits: true,
  defaultFor: ['language'],
  op: fixed(crossEntropyOp, { reduction: 'mean', smoothing: 0, ignore: IGNORED, axis: 2 }),
  metric: {
    id: 'bitsPerCharacter',
    title: 'bits per character',
    better: 'lower',
    // The loss itself, in bits: nothing is to be counted a second time.
    start: () => ({ add: () => undefined, value: (loss) => loss / Math.LN2 }),
  },
  chance: (classes) => Math.log(classes),
};
