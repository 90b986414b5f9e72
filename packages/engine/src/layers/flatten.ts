import { layer } from '../core/layer.js';
import { sizeOf } from '../core/shape.js';

/** All axes but the batch's in one; no copy. */
export const flatten = layer({
  type: 'flatten',
  about: {
    does: 'Lays each sample out as one row.',
    shapes: 'x [N, A, B, …] → y [N, A·B·…]',
    gradient: 'Unchanged.',
  },
  options: {},
  site: false,
  forward: ([x], _, scope) => scope.reshape(x!, [x!.shape[0] ?? 1, sizeOf(x!.shape.slice(1))]),
  cases: [{ inputs: [[2, 3, 2, 2]], options: {} }],
});
