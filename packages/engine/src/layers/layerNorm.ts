import * as v from 'valibot';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { optional, positive } from '../core/options.js';
import { constantFill } from '../core/parameters.js';
import { checkFloat } from '../core/scope.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

/** y = (x − mean) / √(var + eps) · w + b over the last `axes` axes. Inputs: x, and w and b where it is affine. */
export const layerNormalization: Op<{ readonly eps: number; readonly axes: number }> = {
  name: 'layerNormalization',
  shapes: ([x]) => [x!],
  keeps: ([x], { axes }) => ({ stats: 4 * sizeOf(x!.slice(0, x!.length - axes)) }),
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x, w, b], y: [y], keep, accumulate: [addX, addW, addB] }, { eps, axes }) => {
    const rows = sizeOf(x!.shape.slice(0, x!.shape.length - axes));
    const cols = sizeOf(x!.shape.slice(x!.shape.length - axes));
    const stats = keep['stats']!;
    const weight = w?.data ?? 0;
    return {
      forward: () => {
        k.layerNorm(rows, cols, x!.data, weight, b?.data ?? 0, eps, y!.data, stats);
      },
      backward: () => {
        const [dWeight, dBias] = [w?.grad ?? 0, b?.grad ?? 0];
        const [acc, accW, accB] = [addX!, addW ?? 0, addB ?? 0];
        k.layerNormGrad(
          rows,
          cols,
          x!.data,
          y!.grad,
          stats,
          weight,
          x!.grad,
          dWeight,
          dBias,
          acc,
          accW,
          accB,
        );
      },
    };
  },
};

/** The axes that make up one sample's features: an image as a whole, else the last axis. */
export function featureAxes(x: Tensor): number {
  return x.shape.length === 4 ? 3 : 1;
}

/**
 * Normalises each sample (or each step of a sequence) over its features.
 *
 * Shapes:   x [N, D], [N, T, D] (over D) or [N, C, H, W] (over C, H and W) → y of the same shape
 * Params:   weight 1 and bias 0, of the features' shape
 * Gradient: dx = (g − mean(g) − x̂ · mean(g x̂)) / std, g = w dy: no component along 1 and x̂ comes back.
 */
export const layerNorm = layer({
  type: 'layerNorm',
  about: {
    does: 'Gives the features of every sample, or of every step of a sequence, zero mean and unit variance.',
    formula: 'y = w (x − mean) / √(var + eps) + b',
    shapes: 'x [N, …, D] over D, images [N, C, H, W] over C, H and W → y of the same shape',
    gradient: 'Divides by the deviation of its input, whatever the batch.',
    source: 'Ba et al. 2016, arXiv:1607.06450',
  },
  options: {
    eps: optional(positive(1), 1e-5),
    affine: optional(v.boolean(), true),
  },
  factor: 'normalization',
  forward: ([x], { eps, affine }, scope) => {
    checkFloat(x!, 'layerNorm');
    const axes = featureAxes(x!);
    const shape = x!.shape.slice(x!.shape.length - axes);
    const inputs: Tensor[] = [x!];
    if (affine) {
      inputs.push(scope.parameter('weight', shape, { fill: constantFill(1) }));
      inputs.push(scope.parameter('bias', shape, { fill: constantFill(0) }));
    }
    return scope.apply(layerNormalization, inputs, { eps, axes });
  },
  cases: [
    { inputs: [[4, 8]], options: {} },
    { inputs: [[2, 3, 7]], options: {} },
    { inputs: [[3, 5]], options: { affine: false } },
    { inputs: [[2, 3, 2, 3]], options: { eps: 1e-3 } },
    { inputs: [[3, 1]], options: {} },
  ],
});
