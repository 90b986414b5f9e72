import { erf as errorFunction } from '../core/erf.js';
import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('erf', 'x', (k) => ({ forward: k.erf, gradient: k.erfGrad }));

/** y = erf x: the squashing function whose mean-field integrals have closed forms. */
export const erf = pointwiseActivation({
  id: 'erf',
  about: {
    does: 'Squashes to ]−1, 1[; much like tanh, but its Gaussian integrals are known in closed form.',
    formula: 'y = 2/√π ∫₀ˣ e^(−t²) dt,  y′ = 2/√π e^(−x²)',
    gradient: 'Slope 1.13 at 0, gone beyond |x| = 1.7.',
    source: 'Williams 1997; Poole et al. 2016, arXiv:1606.05340',
  },
  options: {},
  f: errorFunction,
  slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
  maxSlope: 2 / Math.sqrt(Math.PI),
  // e^(−x²) < 0.06 beyond |x| = 1.6773
  saturation: () => ({ low: -0.98231, high: 0.98231 }),
  gain: 1.467167,
  init: 'xavierUniform',
  op,
});
