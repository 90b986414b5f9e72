import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { oneOf, optional } from '../core/options.js';
import { checkFloat, checkRank } from '../core/scope.js';
import { showShape } from '../core/shape.js';
import { both, pair } from './window.js';

/** Size of the output, and how numbers between pixels are made. */
export interface UpsampleAttributes {
  readonly height: number;
  readonly width: number;
  readonly mode: 'nearest' | 'bilinear';
  /** Bilinear: corner pixels stay on the corners, instead of pixel areas matching. */
  readonly alignCorners: boolean;
}

/** Images [N, C, H, W] enlarged (or reduced) to [N, C, height, width]. */
export const upsampling: Op<UpsampleAttributes> = {
  name: 'upsampling',
  shapes: ([x], { height, width }) => {
    check(x!.length === 4, 'SHAPE', `upsample expects images [N, C, H, W], got ${showShape(x!)}`);
    return [[x![0]!, x![1]!, height, width]];
  },
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], accumulate: [add] }, { height, width, mode, alignCorners }) => {
    const [N, C, H, W] = x!.shape as [number, number, number, number];
    const sizes = [N * C, H, W, height, width] as const;
    if (mode === 'nearest') {
      return {
        forward: () => {
          k.upsampleNearest(...sizes, x!.data, y!.data);
        },
        backward: () => {
          if (x!.grad) k.upsampleNearestGrad(...sizes, y!.grad, x!.grad, add!);
        },
      };
    }
    const ratio = (from: number, to: number) =>
      alignCorners ? (to > 1 ? (from - 1) / (to - 1) : 0) : from / to;
    const ratios = [ratio(H, height), ratio(W, width), alignCorners ? 1 : 0] as const;
    return {
      forward: () => {
        k.upsampleBilinear(...sizes, ...ratios, x!.data, y!.data);
      },
      backward: () => {
        if (x!.grad) k.upsampleBilinearGrad(...sizes, ...ratios, y!.grad, x!.grad, add!);
      },
    };
  },
};

/**
 * Enlarges images by a whole factor.
 *
 * Shapes:   x [N, C, H, W] → y [N, C, scale · H, scale · W]
 * Gradient: each pixel gets the sum over what was made from it.
 */
export const upsample = layer({
  type: 'upsample',
  about: {
    does: 'Enlarges images by a whole factor, by repeating pixels or interpolating between them.',
    formula: 'nearest: y[i, j] = x[⌊i / scale⌋, ⌊j / scale⌋]',
    shapes: 'x [N, C, H, W] → y [N, C, scale · H, scale · W]',
    gradient: 'Each pixel gets the sum over what was made from it.',
    source: 'Odena et al. 2016, "Deconvolution and checkerboard artifacts"',
  },
  options: {
    scale: optional(pair(), 2),
    mode: optional(oneOf(['nearest', 'bilinear']), 'nearest'),
  },
  forward: ([x], { scale, mode }, scope) => {
    checkFloat(x!, 'upsample');
    checkRank(x!, 4, 'upsample', 'images [N, C, H, W]');
    const [SH, SW] = both(scale);
    return scope.apply(upsampling, [x!], {
      height: SH * x!.shape[2]!,
      width: SW * x!.shape[3]!,
      mode,
      alignCorners: false,
    });
  },
  cases: [
    { inputs: [[2, 3, 3, 5]], options: {} },
    { inputs: [[1, 1, 1, 1]], options: { scale: 3 } },
    { inputs: [[1, 2, 3, 4]], options: { scale: [1, 3] } },
    { inputs: [[1, 2, 4, 3]], options: { mode: 'bilinear' } },
  ],
});
