import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf } from '../core/shape.js';
import { meanSquare, type Loss } from './loss.js';

const op: Op = {
  name: 'meanSquaredError',
  shapes: ([x, target]) => {
    check(
      sizeOf(x!) === sizeOf(target!),
      'SHAPE',
      `meanSquaredError expects output and target of one size, got ${showShape(x!)} and ${showShape(target!)}`,
    );
    return [[1]];
  },
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, arena, x: [x, target], y: [y], accumulate: [add] }) => {
    const { size } = x!;
    return {
      forward: () => {
        arena.f32[y!.data >> 2] = k.meanSquaredError(size, x!.data, target!.data) / size;
      },
      backward: () => {
        if (!x!.grad) return;
        k.meanSquaredErrorGrad(size, x!.data, target!.data, arena.f32[y!.grad >> 2]! / size, x!.grad, add!);
      },
    };
  },
};

/** Mean of the squared differences over all entries. */
export const meanSquaredError: Loss = {
  id: 'meanSquaredError',
  about: {
    does: 'Mean squared distance to the target.',
    formula: 'L = 1/M Σ (x − t)²',
    shapes: 'x, t of one shape → one number',
    gradient: 'dx = 2 (x − t) / M: grows with the error.',
  },
  tasks: ['regression'],
  op,
  metric: meanSquare,
};
