import * as v from 'valibot';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { optional } from '../core/options.js';
import { checkFloat, checkRank } from '../core/scope.js';
import { showShape } from '../core/shape.js';
import { both, pair, walk } from './window.js';

/** One axis of averaging windows; kernel 0 cuts the axis into `output` parts as equal as possible. */
export interface AveragingWalk {
  readonly kernel: number;
  readonly stride: number;
  /** Padding before and after. */
  readonly before: number;
  readonly after: number;
  readonly output: number;
}

/** How averaging windows walk, and whether padding counts in the mean. */
export interface AveragingAttributes {
  readonly rows: AveragingWalk;
  readonly columns: AveragingWalk;
  readonly countPad: boolean;
}

/** y = the mean of each window. */
export const averaging: Op<AveragingAttributes> = {
  name: 'averaging',
  shapes: ([x], { rows, columns }) => {
    check(x!.length === 4, 'SHAPE', `avgPool2d expects images [N, C, H, W], got ${showShape(x!)}`);
    return [[x![0]!, x![1]!, rows.output, columns.output]];
  },
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], accumulate: [add] }, { rows, columns, countPad }) => {
    const [N, C, H, W] = x!.shape as [number, number, number, number];
    const sizes = [
      ...([N * C, H, W, rows.output, columns.output] as const),
      ...([rows.kernel, columns.kernel, rows.stride, columns.stride] as const),
      ...([rows.before, columns.before, rows.after, columns.after, countPad ? 1 : 0] as const),
    ] as const;
    return {
      forward: () => {
        k.avgPool2d(...sizes, x!.data, y!.data);
      },
      backward: () => {
        if (x!.grad) k.avgPool2dGrad(...sizes, y!.grad, x!.grad, add!);
      },
    };
  },
};

/** Attributes that cut [H, W] into `height` × `width` parts as equal as possible (PyTorch's adaptive pooling). */
export function adaptive(height: number, width: number): AveragingAttributes {
  const cut = (output: number): AveragingWalk => ({ kernel: 0, stride: 1, before: 0, after: 0, output });
  return { rows: cut(height), columns: cut(width), countPad: false };
}

/**
 * Mean of each window; padding counts as zeros.
 *
 * Shapes:   x [N, C, H, W] → y [N, C, H′, W′]
 * Gradient: each entry gets dy / (KH · KW): rms(gradient) shrinks by KH · KW where windows do not overlap.
 */
export const avgPool2d = layer({
  type: 'avgPool2d',
  about: {
    does: 'Takes the mean of each window.',
    formula: 'y[c, i, j] = mean x[c, i s + a − p, j s + b − p]',
    shapes: 'x [N, C, H, W] → y [N, C, H′, W′]',
    gradient: 'Spread evenly: its rms shrinks by the size of the window.',
    source: 'LeCun et al. 1998',
  },
  options: {
    kernel: optional(pair(), 2),
    stride: v.optional(pair()),
    padding: optional(pair(0), 0),
  },
  complete: (options) => ({ ...options, stride: options.stride ?? options.kernel }),
  forward: ([x], { kernel, stride, padding }, scope) => {
    checkFloat(x!, 'avgPool2d');
    checkRank(x!, 4, 'avgPool2d', 'images [N, C, H, W]');
    const axis = (which: 0 | 1): AveragingWalk => {
      const [size, before] = [x!.shape[2 + which]!, both(padding)[which]];
      return {
        ...walk(size, both(kernel)[which], both(stride!)[which], 1, before, 'avgPool2d'),
        after: before,
      };
    };
    return scope.apply(averaging, [x!], { rows: axis(0), columns: axis(1), countPad: true });
  },
  cases: [
    { inputs: [[2, 3, 4, 4]], options: {} },
    { inputs: [[1, 2, 5, 7]], options: { kernel: 3, stride: 2, padding: 1 } },
    { inputs: [[1, 1, 1, 1]], options: { kernel: 1 } },
    { inputs: [[2, 1, 6, 5]], options: { kernel: [2, 3], stride: 1 } },
  ],
});
