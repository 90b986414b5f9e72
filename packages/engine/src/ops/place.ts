import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';
import { bindMap } from './map.js';
import { stridesOf } from './strides.js';

/** Inputs laid one after the other along an axis. Backward cuts the gradient up again. */
export const concatOp: Op<{ readonly axis: number }> = {
  name: 'concat',
  shapes: (x, { axis }) => {
    const [first] = x as [Shape];
    for (const shape of x) {
      check(
        shape.length === first.length && shape.every((length, i) => i === axis || length === first[i]),
        'SHAPE',
        `cannot join ${x.map(showShape).join(', ')} along axis ${axis}; all other axes must be equal`,
      );
    }
    return [
      first.map((length, i) => (i === axis ? x.reduce((sum, shape) => sum + shape[axis]!, 0) : length)),
    ];
  },
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x, y: [y], accumulate }, { axis }) => {
    const rows = sizeOf(y!.shape.slice(0, axis));
    const total = sizeOf(y!.shape.slice(axis));
    let offset = 0;
    const pieces = x.map(({ data, grad, shape }, i) => {
      const width = sizeOf(shape.slice(axis));
      const at = 4 * offset;
      offset += width;
      return { data, grad, width, at, add: accumulate[i]! };
    });
    return {
      forward: () => {
        for (const { data, width, at } of pieces)
          k.copyColumns(rows, width, data, width, y!.data + at, total, 0);
      },
      backward: () => {
        for (const { grad, width, at, add } of pieces) {
          if (grad) k.copyColumns(rows, width, y!.grad + at, total, grad, width, add);
        }
      },
    };
  },
};

/** x within a larger tensor filled with `value`: `before[axis]` more at the start, `after[axis]` at the end. */
export const padOp: Op<{
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}> = {
  name: 'pad',
  shapes: ([x], { before, after }) => [x!.map((length, axis) => length + before[axis]! + after[axis]!)],
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ arena, kernels: k, x: [x], y: [y], accumulate: [accumulate] }, { before, value }) => {
    const whole = stridesOf(y!.shape);
    const own = stridesOf(x!.shape);
    const offset = 4 * before.reduce((sum, count, axis) => sum + count * whole[axis]!, 0);
    const inner = { address: y!.data + offset, strides: whole };
    const copy = bindMap(arena, 'copy', x!.shape, { a: { address: x!.data, strides: own }, d: inner });
    const forward = () => {
      k.fill(y!.size, y!.data, value);
      copy();
    };
    if (!x!.grad) return { forward };
    const operands = {
      a: { address: y!.grad + offset, strides: whole },
      d: { address: x!.grad, strides: own },
    };
    return { forward, backward: bindMap(arena, 'copy', x!.shape, operands, { accumulate: accumulate! }) };
  },
};
