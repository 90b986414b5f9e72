import * as v from 'valibot';
import { optional, positive, real, share } from '../core/options.js';
import { optimizer, powers, products } from './optimizer.js';

/** PyTorch's `NAdam`: Adam with Nesterov's look ahead. */
export const nadam = optimizer({
  id: 'nadam',
  about: {
    does: 'Adam whose momentum looks one step ahead.',
    formula: 'μₜ = β₁ (1 − 0.96^(t ψ) / 2);  w ← w − lr [(1−μₜ)/(1−Πμ) g + μₜ₊₁/(1−Πμ μₜ₊₁) m] / (√v̂ + ε)',
    gradient: 'As Adam.',
    source: 'Dozat 2016',
  },
  options: {
    lr: optional(positive(), 0.002),
    beta1: optional(share(), 0.9),
    beta2: optional(share(), 0.999),
    eps: optional(positive(), 1e-8),
    weightDecay: optional(real(0), 0),
    decoupled: optional(v.boolean(), false),
    momentumDecay: optional(real(0), 0.004),
  },
  buffers: () => 2,
  prepare: (k, { size, value, grad, buffers: [m, square] }, options) => {
    const { beta1, beta2, eps, weightDecay, decoupled, momentumDecay } = options;
    const momentum = (step: number) => beta1 * (1 - 0.5 * k.mathPow(0.96, step * momentumDecay));
    const [power, product] = [powers(beta2), products(momentum)];
    return (lr, step) => {
      const now = momentum(step);
      const next = momentum(step + 1);
      k.nadamStep(
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
        1 - power(step),
        now,
        next,
        product(step),
      );
    };
  },
});
