import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('tanh', 'y', (k) => ({ forward: k.tanh, gradient: k.tanhGrad }));

/** y = tanh x, slope 1 − y² ≤ 1. */
export const tanh = pointwiseActivation({
  id: 'tanh',
  about: {
    does: 'Squashes to ]−1, 1[, centred on 0.',
    formula: 'y = tanh x,  y′ = 1 − y²',
    gradient: 'Slope 1 only at 0; saturated units (|y| > 0.97) pass less than 6 % of the gradient.',
    source: 'LeCun et al. 1998, "Efficient BackProp" §4.4',
  },
  options: {},
  f: Math.tanh,
  slope: (x) => 1 - Math.tanh(x) ** 2,
  maxSlope: 1,
  saturation: () => ({ low: -0.97, high: 0.97 }),
  gain: 5 / 3,
  init: 'xavierUniform',
  op,
});
