import type { Kernels } from '@fuga/core-wasm';
import { check } from '../core/errors.js';
import type { Op, Place } from '../core/op.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';

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

/**
 * An op whose attributes are fixed, and its last inputs too where `constants` gives them (class weights): what a loss
 * of the shelf records. Constants lie in a kept buffer, filled anew at each forward.
 */
export function fixed<A>(op: Op<A>, attributes: A, constants?: readonly number[]): Op {
  const { keeps, scratch } = op;
  const more: readonly Shape[] = constants ? [[constants.length]] : [];
  const numbers = constants && Float32Array.from(constants);
  return {
    ...op,
    shapes: (x) => op.shapes([...x, ...more], attributes),
    ...(keeps || numbers
      ? {
          keeps: (x) => ({
            ...keeps?.([...x, ...more], attributes),
            ...(numbers ? { constants: numbers.length } : {}),
          }),
        }
      : {}),
    ...(scratch ? { scratch: (x, _, kernels) => scratch([...x, ...more], attributes, kernels) } : {}),
    bind: (at) => {
      if (!numbers) return op.bind(at, attributes);
      const { arena, keep } = at;
      const data = keep['constants']!;
      const place: Place = { data, grad: 0, size: numbers.length, shape: more[0]! };
      const inner = op.bind({ ...at, x: [...at.x, place], accumulate: [...at.accumulate, 0] }, attributes);
      return {
        ...inner,
        forward: () => {
          arena.write(data, numbers);
          inner.forward();
        },
      };
    },
  } as Op;
}
