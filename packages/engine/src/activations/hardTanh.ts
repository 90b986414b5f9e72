import { optional, real } from '../core/options.js';
import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('hardTanh', 'y', (k) => ({ forward: k.hardTanh, gradient: k.hardTanhGrad }));

/** y = clamp(x, min, max). */
export const hardTanh = pointwiseActivation({
  id: 'hardTanh',
  about: {
    does: 'Cuts off below min and above max.',
    formula: 'y = min(max(x, min), max),  y′ = 1 between them',
    gradient: 'Slope 1 inside, exactly 0 outside.',
    source: 'Collobert 2004; PyTorch Hardtanh',
  },
  options: { min: optional(real(), -1), max: optional(real(), 1) },
  f: (x, { min, max }) => Math.min(Math.max(x, min), max),
  slope: (x, { min, max }) => (x > min && x < max ? 1 : 0),
  kinks: [-1, 1],
  maxSlope: 1,
  saturation: ({ min, max }) => {
    const edge = 1e-6 * (max - min); // the flat parts themselves
    return { low: min + edge, high: max - edge };
  },
  gain: 1.3920361,
  init: 'xavierUniform',
  op,
  constants: ({ min, max }) => ({ alpha: min, beta: max }),
});
