import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('logSigmoid', 'x', (k) => ({ forward: k.logSigmoid, gradient: k.logSigmoidGrad }));

/** y = ln σ(x) = −ln(1 + e⁻ˣ). */
export const logSigmoid = pointwiseActivation({
  id: 'logSigmoid',
  about: {
    does: 'The logarithm of the sigmoid: a softplus turned upside down.',
    formula: 'y = −ln(1 + e⁻ˣ),  y′ = σ(−x)',
    gradient: 'Slope 1 far below 0, gone far above.',
    source: 'PyTorch LogSigmoid',
  },
  options: {},
  f: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
  slope: (x) => 1 / (1 + Math.exp(x)),
  maxSlope: 1,
  // σ(−x) < 0.06
  saturation: () => ({ low: -Infinity, high: -0.06188 }),
  gain: 1.0418668,
  init: 'xavierUniform',
  op,
});
