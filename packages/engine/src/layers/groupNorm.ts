import * as v from 'valibot';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { count, optional, positive } from '../core/options.js';
import { constantFill } from '../core/parameters.js';
import { checkFloat, type Scope } from '../core/scope.js';
import { channelAxes, showShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

/** Each sample's channels in groups, normalised group by group. Inputs: x [N, C, …], and w and b [C] if affine. */
export const groupNormalization: Op<{ readonly eps: number; readonly groups: number }> = {
  name: 'groupNormalization',
  shapes: ([x], { groups }) => {
    check(
      x!.length >= 2 && x![1]! % groups === 0,
      'SHAPE',
      `groupNorm expects [N, C, …] with C a multiple of its ${groups} groups, got ${showShape(x!)}`,
    );
    return [x!];
  },
  keeps: ([x], { groups }) => ({ stats: 4 * x![0]! * groups }),
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x, w, b], y: [y], keep, accumulate: [addX, addW, addB] }, { eps, groups }) => {
    const { samples, channels, inner } = channelAxes(x!.shape);
    const sizes = [samples, channels, inner, groups] as const;
    const stats = keep['stats']!;
    const weight = w?.data ?? 0;
    return {
      forward: () => {
        k.groupNorm(...sizes, x!.data, weight, b?.data ?? 0, eps, y!.data, stats);
      },
      backward: () => {
        const [dWeight, dBias] = [w?.grad ?? 0, b?.grad ?? 0];
        const [acc, accW, accB] = [addX!, addW ?? 0, addB ?? 0];
        k.groupNormGrad(...sizes, x!.data, y!.grad, stats, weight, x!.grad, dWeight, dBias, acc, accW, accB);
      },
    };
  },
};

/** Records the norm with its weight and bias by channel. */
export function normalizeGroups(
  x: Tensor,
  { groups, eps, affine }: { groups: number; eps: number; affine: boolean },
  scope: Scope,
): Tensor {
  const inputs: Tensor[] = [x];
  if (affine) {
    inputs.push(scope.parameter('weight', [x.shape[1]!], { fill: constantFill(1) }));
    inputs.push(scope.parameter('bias', [x.shape[1]!], { fill: constantFill(0) }));
  }
  return scope.apply(groupNormalization, inputs, { eps, groups });
}

/**
 * Normalises each sample over groups of channels.
 *
 * Shapes:   x [N, C] or [N, C, …] → y of the same shape; the groups divide C
 * Params:   weight [C] 1, bias [C] 0
 * Gradient: as layerNorm's, group by group.
 */
export const groupNorm = layer({
  type: 'groupNorm',
  about: {
    does: 'Gives every group of channels of every sample zero mean and unit variance.',
    formula: 'y = w[c] (x − mean of group) / √(var of group + eps) + b[c]',
    shapes: 'x [N, C, …] → y of the same shape',
    gradient: 'Divides by the deviation of its input, whatever the batch.',
    source: 'Wu & He 2018, arXiv:1803.08494',
  },
  options: {
    groups: optional(count(), 4),
    eps: optional(positive(1), 1e-5),
    affine: optional(v.boolean(), true),
  },
  factor: 'normalization',
  forward: ([x], options, scope) => {
    checkFloat(x!, 'groupNorm');
    check(x!.shape.length >= 2, 'SHAPE', `groupNorm expects [N, C, …], got ${showShape(x!.shape)}`);
    return normalizeGroups(x!, options, scope);
  },
  cases: [
    { inputs: [[2, 6, 2, 5]], options: { groups: 3 } },
    { inputs: [[3, 8]], options: { groups: 2 } },
    { inputs: [[2, 4, 3]], options: { groups: 1, affine: false } },
    { inputs: [[1, 4, 3, 3]], options: {} },
  ],
});
