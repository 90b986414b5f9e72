import { featureAxis, softmaxOp } from '../ops/softmax.js';
import type { Activation } from './activation.js';

/** y = eˣ / Σ eˣ over the features of each position. */
export const softmax: Activation = {
  id: 'softmax',
  about: {
    does: 'Turns the features of each position into shares that sum to 1.',
    formula: 'yᵢ = e^xᵢ / Σⱼ e^xⱼ',
    shapes: 'over the channels of an image, over the last axis of everything else',
    gradient:
      'dx = y (dy − Σ dy y): nothing passes where one share is close to 1. crossEntropy has its own softmax; do not put one before it.',
    source: 'Bridle 1990',
  },
  options: {},
  range: [0, 1],
  maxSlope: 0.5, // largest singular value of diag(y) − y yᵀ
  gain: 1,
  init: 'xavierUniform',
  apply: (x, _, scope) => scope.apply(softmaxOp, [x], { axis: featureAxis(x.shape), log: false }),
};
