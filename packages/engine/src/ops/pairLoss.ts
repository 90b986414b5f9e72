import type { Kernels } from '@fuga/core-wasm';
import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf } from '../core/shape.js';

/** What becomes of the losses of single entries: their mean, their sum, or nothing. */
export type Reduction = 'mean' | 'sum' | 'none';

/** A loss over pairs of entries (x, t): their sum, and the gradient with respect to x. */
export interface PairKernels {
  readonly value: (n: number, x: number, t: number) => number;
  readonly gradient: (n: number, x: number, t: number, scale: number, dx: number, accumulate: number) => void;
}

/**
 * The op of a loss that compares output and target entry by entry. One number, or (`none`) one for each entry.
 * Inputs: x and t of one size; the gradient goes to x alone.
 */
export function pairLoss<A extends { readonly reduction: Reduction }>(
  name: string,
  kernels: (k: Kernels, attributes: A) => PairKernels,
): Op<A> {
  return {
    name,
    shapes: ([x, target], { reduction }) => {
      check(
        sizeOf(x!) === sizeOf(target!),
        'SHAPE',
        `${name} expects output and target of one size, got ${showShape(x!)} and ${showShape(target!)}`,
      );
      return [reduction === 'none' ? x! : [1]];
    },
    reads: { outputs: false },
    overwrites: true,
    bind: ({ kernels: k, arena, x: [x, t], y: [y], accumulate: [add] }, attributes) => {
      const { value, gradient } = kernels(k, attributes);
      const { size } = x!;
      const { reduction } = attributes;
      if (reduction === 'none') {
        return {
          forward: () => {
            for (let i = 0; i < size; i++) {
              arena.f32[(y!.data >> 2) + i] = value(1, x!.data + 4 * i, t!.data + 4 * i);
            }
          },
          backward: () => {
            if (!x!.grad) return;
            for (let i = 0; i < size; i++) {
              gradient(
                1,
                x!.data + 4 * i,
                t!.data + 4 * i,
                arena.f32[(y!.grad >> 2) + i]!,
                x!.grad + 4 * i,
                add!,
              );
            }
          },
        };
      }
      const share = reduction === 'mean' ? 1 / size : 1;
      return {
        forward: () => {
          arena.f32[y!.data >> 2] = value(size, x!.data, t!.data) * share;
        },
        backward: () => {
          if (x!.grad) gradient(size, x!.data, t!.data, arena.f32[y!.grad >> 2]! * share, x!.grad, add!);
        },
      };
    },
  };
}

/** An op whose attributes are fixed: what a shelf of losses holds. */
export function fixed<A>(op: Op<A>, attributes: A): Op {
  const { keeps, scratch } = op;
  return {
    ...op,
    shapes: (x) => op.shapes(x, attributes),
    ...(keeps ? { keeps: (x) => keeps(x, attributes) } : {}),
    ...(scratch ? { scratch: (x, _, kernels) => scratch(x, attributes, kernels) } : {}),
    bind: (at) => op.bind(at, attributes),
  } as Op;
}
