import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('hardSwish', 'x', (k) => ({ forward: k.hardSwish, gradient: k.hardSwishGrad }));

/** y = x · clamp(x + 3, 0, 6) / 6. */
export const hardSwish = pointwiseActivation({
  id: 'hardSwish',
  about: {
    does: 'SiLU made of a parabola and two straight lines.',
    formula: 'y = x min(max(x + 3, 0), 6) / 6,  y′ = x/3 + 1/2 between −3 and 3',
    gradient: 'Exactly 0 below −3, 1 above 3, up to 1.5 just below 3.',
    source: 'Howard et al. 2019, arXiv:1905.02244',
  },
  options: {},
  f: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  slope: (x) => (x <= -3 ? 0 : x < 3 ? x / 3 + 0.5 : 1),
  kinks: [-3, 3],
  maxSlope: 1.5,
  gain: 1.7366573,
  init: 'heNormal',
  op,
});
