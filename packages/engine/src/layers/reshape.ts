import * as v from 'valibot';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import { showShape, sizeOf } from '../core/shape.js';

/**
 * The same numbers under another shape; no copy.
 *
 * Shapes:   x [N, …] → y [N, …shape]; one axis may be −1: what is left
 * Gradient: unchanged.
 * Errors:   SHAPE where the counts differ
 */
export const reshape = layer({
  type: 'reshape',
  about: {
    does: 'Gives each sample another shape; the numbers stay in order.',
    shapes: 'x [N, …] → y [N, …shape]; one axis may be −1',
    gradient: 'Unchanged.',
  },
  options: {
    shape: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(-1))), v.minLength(1)),
  },
  site: false,
  forward: ([x], { shape }, scope) => {
    const size = sizeOf(x!.shape.slice(1));
    const known = sizeOf(shape.filter((axis) => axis !== -1));
    const free = shape.filter((axis) => axis === -1).length;
    check(
      free === 0 ? known === size : free === 1 && known > 0 && size % known === 0,
      'SHAPE',
      `cannot reshape a sample of ${showShape(x!.shape.slice(1))} (${size} numbers) to ${showShape(shape)}`,
    );
    return scope.reshape(x!, [x!.shape[0]!, ...shape.map((axis) => (axis === -1 ? size / known : axis))]);
  },
  cases: [
    { inputs: [[2, 12]], options: { shape: [3, 2, 2] } },
    { inputs: [[2, 3, 4]], options: { shape: [-1, 2] } },
  ],
});
