import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('sigmoid', 'y', (k) => ({ forward: k.sigmoid, gradient: k.sigmoidGrad }));

/** y = 1 / (1 + e⁻ˣ), slope y (1 − y) ≤ 1/4. */
export const sigmoid = pointwiseActivation({
  id: 'sigmoid',
  about: {
    does: 'Squashes to ]0, 1[.',
    formula: 'y = 1 / (1 + e⁻ˣ),  y′ = y (1 − y)',
    gradient:
      'The slope is at most 1/4, so each layer shrinks the gradient by at least 4 unless the weights make up for it.',
    source: 'Hochreiter 1991; Bengio et al. 1994',
  },
  options: {},
  f: (x) => 1 / (1 + Math.exp(-x)),
  slope: (x) => {
    const y = 1 / (1 + Math.exp(-Math.abs(x)));
    return y * (1 - y);
  },
  maxSlope: 0.25,
  // y (1 − y) < 0.06 · 1/4 outside these
  saturation: () => ({ low: 0.01523, high: 0.98477 }),
  gain: 1,
  init: 'xavierUniform',
  op,
});
