import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, type Shape } from '../core/shape.js';
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
  bind: ({ arena, x, y: [y], accumulate }, { axis }) => {
    const whole = stridesOf(y!.shape);
    const forwards: (() => void)[] = [];
    const backwards: (() => void)[] = [];
    let at = 0;
    x.forEach((input, i) => {
      const strides = stridesOf(input.shape);
      const offset = 4 * at * whole[axis]!;
      at += input.shape[axis]!;
      const d = { address: y!.data + offset, strides: whole };
      forwards.push(bindMap(arena, 'copy', input.shape, { a: { address: input.data, strides }, d }));
      if (!input.grad) return;
      const operands = {
        a: { address: y!.grad + offset, strides: whole },
        d: { address: input.grad, strides },
      };
      backwards.push(bindMap(arena, 'copy', input.shape, operands, { accumulate: accumulate[i]! }));
    });
    return { forward: () => run(forwards), backward: () => run(backwards) };
  },
};

function run(steps: readonly (() => void)[]): void {
  for (let i = 0; i < steps.length; i++) steps[i]!();
}

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
