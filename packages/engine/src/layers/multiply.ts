import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { sameShape, showShape } from '../core/shape.js';

/** y = a · b, entry by entry. */
export const product: Op = {
  name: 'product',
  shapes: ([a, b]) => {
    const fits = sameShape(a!, b!);
    check(fits, 'SHAPE', `cannot multiply ${showShape(a!)} and ${showShape(b!)}; the shapes must be equal`);
    return [a!];
  },
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [a, b], y: [y], accumulate }) => ({
    forward: () => {
      k.multiply(y!.size, a!.data, b!.data, y!.data);
    },
    backward: () => {
      if (a!.grad) k.multiplyBackward(y!.size, b!.data, y!.grad, a!.grad, accumulate[0]!);
      if (b!.grad) k.multiplyBackward(y!.size, a!.data, y!.grad, b!.grad, accumulate[1]!);
    },
  }),
};

/**
 * Product of its inputs, entry by entry: gates.
 *
 * Shapes:   x₁, x₂, … of one shape → y of that shape
 * Gradient: each input's is dy times the others: a gate near 0 stops it.
 */
export const multiply = layer({
  type: 'multiply',
  about: {
    does: 'Multiplies its inputs, entry by entry.',
    formula: 'y = x₁ · x₂ · …',
    shapes: 'x₁, x₂, … of one shape → y of that shape',
    gradient: 'Each input’s is dy times the other inputs: a gate near 0 stops it.',
  },
  options: {},
  inputs: 'many',
  forward: (x, _, scope) =>
    x.slice(1).reduce((made, other) => scope.apply(product, [made, other], undefined), x[0]!),
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
