import { optional, positive, real, share } from '../core/options.js';
import { optimizer, powers } from './optimizer.js';
import * as v from 'valibot';

const adamOptions = {
  lr: optional(positive(), 0.001),
  beta1: optional(share(), 0.9),
  beta2: optional(share(), 0.999),
  eps: optional(positive(), 1e-8),
  amsgrad: optional(v.boolean(), false),
};

/** Adam and AdamW differ in one thing: whether weight decay goes through the gradient or straight to the weight. */
export function adamLike(
  id: string,
  decoupled: boolean,
  about: { does: string; source: string },
  weightDecay: number,
) {
  return optimizer({
    id,
    about: {
      ...about,
      formula: 'm ← β₁ m + (1−β₁) g,  v ← β₂ v + (1−β₂) g²,  w ← w − lr m̂ / (√v̂ + ε)',
      gradient: 'Divides by the gradient’s own size, so it hides vanishing until the gradient nears ε.',
    },
    options: { ...adamOptions, weightDecay: optional(real(0), weightDecay) },
    buffers: ({ amsgrad }) => (amsgrad ? 3 : 2),
    prepare: (k, { size, value, grad, buffers: [m, v, vmax] }, { beta1, beta2, eps, weightDecay }) => {
      const [power1, power2] = [powers(beta1), powers(beta2)];
      return (lr, step) => {
        k.adamStep(
          size,
          value,
          grad,
          m!,
          v!,
          vmax ?? 0,
          lr,
          beta1,
          beta2,
          eps,
          weightDecay,
          decoupled ? 1 : 0,
          1 - power1(step),
          1 - power2(step),
        );
      };
    },
  });
}

/** Adam as PyTorch's `Adam`; weight decay, where asked for, is added to the gradient. */
export const adam = adamLike(
  'adam',
  false,
  {
    does: 'Steps of about lr an entry, whatever the gradient’s scale.',
    source: 'Kingma & Ba 2014, arXiv:1412.6980',
  },
  0,
);
