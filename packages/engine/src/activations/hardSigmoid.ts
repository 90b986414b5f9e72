import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('hardSigmoid', 'y', (k) => ({ forward: k.hardSigmoid, gradient: k.hardSigmoidGrad }));

/** y = clamp(x / 6 + 1/2, 0, 1). */
export const hardSigmoid = pointwiseActivation({
  id: 'hardSigmoid',
  about: {
    does: 'A sigmoid made of three straight lines.',
    formula: 'y = min(max(x + 3, 0), 6) / 6',
    gradient: 'Slope 1/6 between −3 and 3, exactly 0 beyond.',
    source: 'Courbariaux et al. 2015, arXiv:1511.00363; PyTorch Hardsigmoid',
  },
  options: {},
  f: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
  slope: (x) => (x > -3 && x < 3 ? 1 / 6 : 0),
  kinks: [-3, 3],
  maxSlope: 1 / 6,
  saturation: () => ({ low: 1e-6, high: 1 - 1e-6 }), // the flat parts themselves
  gain: 1.8978404,
  init: 'xavierUniform',
  op,
});
