import { addOp } from '../core/elementwise.js';
import { layer } from '../core/layer.js';

/**
 * Sum of its inputs.
 *
 * Shapes:   x₁, x₂, … of one shape → y of that shape
 * Gradient: passed to every input unchanged.
 */
export const add = layer({
  type: 'add',
  about: {
    does: 'Adds its inputs up.',
    formula: 'y = x₁ + x₂ + …',
    shapes: 'x₁, x₂, … of one shape → y of that shape',
    gradient: 'Passed to every input unchanged.',
  },
  options: {},
  inputs: 'many',
  site: false,
  forward: (x, _, scope) =>
    x.slice(1).reduce((sum, other) => scope.apply(addOp, [sum, other], undefined), x[0]!),
  cases: [
    {
      inputs: [
        [3, 5],
        [3, 5],
      ],
      options: {},
    },
    {
      inputs: [
        [2, 3, 2, 1],
        [2, 3, 2, 1],
        [2, 3, 2, 1],
      ],
      options: {},
    },
  ],
});
