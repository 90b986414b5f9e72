import { optional, positive, real, share } from '../core/options.js';
import { optimizer } from './optimizer.js';

/** PyTorch's `Adadelta`. */
export const adadelta = optimizer({
  id: 'adadelta',
  about: {
    does: 'Scales each step by the ratio of past steps to past gradients: no unit, hardly a learning rate.',
    formula: 's ← ρ s + (1−ρ) g²,  d = √(u + ε) / √(s + ε) g,  u ← ρ u + (1−ρ) d²,  w ← w − lr d',
    gradient: 'Like RMSprop, indifferent to the gradient’s scale.',
    source: 'Zeiler 2012, arXiv:1212.5701',
  },
  options: {
    lr: optional(positive(), 1),
    rho: optional(share(), 0.9),
    eps: optional(positive(), 1e-6),
    weightDecay: optional(real(0), 0),
  },
  buffers: () => 2,
  prepare: (k, { size, value, grad, buffers: [square, moved] }, { rho, eps, weightDecay }) => {
    return (lr) => {
      k.adadeltaStep(size, value, grad, square!, moved!, lr, rho, eps, weightDecay);
    };
  },
});
