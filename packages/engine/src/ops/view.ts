import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import type { Scope } from '../core/scope.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { bindMap } from './map.js';
import { axisOf, broadcastShapes, broadcastStrides, stridesOf, type Strides } from './strides.js';

/** A way of walking a tensor's numbers. */
export interface View {
  readonly shape: Shape;
  readonly strides: Strides;
  /** Index of the first element. */
  readonly offset: number;
}

/**
 * The numbers of x in another order: y[i, j, …] = x[offset + i·strides₀ + j·strides₁ + …]. A transposition, a slice
 * with steps, a broadcast, a diagonal are all views. Backward sends each dy back to where its number came from.
 */
export const viewOp: Op<View> = {
  name: 'view',
  shapes: (_, { shape }) => [shape],
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ arena, x: [x], y: [y], accumulate: [accumulate] }, { shape, strides, offset }) => {
    const own = stridesOf(shape);
    const operands = { a: { address: x!.data + 4 * offset, strides }, d: { address: y!.data, strides: own } };
    const forward = bindMap(arena, 'copy', shape, operands);
    if (!x!.grad) return { forward };
    const { kernels: k } = arena;
    // What the view leaves out has no gradient, so x's is cleared as a whole before the first share is added.
    const back = { a: { address: y!.grad, strides: own }, d: { address: x!.grad + 4 * offset, strides } };
    const add = bindMap(arena, 'copy', shape, back, { accumulate: 1 });
    return {
      forward,
      backward: () => {
        if (!accumulate) k.fill(x!.size, x!.grad, 0);
        add();
      },
    };
  },
};

/** x with its axes in the order `permutation`. */
export function transpose(x: Tensor, permutation: readonly number[], scope: Scope): Tensor {
  const { length } = x.shape;
  const axes = permutation.map((axis) => axisOf(axis, length));
  check(
    axes.length === length && new Set(axes).size === length,
    'SHAPE',
    `cannot put the axes of ${showShape(x.shape)} in the order [${permutation.join(', ')}]`,
  );
  const shape = axes.map((axis) => x.shape[axis]!);
  // Moving only axes of length 1 moves no numbers.
  const moved = axes.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) return scope.reshape(x, shape);
  const own = stridesOf(x.shape);
  return scope.apply(viewOp, [x], { shape, strides: axes.map((axis) => own[axis]!), offset: 0 });
}

/** One axis of a slice, already within bounds: `length` numbers from `start` on, `step` apart (may be negative). */
export interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}

/** Parts of x along some axes. */
export function slice(x: Tensor, cuts: readonly Cut[], scope: Scope): Tensor {
  const shape = [...x.shape];
  const strides = stridesOf(x.shape);
  let offset = 0;
  for (const { axis, start, length, step } of cuts) {
    offset += start * strides[axis]!;
    strides[axis] = strides[axis]! * step;
    shape[axis] = length;
  }
  if (sizeOf(shape) === 0) offset = 0;
  if (cuts.every(({ axis, start, length, step }) => start === 0 && step === 1 && length === x.shape[axis]))
    return x;
  return scope.apply(viewOp, [x], { shape, strides, offset });
}

/** x stretched to what it and `shape` broadcast to. */
export function expand(x: Tensor, shape: Shape, scope: Scope): Tensor {
  const target = broadcastShapes(x.shape, shape);
  if (sizeOf(target) === sizeOf(x.shape)) return scope.reshape(x, target);
  return scope.apply(viewOp, [x], { shape: target, strides: broadcastStrides(x.shape, target), offset: 0 });
}

/** x repeated `repeats[axis]` times along each axis. */
export function tile(x: Tensor, repeats: readonly number[], scope: Scope): Tensor {
  check(
    repeats.length === x.shape.length,
    'SHAPE',
    `tile of ${showShape(x.shape)} expects ${x.shape.length} repeats, got ${repeats.length}`,
  );
  const own = stridesOf(x.shape);
  const shape = x.shape.flatMap((length, axis) => [repeats[axis]!, length]);
  const strides = x.shape.flatMap((_, axis) => [0, own[axis]!]);
  const spread = scope.apply(viewOp, [x], { shape, strides, offset: 0 });
  return scope.reshape(
    spread,
    x.shape.map((length, axis) => length * repeats[axis]!),
  );
}
