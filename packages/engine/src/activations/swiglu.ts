import { gatedOp } from '../ops/gated.js';
import { featureAxis } from '../ops/softmax.js';
import type { Activation } from './activation.js';

/** y = a σ(a) b, a and b the two halves of the features: half as many come out. */
export const swiglu: Activation = {
  id: 'swiglu',
  about: {
    does: 'The SiLU of the first half of the features, times the second.',
    formula: 'y = a σ(a) b',
    shapes: 'x [N, …, 2 D] → y [N, …, D]; an image [N, 2 C, H, W] → [N, C, H, W]',
    gradient: 'db = dy silu(a): a linear half, scaled by the gate.',
    source: 'Shazeer 2020, arXiv:2002.05202',
  },
  options: {},
  gain: 1,
  init: 'xavierUniform',
  apply: (x, _, scope) => scope.apply(gatedOp, [x], { gate: 'swiglu', axis: featureAxis(x.shape) }),
};
