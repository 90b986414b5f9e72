import { optional, real } from '../core/options.js';
import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('leakyRelu', 'y', (k) => ({ forward: k.leakyRelu, gradient: k.leakyReluGrad }));

/** y = x above 0, else slope · x. */
export const leakyRelu = pointwiseActivation({
  id: 'leakyRelu',
  about: {
    does: 'A ReLU that lets a little through below 0.',
    formula: 'y = x if x > 0, else slope · x',
    gradient: 'Never exactly 0, so no unit can die.',
    source: 'Maas et al. 2013',
  },
  // The slope must not be negative: backward reads the sign of x from y.
  options: { slope: optional(real(0, 1), 0.01) },
  f: (x, { slope }) => (x > 0 ? x : slope * x),
  slope: (x, { slope }) => (x > 0 ? 1 : slope),
  kinks: [0],
  maxSlope: 1,
  gain: Math.SQRT2,
  init: 'heNormal',
  op,
  constants: ({ slope }) => ({ alpha: slope, beta: 0 }),
});
