import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('mish', 'x', (k) => ({ forward: k.mish, gradient: k.mishGrad }));

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** y = x tanh(ln(1 + eˣ)). */
export const mish = pointwiseActivation({
  id: 'mish',
  about: {
    does: 'A smooth ReLU, a little steeper than SiLU.',
    formula: 'y = x t,  y′ = t + x σ(x) (1 − t²),  t = tanh(ln(1 + eˣ))',
    gradient: 'Smooth everywhere; slope up to 1.09.',
    source: 'Misra 2019, arXiv:1908.08681',
  },
  options: {},
  f: (x) => x * Math.tanh(softplus(x)),
  slope: (x) => {
    const t = Math.tanh(softplus(x));
    return t + (x / (1 + Math.exp(-x))) * (1 - t * t);
  },
  maxSlope: 1.0884982,
  gain: 1.4868476,
  init: 'heNormal',
  op,
});
