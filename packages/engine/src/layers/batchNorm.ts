import * as v from 'valibot';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { optional, positive, real } from '../core/options.js';
import { constantFill } from '../core/parameters.js';
import { checkFloat } from '../core/scope.js';
import { channelAxes, showShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

/** How a batch norm normalises: by the batch's statistics, or by the running ones. */
export interface BatchNormAttributes {
  readonly eps: number;
  readonly momentum: number;
  readonly training: boolean;
}

/**
 * y = (x − mean) / √(var + eps) · w + b over [N, C, …], channel by channel.
 * Inputs: x, running mean, running variance, and w and b where the norm is affine.
 */
export const batchNormalization: Op<BatchNormAttributes> = {
  name: 'batchNormalization',
  shapes: ([x, mean], { training }) => {
    const { samples, channels, inner } = channelAxes(x!);
    check(
      x!.length >= 2 && channels === mean![0],
      'SHAPE',
      `batchNorm expects [N, ${mean![0]}, …], got ${showShape(x!)}`,
    );
    check(
      !training || samples * inner !== 1,
      'SHAPE',
      `batchNorm needs more than one number a channel to train on, got ${showShape(x!)}; use a larger batch or layerNorm`,
    );
    return [x!];
  },
  keeps: ([x]) => ({ stats: 4 * channelAxes(x!).channels }),
  reads: { outputs: false },
  overwrites: true,
  bind: (
    { kernels: k, x: [x, mean, variance, w, b], y: [y], keep, accumulate: [addX, , , addW, addB] },
    { eps, momentum, training },
  ) => {
    const { samples, channels, inner } = channelAxes(x!.shape);
    const stats = keep['stats']!;
    const [weight, bias] = [w?.data ?? 0, b?.data ?? 0];
    const [dWeight, dBias] = [w?.grad ?? 0, b?.grad ?? 0];
    return {
      forward: () => {
        if (training) {
          k.batchNormStats(
            samples,
            channels,
            inner,
            x!.data,
            eps,
            momentum,
            stats,
            mean!.data,
            variance!.data,
          );
        } else k.batchNormRunning(channels, mean!.data, variance!.data, eps, stats);
        k.batchNorm(samples, channels, inner, x!.data, stats, weight, bias, y!.data);
      },
      backward: () => {
        k.batchNormGrad(
          samples,
          channels,
          inner,
          x!.data,
          y!.grad,
          stats,
          weight,
          training ? 0 : 1,
          x!.grad,
          dWeight,
          dBias,
          addX!,
          addW ?? 0,
          addB ?? 0,
        );
      },
    };
  },
};

/**
 * Normalises each channel over the batch.
 *
 * Shapes:   x [N, C] or [N, C, …] → y of the same shape
 * Params:   weight [C] 1, bias [C] 0; states mean [C] 0, variance [C] 1
 * Gradient: dx = w / std · (dy − mean(dy) − x̂ · mean(dy x̂)): it divides by the signal's deviation, so the scale of
 *           the weights before it does not matter, but with ReLU it makes gradients explode with depth by about
 *           √(π / (π − 1)) a layer at initialisation.
 * Errors:   SHAPE where a channel has one number only in training
 */
export const batchNorm = layer({
  type: 'batchNorm',
  about: {
    does: 'Gives every channel zero mean and unit variance over the batch; in evaluation by running statistics.',
    formula: 'y = w (x − mean) / √(var + eps) + b;  running ← (1 − momentum) running + momentum · batch',
    shapes: 'x [N, C, …] → y of the same shape',
    gradient: 'Divides by the deviation of its input: the scale of the weights before it stops mattering.',
    source: 'Ioffe & Szegedy 2015, arXiv:1502.03167; Yang et al. 2019, arXiv:1902.08129 (gradient explosion)',
  },
  options: {
    eps: optional(positive(1), 1e-5),
    momentum: optional(real(0, 1), 0.1),
    affine: optional(v.boolean(), true),
  },
  factor: 'normalization',
  forward: ([x], { eps, momentum, affine }, scope) => {
    checkFloat(x!, 'batchNorm');
    check(x!.shape.length >= 2, 'SHAPE', `batchNorm expects [N, C, …], got ${showShape(x!.shape)}`);
    const shape = [x!.shape[1]!];
    const inputs: Tensor[] = [
      x!,
      scope.state('mean', shape, { fill: constantFill(0) }),
      scope.state('variance', shape, { fill: constantFill(1) }),
    ];
    if (affine) {
      inputs.push(scope.parameter('weight', shape, { fill: constantFill(1) }));
      inputs.push(scope.parameter('bias', shape, { fill: constantFill(0) }));
    }
    return scope.apply(batchNormalization, inputs, { eps, momentum, training: scope.mode === 'train' });
  },
  cases: [
    { inputs: [[6, 5]], options: {} },
    { inputs: [[4, 3, 5, 3]], options: {} },
    { inputs: [[3, 2, 9]], options: { affine: false } },
    { inputs: [[5, 1, 1, 1]], options: { eps: 1e-3 } },
    { inputs: [[2, 9, 4, 4]], options: {} },
  ],
});
