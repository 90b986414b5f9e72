import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { sizeOf, type Shape } from '../core/shape.js';

/**
 * Softmax (or its logarithm) over one axis: y = eˣ / Σ eˣ, dx = y (dy − Σ dy y); or y = x − ln Σ eˣ,
 * dx = dy − eʸ Σ dy. An axis that is not the last is brought there and back.
 */
export const softmaxOp: Op<{ readonly axis: number; readonly log: boolean }> = {
  name: 'softmax',
  shapes: ([x], { axis }) => {
    check(
      axis >= 0 && axis < x!.length,
      'SHAPE',
      `softmax over axis ${axis} of a tensor with ${x!.length} axes`,
    );
    return [x!];
  },
  reads: { inputs: false },
  overwrites: true,
  scratch: ([x], { axis }) => (split(x!, axis).inner === 1 ? 0 : 12 * sizeOf(x!.slice(axis))),
  bind: ({ kernels: k, x: [x], y: [y], scratch, accumulate: [add] }, { axis, log }) => {
    const { outer, length, inner } = split(x!.shape, axis);
    const forward = log ? k.logSoftmax : k.softmax;
    const backward = log ? k.logSoftmaxGrad : k.softmaxGrad;
    if (inner === 1) {
      return {
        forward: () => forward(outer, length, x!.data, y!.data),
        backward: () => {
          if (x!.grad) backward(outer, length, y!.data, y!.grad, x!.grad, add!);
        },
      };
    }
    const block = length * inner;
    const [a, b, c] = [scratch, scratch + 4 * block, scratch + 8 * block];
    return {
      forward: () => {
        for (let i = 0; i < outer; i++) {
          k.transpose(length, inner, x!.data + 4 * i * block, a);
          forward(inner, length, a, b);
          k.transpose(inner, length, b, y!.data + 4 * i * block);
        }
      },
      backward: () => {
        if (!x!.grad) return;
        for (let i = 0; i < outer; i++) {
          const at = 4 * i * block;
          k.transpose(length, inner, y!.data + at, a);
          k.transpose(length, inner, y!.grad + at, b);
          backward(inner, length, a, b, c, 0);
          k.transpose(inner, length, c, a);
          if (add) k.axpy(block, 1, a, x!.grad + at);
          else k.copy(block, a, x!.grad + at);
        }
      },
    };
  },
};

function split(shape: Shape, axis: number): { outer: number; length: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), length: shape[axis]!, inner: sizeOf(shape.slice(axis + 1)) };
}

/** The axis of features: channels of an image [N, C, H, W], the last axis of everything else. */
export function featureAxis(shape: Shape): number {
  return shape.length === 4 ? 1 : shape.length - 1;
}
