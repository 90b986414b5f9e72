import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('silu', 'x', (k) => ({ forward: k.silu, gradient: k.siluGrad }));

/** y = x σ(x), also called Swish. */
export const silu = pointwiseActivation({
  id: 'silu',
  about: {
    does: 'A smooth ReLU: x times its own sigmoid. Also called Swish.',
    formula: 'y = x s,  y′ = s (1 + x (1 − s)),  s = σ(x)',
    gradient: 'Smooth everywhere; slope between −0.1 and 1.1.',
    source: 'Elfwing et al. 2017, arXiv:1702.03118; Ramachandran et al. 2017, arXiv:1710.05941',
  },
  options: {},
  f: (x) => x / (1 + Math.exp(-x)),
  slope: (x) => {
    const s = 1 / (1 + Math.exp(-x));
    return s * (1 + x * (1 - s));
  },
  maxSlope: 1.0998394,
  gain: 1.6765325,
  init: 'heNormal',
  op,
});
