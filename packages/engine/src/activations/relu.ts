import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('relu', 'y', (k) => ({ forward: k.relu, gradient: k.reluGrad }));

/** y = max(0, x); slope 1 above 0, else 0. */
export const relu = pointwiseActivation({
  id: 'relu',
  about: {
    does: 'Passes positive values, stops the others.',
    formula: 'y = max(0, x),  y′ = [x > 0]',
    gradient:
      'Halves the squared gradient on average: weights of variance 2 / fanIn (He) make up for it. A unit that is never positive is dead.',
    source: 'Nair & Hinton 2010; He et al. 2015, arXiv:1502.01852',
  },
  options: {},
  f: (x) => Math.max(0, x),
  slope: (x) => (x > 0 ? 1 : 0),
  kinks: [0],
  maxSlope: 1,
  dies: true,
  gain: Math.SQRT2,
  init: 'heNormal',
  op,
});
