import * as v from 'valibot';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { optional, positive } from '../core/options.js';
import { constantFill } from '../core/parameters.js';
import { checkFloat } from '../core/scope.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { featureAxes } from './layerNorm.js';

/** y = x / √(mean(x²) + eps) · w over the last `axes` axes. Inputs: x, and w where it has one. */
export const rmsNormalization: Op<{ readonly eps: number; readonly axes: number }> = {
  name: 'rmsNormalization',
  shapes: ([x]) => [x!],
  keeps: ([x], { axes }) => ({ stats: 4 * sizeOf(x!.slice(0, x!.length - axes)) }),
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x, w], y: [y], keep, accumulate: [addX, addW] }, { eps, axes }) => {
    const rows = sizeOf(x!.shape.slice(0, x!.shape.length - axes));
    const cols = sizeOf(x!.shape.slice(x!.shape.length - axes));
    const stats = keep['stats']!;
    const weight = w?.data ?? 0;
    return {
      forward: () => {
        k.rmsNorm(rows, cols, x!.data, weight, eps, y!.data, stats);
      },
      backward: () => {
        k.rmsNormGrad(rows, cols, x!.data, y!.grad, stats, weight, x!.grad, w?.grad ?? 0, addX!, addW ?? 0);
      },
    };
  },
};

/**
 * Divides each sample (or each step of a sequence) by the root mean square of its features.
 *
 * Shapes:   x [N, D], [N, T, D] (over D) or [N, C, H, W] (over C, H and W) → y of the same shape
 * Params:   weight 1, of the features' shape
 * Gradient: dx = (g − x̂ · mean(g x̂)) / rms, g = w dy.
 */
export const rmsNorm = layer({
  type: 'rmsNorm',
  about: {
    does: 'Divides the features of every sample, or of every step of a sequence, by their root mean square.',
    formula: 'y = w x / √(mean(x²) + eps)',
    shapes: 'x [N, …, D] over D, images [N, C, H, W] over C, H and W → y of the same shape',
    gradient: 'Divides by the scale of its input; nothing is centred.',
    source: 'Zhang & Sennrich 2019, arXiv:1910.07467',
  },
  options: {
    eps: optional(positive(1), 1e-6),
    affine: optional(v.boolean(), true),
  },
  factor: 'normalization',
  forward: ([x], { eps, affine }, scope) => {
    checkFloat(x!, 'rmsNorm');
    const axes = featureAxes(x!);
    const shape = x!.shape.slice(x!.shape.length - axes);
    const inputs: Tensor[] = [x!];
    if (affine) inputs.push(scope.parameter('weight', shape, { fill: constantFill(1) }));
    return scope.apply(rmsNormalization, inputs, { eps, axes });
  },
  cases: [
    { inputs: [[4, 8]], options: {} },
    { inputs: [[2, 3, 7]], options: { affine: false } },
    { inputs: [[2, 3, 2, 3]], options: { eps: 1e-3 } },
    { inputs: [[3, 1]], options: { eps: 0.5 } },
  ],
});
