import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf } from '../core/shape.js';

/**
 * A gated unit over one axis, whose first half a meets the second b: `glu` y = a σ(b), `swiglu` y = a σ(a) b.
 * The axis must be even and becomes half as long.
 */
export const gatedOp: Op<{ readonly gate: 'glu' | 'swiglu'; readonly axis: number }> = {
  name: 'gated',
  shapes: ([x], { gate, axis }) => {
    const width = x![axis] ?? 0;
    check(
      width % 2 === 0,
      'SHAPE',
      `${gate} splits its input in two halves, got ${showShape(x!)}; make axis ${axis} even`,
    );
    return [x!.map((size, i) => (i === axis ? size / 2 : size))];
  },
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], accumulate: [add] }, { gate, axis }) => {
    const rows = sizeOf(x!.shape.slice(0, axis));
    const half = sizeOf(y!.shape.slice(axis));
    const [forward, backward] = gate === 'glu' ? [k.glu, k.gluGrad] : [k.swiglu, k.swigluGrad];
    return {
      forward: () => forward(rows, half, x!.data, y!.data),
      backward: () => {
        if (x!.grad) backward(rows, half, x!.data, y!.grad, x!.grad, add!);
      },
    };
  },
};
