import { optional, positive } from '../core/options.js';
import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('elu', 'y', (k) => ({ forward: k.elu, gradient: k.eluGrad }));

/** y = x above 0, else α (eˣ − 1). */
export const elu = pointwiseActivation({
  id: 'elu',
  about: {
    does: 'Like a ReLU, but bends smoothly to −α below 0.',
    formula: 'y = x if x > 0, else α (eˣ − 1);  y′ = y + α below 0',
    gradient: 'Fades below 0 instead of stopping: units recover.',
    source: 'Clevert et al. 2015, arXiv:1511.07289',
  },
  options: { alpha: optional(positive(), 1) },
  f: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x)),
  slope: (x, { alpha }) => (x > 0 ? 1 : alpha * Math.exp(x)),
  kinks: [0],
  maxSlope: 1,
  // α eˣ = y + α < 0.06 α
  saturation: ({ alpha }) => ({ low: -0.94 * alpha, high: Infinity }),
  gain: 1.2451983,
  init: 'heNormal',
  op,
  constants: ({ alpha }) => ({ alpha, beta: 0 }),
});
