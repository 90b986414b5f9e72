import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { checkFloat, checkRank } from '../core/scope.js';
import { channelAxes } from '../core/shape.js';

/** y [N, C] = mean over all inner axes of x [N, C, …]. */
export const planeMeans: Op = {
  name: 'planeMeans',
  shapes: ([x]) => [[x![0]!, x![1]!]],
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], accumulate: [add] }) => {
    const { samples, channels, inner } = channelAxes(x!.shape);
    return {
      forward: () => {
        k.globalAvgPool(samples * channels, inner, x!.data, y!.data);
      },
      backward: () => {
        if (x!.grad) k.globalAvgPoolGrad(samples * channels, inner, y!.grad, x!.grad, add!);
      },
    };
  },
};

/**
 * Mean of each channel over the whole image.
 *
 * Shapes:   x [N, C, H, W] → y [N, C]
 * Gradient: dx = dy / (H · W) at every pixel.
 */
export const globalAvgPool2d = layer({
  type: 'globalAvgPool2d',
  about: {
    does: 'Takes the mean of each channel over the whole image.',
    formula: 'y[c] = 1 / (H W) Σ x[c, i, j]',
    shapes: 'x [N, C, H, W] → y [N, C]',
    gradient: 'Spread evenly over the image: its rms shrinks by H · W.',
    source: 'Lin et al. 2013, arXiv:1312.4400',
  },
  options: {},
  forward: ([x], _, scope) => {
    checkFloat(x!, 'globalAvgPool2d');
    checkRank(x!, 4, 'globalAvgPool2d', 'images [N, C, H, W]');
    return scope.apply(planeMeans, [x!], undefined);
  },
  cases: [
    { inputs: [[2, 3, 4, 5]], options: {} },
    { inputs: [[1, 1, 1, 1]], options: {} },
  ],
});
