import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('softsign', 'y', (k) => ({ forward: k.softsign, gradient: k.softsignGrad }));

/** y = x / (1 + |x|). */
export const softsign = pointwiseActivation({
  id: 'softsign',
  about: {
    does: 'Squashes to ]−1, 1[ more slowly than tanh.',
    formula: 'y = x / (1 + |x|),  y′ = (1 − |y|)²',
    gradient: 'Slope falls as 1/x² instead of exponentially: saturation is milder.',
    source: 'Bergstra et al. 2009; Glorot & Bengio 2010, §3.3',
  },
  options: {},
  f: (x) => x / (1 + Math.abs(x)),
  slope: (x) => 1 / (1 + Math.abs(x)) ** 2,
  maxSlope: 1,
  // (1 − |y|)² < 0.06
  saturation: () => ({ low: -0.75505, high: 0.75505 }),
  gain: 2.3375334,
  init: 'xavierUniform',
  op,
});
