import { optional, positive, real } from '../core/options.js';
import { optimizer } from './optimizer.js';

/** PyTorch's `Adagrad`, its accumulator starting at 0. */
export const adagrad = optimizer({
  id: 'adagrad',
  about: {
    does: 'Divides each step by the root of all squared gradients so far: steps only get smaller.',
    formula: 's ← s + g²,  w ← w − lr / (1 + (t−1) lrDecay) · g / (√s + ε)',
    gradient: 'Rare, small gradients get larger steps than frequent ones.',
    source: 'Duchi et al. 2011, JMLR 12',
  },
  options: {
    lr: optional(positive(), 0.01),
    lrDecay: optional(real(0), 0),
    eps: optional(positive(), 1e-10),
    weightDecay: optional(real(0), 0),
  },
  buffers: () => 1,
  prepare: (k, { size, value, grad, buffers: [sum] }, { lrDecay, eps, weightDecay }) => {
    return (lr, step) => {
      k.adagradStep(size, value, grad, sum!, lr / (1 + (step - 1) * lrDecay), eps, weightDecay);
    };
  },
});
