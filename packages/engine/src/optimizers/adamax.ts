import { optional, positive, real, share } from '../core/options.js';
import { optimizer, powers } from './optimizer.js';

/** PyTorch's `Adamax`: Adam with the largest gradient so far in place of the root mean square. */
export const adamax = optimizer({
  id: 'adamax',
  about: {
    does: 'Adam that divides by the largest recent gradient.',
    formula: 'm ← β₁ m + (1−β₁) g,  u ← max(β₂ u, |g| + ε),  w ← w − lr / (1−β₁ᵗ) · m / u',
    gradient: 'Steps of at most about lr an entry.',
    source: 'Kingma & Ba 2014, arXiv:1412.6980, §7.1',
  },
  options: {
    lr: optional(positive(), 0.002),
    beta1: optional(share(), 0.9),
    beta2: optional(share(), 0.999),
    eps: optional(positive(), 1e-8),
    weightDecay: optional(real(0), 0),
  },
  buffers: () => 2,
  prepare: (k, { size, value, grad, buffers: [m, u] }, { beta1, beta2, eps, weightDecay }) => {
    const power = powers(beta1);
    return (lr, step) => {
      k.adamaxStep(size, value, grad, m!, u!, lr, beta1, beta2, eps, weightDecay, 1 - power(step));
    };
  },
});
