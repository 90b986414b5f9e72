import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape } from '../core/shape.js';
import { aroundAxis } from './strides.js';

/** A sparse linear map along one axis: output j is the weighted sum of `taps` inputs. */
export interface Taps {
  readonly axis: number;
  /** Length of the axis in the output. */
  readonly length: number;
  readonly taps: number;
  /** Input of each tap, `length · taps` numbers; −1 for none. */
  readonly indices: Int32Array;
  /** Weight of each tap; null: all 1. */
  readonly weights: Float32Array | null;
}

/**
 * y[…, j, …] = Σ_t weights[j, t] x[…, indices[j, t], …]: interpolation, padding by reflection, gathering by indices
 * that never change. Backward is the transposed map.
 */
export const tapsOp: Op<Taps> = {
  name: 'taps',
  shapes: ([x], { axis, length, indices }) => {
    check(
      indices.every((index) => index < x![axis]!),
      'SHAPE',
      `index ${Math.max(...indices)} is outside axis ${axis} of ${showShape(x!)}`,
    );
    return [x!.map((own, i) => (i === axis ? length : own))];
  },
  reads: { inputs: false, outputs: false },
  bind: ({ arena, kernels: k, x: [x], y: [y] }, { axis, length, taps, indices, weights }) => {
    const { outer, length: from, inner } = aroundAxis(x!.shape, axis);
    const table = arena.alloc(4 * indices.length);
    arena.write(table, indices);
    let factors = 0;
    if (weights) {
      factors = arena.alloc(4 * weights.length);
      arena.write(factors, weights);
    }
    return {
      forward: () => k.axisTaps(outer, from, inner, length, taps, table, factors, x!.data, y!.data),
      backward: () => {
        if (x!.grad) k.axisTapsGrad(outer, from, inner, length, taps, table, factors, y!.grad, x!.grad);
      },
    };
  },
};

/** y = x[…, indices, …] with indices that are data: the axis is replaced by the indices' shape. */
export const gatherOp: Op<{ readonly axis: number; readonly floats: boolean }> = {
  name: 'gather',
  shapes: ([x, indices], { axis }) => [[...x!.slice(0, axis), ...indices!, ...x!.slice(axis + 1)]],
  keeps: ([, indices]) => ({
    rows: Math.max(
      1,
      indices!.reduce((a, b) => a * b, 1),
    ),
  }),
  reads: { inputs: false, outputs: false },
  bind: ({ kernels: k, x: [x, indices], y: [y], keep }, { axis, floats }) => {
    const { outer, length, inner } = aroundAxis(x!.shape, axis);
    const rows = keep['rows']!;
    const count = indices!.size;
    return {
      forward: () => {
        k.axisIndices(count, length, indices!.data, floats ? 1 : 0, rows);
        k.axisTaps(outer, length, inner, count, 1, rows, 0, x!.data, y!.data);
      },
      backward: () => {
        if (x!.grad) k.axisTapsGrad(outer, length, inner, count, 1, rows, 0, y!.grad, x!.grad);
      },
    };
  },
};

/** Running sums along an axis. */
export const cumulativeSum: Op<{
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}> = {
  name: 'cumulativeSum',
  shapes: ([x]) => [x!],
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], accumulate: [add] }, { axis, exclusive, reverse }) => {
    const { outer, length, inner } = aroundAxis(x!.shape, axis);
    const [skips, backwards] = [exclusive ? 1 : 0, reverse ? 1 : 0];
    return {
      forward: () => k.runningSum(outer, length, inner, x!.data, y!.data, skips, backwards, 0),
      // x[t] is in every sum from t on, so dx is the running sum of dy from the other end.
      backward: () => {
        if (x!.grad) k.runningSum(outer, length, inner, y!.grad, x!.grad, skips, 1 - backwards, add!);
      },
    };
  },
};
