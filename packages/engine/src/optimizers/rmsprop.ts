import * as v from 'valibot';
import { optional, positive, real, share } from '../core/options.js';
import { optimizer } from './optimizer.js';

/** PyTorch's `RMSprop`. */
export const rmsprop = optimizer({
  id: 'rmsprop',
  about: {
    does: 'Divides each step by a running mean of the gradient’s size.',
    formula: 's ← α s + (1−α) g²,  b ← μ b + g / (√s + ε),  w ← w − lr b; centered: √(s − ḡ²)',
    gradient: 'Steps of about lr an entry whatever the gradient’s scale, so it hides vanishing.',
    source: 'Tieleman & Hinton 2012, lecture 6.5; Graves 2013, arXiv:1308.0850 (centered)',
  },
  options: {
    lr: optional(positive(), 0.01),
    alpha: optional(share(), 0.99),
    eps: optional(positive(), 1e-8),
    weightDecay: optional(real(0), 0),
    momentum: optional(share(), 0),
    centered: optional(v.boolean(), false),
  },
  buffers: ({ momentum, centered }) => 1 + (momentum > 0 ? 1 : 0) + (centered ? 1 : 0),
  prepare: (k, { size, value, grad, buffers }, { alpha, eps, weightDecay, momentum, centered }) => {
    const [square, ...rest] = buffers;
    const velocity = momentum > 0 ? rest[0]! : 0;
    const average = centered ? rest.at(-1)! : 0;
    return (lr) => {
      k.rmspropStep(size, value, grad, square!, velocity, average, lr, alpha, eps, weightDecay, momentum);
    };
  },
});
