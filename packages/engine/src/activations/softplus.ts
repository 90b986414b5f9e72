import { optional, positive } from '../core/options.js';
import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('softplus', 'x', (k) => ({ forward: k.softplus, gradient: k.softplusGrad }));

/** y = ln(1 + e^(βx)) / β, and x itself above the threshold. */
export const softplus = pointwiseActivation({
  id: 'softplus',
  about: {
    does: 'A smooth ReLU that never reaches 0.',
    formula: 'y = ln(1 + e^(βx)) / β,  y′ = σ(βx); y = x where βx > threshold',
    gradient: 'Slope 1/2 at 0, like a sigmoid’s output: a deep stack halves the gradient at every layer.',
    source: 'Dugas et al. 2001; Glorot et al. 2011',
  },
  options: { beta: optional(positive(), 1), threshold: optional(positive(), 20) },
  f: (x, { beta, threshold }) => {
    const z = beta * x;
    return z > threshold ? x : (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))) / beta;
  },
  slope: (x, { beta, threshold }) => (beta * x > threshold ? 1 : 1 / (1 + Math.exp(-beta * x))),
  maxSlope: 1,
  // σ(βx) < 0.06
  saturation: ({ beta }) => ({ low: 0.06188 / beta, high: Infinity }),
  gain: 1.0418668,
  init: 'heNormal',
  op,
  constants: ({ beta, threshold }) => ({ alpha: beta, beta: threshold }),
});
