import { gatedOp } from '../ops/gated.js';
import { featureAxis } from '../ops/softmax.js';
import type { Activation } from './activation.js';

/** y = a σ(b), a and b the two halves of the features: half as many come out. */
export const glu: Activation = {
  id: 'glu',
  about: {
    does: 'The first half of the features, gated by the sigmoid of the second.',
    formula: 'y = a σ(b)',
    shapes: 'x [N, …, 2 D] → y [N, …, D]; an image [N, 2 C, H, W] → [N, C, H, W]',
    gradient: 'da = dy σ(b): the linear half passes the gradient on without a slope.',
    source: 'Dauphin et al. 2016, arXiv:1612.08083',
  },
  options: {},
  gain: 1,
  init: 'xavierUniform',
  apply: (x, _, scope) => scope.apply(gatedOp, [x], { gate: 'glu', axis: featureAxis(x.shape) }),
};
