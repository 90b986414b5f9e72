import * as v from 'valibot';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { optional } from '../core/options.js';
import { checkFloat, checkRank } from '../core/scope.js';
import { showShape, sizeOf } from '../core/shape.js';
import { both, pair, walk, type Walk } from './window.js';

/** y = the largest of each window; backward gives the whole gradient to the first maximum of the window. */
export const maxPooling: Op<{ readonly rows: Walk; readonly columns: Walk }> = {
  name: 'maxPooling',
  shapes: ([x], { rows, columns }) => {
    check(x!.length === 4, 'SHAPE', `maxPool2d expects images [N, C, H, W], got ${showShape(x!)}`);
    return [[x![0]!, x![1]!, rows.output, columns.output]];
  },
  keeps: ([x], { rows, columns }) => ({ at: x![0]! * x![1]! * rows.output * columns.output }),
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], keep, accumulate: [add] }, { rows, columns }) => {
    const [N, C, H, W] = x!.shape as [number, number, number, number];
    const at = keep['at']!;
    return {
      forward: () => {
        k.maxPool2d(
          N * C,
          H,
          W,
          rows.output,
          columns.output,
          rows.kernel,
          columns.kernel,
          rows.stride,
          columns.stride,
          rows.before,
          columns.before,
          rows.dilation,
          columns.dilation,
          x!.data,
          y!.data,
          at,
        );
      },
      backward: () => {
        if (x!.grad) k.maxPool2dGrad(N * C, H * W, rows.output * columns.output, at, y!.grad, x!.grad, add!);
      },
    };
  },
};

/**
 * Largest number of each window.
 *
 * Shapes:   x [N, C, H, W] → y [N, C, H′, W′]
 * Gradient: goes to the largest entry of each window alone: the norm of the gradient stays, its rms shrinks by
 *           √(H′W′ / HW).
 */
export const maxPool2d = layer({
  type: 'maxPool2d',
  about: {
    does: 'Keeps the largest number of each window.',
    formula: 'y[c, i, j] = max x[c, i s + a − p, j s + b − p]',
    shapes: 'x [N, C, H, W] → y [N, C, H′, W′]',
    gradient:
      'The whole gradient goes to the largest entry: its norm stays, its rms shrinks by √(H′W′ / HW).',
    source: 'Riesenhuber & Poggio 1999; Scherer et al. 2010',
  },
  options: {
    kernel: optional(pair(), 2),
    stride: v.optional(pair()),
    padding: optional(pair(0), 0),
    dilation: optional(pair(), 1),
  },
  complete: (options) => ({ ...options, stride: options.stride ?? options.kernel }),
  forward: ([x], { kernel, stride, padding, dilation }, scope) => {
    checkFloat(x!, 'maxPool2d');
    checkRank(x!, 4, 'maxPool2d', 'images [N, C, H, W]');
    const [KH, KW] = both(kernel);
    const [SH, SW] = both(stride!);
    const [PH, PW] = both(padding);
    const [DH, DW] = both(dilation);
    check(
      2 * PH <= KH && 2 * PW <= KW,
      'SPEC',
      `maxPool2d expects a padding of at most half its kernel, got ${PH} × ${PW} for ${KH} × ${KW}`,
    );
    return scope.apply(maxPooling, [x!], {
      rows: walk(x!.shape[2]!, KH, SH, DH, PH, 'maxPool2d'),
      columns: walk(x!.shape[3]!, KW, SW, DW, PW, 'maxPool2d'),
    });
  },
  cases: [
    { inputs: [[2, 3, 4, 4]], options: {} },
    { inputs: [[1, 2, 2, 10]], options: {} },
    { inputs: [[1, 2, 5, 7]], options: { kernel: 3, stride: 2, padding: 1 } },
    { inputs: [[1, 1, 1, 1]], options: { kernel: 1 } },
    { inputs: [[2, 1, 6, 5]], options: { kernel: [2, 3], stride: 1, dilation: [2, 1] } },
  ],
});

/** y [N, C] = the largest number of each plane. */
export function largestOfPlanes(x: readonly number[]): { readonly rows: Walk; readonly columns: Walk } {
  const whole = (size: number): Walk => ({ kernel: size, stride: 1, dilation: 1, before: 0, output: 1 });
  return { rows: whole(x[2]!), columns: whole(sizeOf(x.slice(3))) };
}
