import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('relu6', 'y', (k) => ({ forward: k.relu6, gradient: k.relu6Grad }));

/** y = clamp(x, 0, 6). */
export const relu6 = pointwiseActivation({
  id: 'relu6',
  about: {
    does: 'A ReLU that stops at 6.',
    formula: 'y = min(max(0, x), 6)',
    gradient: '1 between 0 and 6, else 0: units can die below 0 and saturate above 6.',
    source: 'Howard et al. 2017, arXiv:1704.04861',
  },
  options: {},
  f: (x) => Math.min(Math.max(0, x), 6),
  slope: (x) => (x > 0 && x < 6 ? 1 : 0),
  kinks: [0, 6],
  maxSlope: 1,
  saturation: () => ({ low: -Infinity, high: 6 - 1e-5 }),
  dies: true,
  gain: Math.SQRT2,
  init: 'heNormal',
  op,
});
