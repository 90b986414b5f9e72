import { check } from './errors.js';
import type { Op } from './op.js';
import { sameShape, showShape } from './shape.js';

/** y = a + b, same shapes; backward passes the gradient to both. */
export const addOp: Op = {
  name: 'add',
  shapes: ([a, b]) => {
    check(
      sameShape(a!, b!),
      'SHAPE',
      `cannot add ${showShape(a!)} and ${showShape(b!)}; the shapes must be equal`,
    );
    return [a!];
  },
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [a, b], y: [y], accumulate }) => ({
    forward: () => k.add(y!.size, a!.data, b!.data, y!.data),
    backward: () => {
      if (a!.grad) passOn(k, y!.size, y!.grad, a!.grad, accumulate[0]!);
      if (b!.grad) passOn(k, y!.size, y!.grad, b!.grad, accumulate[1]!);
    },
  }),
};

/** y = factor · x. */
export const scaleOp: Op<{ factor: number }> = {
  name: 'scale',
  shapes: ([x]) => [x!],
  reads: { inputs: false, outputs: false },
  bind: ({ kernels: k, x: [x], y: [y] }, { factor }) => ({
    forward: () => {
      k.fill(y!.size, y!.data, 0);
      k.axpy(y!.size, factor, x!.data, y!.data);
    },
    backward: () => {
      if (x!.grad) k.axpy(y!.size, factor, y!.grad, x!.grad);
    },
  }),
};

/**
 * The start of a branch: x's own numbers, with a gradient of their own, so that a probe can read what the branch
 * gives back apart from what the skip does. Backward adds it to x's.
 */
export const forkOp: Op = {
  name: 'fork',
  shapes: ([x]) => [x!],
  reads: { inputs: false, outputs: false },
  sharesData: true,
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], accumulate: [add] }) => ({
    forward: () => undefined,
    backward: () => {
      if (x!.grad) passOn(k, y!.size, y!.grad, x!.grad, add!);
    },
  }),
};

/** dx += dy, or dx = dy where dx comes first. */
function passOn(
  k: {
    copy: (n: number, x: number, y: number) => void;
    axpy: (n: number, a: number, x: number, y: number) => void;
  },
  size: number,
  dy: number,
  dx: number,
  accumulate: 0 | 1,
): void {
  if (accumulate) k.axpy(size, 1, dy, dx);
  else k.copy(size, dy, dx);
}
