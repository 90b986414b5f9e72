import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { optional, positive } from '../core/options.js';
import { checkFloat } from '../core/scope.js';
import { rowsAndColumns } from '../core/shape.js';

/** y = x / max(‖x‖, eps) over the last axis. */
export const l2Normalization: Op<{ readonly eps: number }> = {
  name: 'l2Normalization',
  shapes: ([x]) => [x!],
  keeps: ([x]) => ({ stats: 4 * rowsAndColumns(x!).rows }),
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], keep, accumulate: [add] }, { eps }) => {
    const { rows, columns } = rowsAndColumns(x!.shape);
    const stats = keep['stats']!;
    return {
      forward: () => {
        k.l2Normalize(rows, columns, x!.data, eps, y!.data, stats);
      },
      backward: () => {
        if (x!.grad) k.l2NormalizeGrad(rows, columns, x!.data, y!.grad, stats, x!.grad, add!);
      },
    };
  },
};

/**
 * Divides each row by its Euclidean norm.
 *
 * Shapes:   x [N, …, D] → y of the same shape
 * Gradient: dx = (dy − y (y · dy)) / ‖x‖: what points along x is lost.
 */
export const l2Norm = layer({
  type: 'l2Norm',
  about: {
    does: 'Divides the features of every sample, or of every step of a sequence, by their Euclidean norm.',
    formula: 'y = x / max(‖x‖, eps)',
    shapes: 'x [N, …, D] → y of the same shape',
    gradient: 'Divides by the norm; the part along x is lost.',
    source: 'Wang et al. 2017, arXiv:1704.06369',
  },
  options: { eps: optional(positive(1), 1e-12) },
  factor: 'normalization',
  forward: ([x], { eps }, scope) => {
    checkFloat(x!, 'l2Norm');
    return scope.apply(l2Normalization, [x!], { eps });
  },
  cases: [
    { inputs: [[3, 5]], options: {} },
    { inputs: [[2, 2, 4]], options: { eps: 1e-6 } },
  ],
});
