import { optional, positive } from '../core/options.js';
import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('celu', 'y', (k) => ({ forward: k.celu, gradient: k.celuGrad }));

/** y = x above 0, else α (e^(x/α) − 1): an ELU without a kink at any α. */
export const celu = pointwiseActivation({
  id: 'celu',
  about: {
    does: 'An ELU whose slope is continuous for every α.',
    formula: 'y = x if x > 0, else α (e^(x/α) − 1);  y′ = y/α + 1 below 0',
    gradient: 'Slope 1 at and above 0, fading below.',
    source: 'Barron 2017, arXiv:1704.07483',
  },
  options: { alpha: optional(positive(), 1) },
  f: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x / alpha)),
  slope: (x, { alpha }) => (x > 0 ? 1 : Math.exp(x / alpha)),
  kinks: [0],
  maxSlope: 1,
  saturation: ({ alpha }) => ({ low: -0.94 * alpha, high: Infinity }),
  gain: 1.2451983,
  init: 'heNormal',
  op,
  constants: ({ alpha }) => ({ alpha, beta: 0 }),
});
