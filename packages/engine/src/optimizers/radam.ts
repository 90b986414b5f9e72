import * as v from 'valibot';
import { optional, positive, real, share } from '../core/options.js';
import { optimizer, powers } from './optimizer.js';

/** PyTorch's `RAdam`: Adam that waits until the variance of its denominator is small enough. */
export const radam = optimizer({
  id: 'radam',
  about: {
    does: 'Adam with a warm-up of its own: plain momentum until enough gradients were seen.',
    formula:
      'ρₜ = ρ∞ − 2 t β₂ᵗ / (1−β₂ᵗ); where ρₜ > 5: w ← w − lr m̂ r √(1−β₂ᵗ) / (√v + ε), else w ← w − lr m̂',
    gradient: 'As Adam, after the first few steps.',
    source: 'Liu et al. 2019, arXiv:1908.03265',
  },
  options: {
    lr: optional(positive(), 0.001),
    beta1: optional(share(), 0.9),
    beta2: optional(share(), 0.999),
    eps: optional(positive(), 1e-8),
    weightDecay: optional(real(0), 0),
    decoupled: optional(v.boolean(), false),
  },
  buffers: () => 2,
  prepare: (k, { size, value, grad, buffers: [m, square] }, options) => {
    const { beta1, beta2, eps, weightDecay, decoupled } = options;
    const most = 2 / (1 - beta2) - 1; // ρ∞
    const [powers1, powers2] = [powers(beta1), powers(beta2)];
    return (lr, step) => {
      const power1 = powers1(step);
      const power2 = powers2(step);
      const length = most - (2 * step * power2) / (1 - power2);
      const rectified = length > 5; // the variance of 1/√v exists and is known well enough
      const top = (length - 4) * (length - 2) * most;
      const bottom = (most - 4) * (most - 2) * length;
      k.radamStep(
        size,
        value,
        grad,
        m!,
        square!,
        lr,
        beta1,
        beta2,
        eps,
        weightDecay,
        decoupled ? 1 : 0,
        1 - power1,
        1 - power2,
        rectified ? Math.sqrt(top / bottom) : 0,
      );
    };
  },
});
