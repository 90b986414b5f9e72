import * as v from 'valibot';
import { layer } from '../core/layer.js';
import { check } from '../core/errors.js';
import { optional, positive } from '../core/options.js';
import { checkFloat } from '../core/scope.js';
import { channelAxes, showShape } from '../core/shape.js';
import { normalizeGroups } from './groupNorm.js';

/**
 * Normalises each channel of each sample over its pixels.
 *
 * Shapes:   x [N, C, …] with more than one number a channel → y of the same shape
 * Params:   weight [C] 1, bias [C] 0
 * Gradient: as layerNorm's, channel by channel.
 */
export const instanceNorm = layer({
  type: 'instanceNorm',
  about: {
    does: 'Gives every channel of every sample zero mean and unit variance: contrast is thrown away.',
    formula: 'y = w[c] (x − mean of channel) / √(var of channel + eps) + b[c]',
    shapes: 'x [N, C, H, W] → y of the same shape',
    gradient: 'Divides by the deviation of each channel of each sample.',
    source: 'Ulyanov et al. 2016, arXiv:1607.08022',
  },
  options: {
    eps: optional(positive(1), 1e-5),
    affine: optional(v.boolean(), true),
  },
  factor: 'normalization',
  forward: ([x], { eps, affine }, scope) => {
    checkFloat(x!, 'instanceNorm');
    check(
      channelAxes(x!.shape).inner > 1,
      'SHAPE',
      `instanceNorm expects more than one number a channel, got ${showShape(x!.shape)}; use layerNorm`,
    );
    return normalizeGroups(x!, { groups: x!.shape[1]!, eps, affine }, scope);
  },
  cases: [
    { inputs: [[2, 3, 4, 5]], options: {} },
    { inputs: [[1, 2, 7]], options: { affine: false } },
  ],
});
