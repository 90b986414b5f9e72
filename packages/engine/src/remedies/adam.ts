import { optimizers } from '../run/shelves.js';
import type { Remedy } from './remedy.js';

/** PyTorch's default, small enough for deep networks. */
const RATE = 0.001;

/** Adam in place of SGD: every weight gets steps of its own scale, so layers with weak gradients still move (it hides a vanishing gradient, it does not mend it). */
export const adam: Remedy = {
  id: 'adam',
  about: {
    does: 'Adam in place of SGD: every weight gets steps of its own scale, so layers with weak gradients still move (it hides a vanishing gradient, it does not mend it).',
    formula: 'Δw = −lr · m̂ / (√v̂ + ε)',
    source: 'Kingma & Ba 2014, arXiv:1412.6980',
  },
  treats: ['vanishing', 'learningRateTooLow', 'learningRateTooHigh', 'exploding'],
  effort: 2,
  apply: (spec) => {
    const known = optimizers[spec.optimizer.type];
    // One that keeps nothing but a momentum does not adapt to the gradient's scale.
    if (!known || Object.hasOwn(known.options, 'eps'))
      return { reason: 'adaptive', names: { optimizer: spec.optimizer.type } };
    return { ...spec, optimizer: { type: 'adam', lr: RATE } };
  },
};
