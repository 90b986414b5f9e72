import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { optional, share } from '../core/options.js';
import { checkFloat } from '../core/scope.js';
import { sizeOf } from '../core/shape.js';

/** Drops numbers with probability `rate` and scales the others by 1 / (1 − rate); another draw at each step. */
export const dropping: Op<{ readonly rate: number }> = {
  name: 'dropping',
  shapes: ([x]) => [x!],
  keeps: ([x]) => ({ bits: sizeOf(x!) }),
  reads: { inputs: false, outputs: false },
  inPlace: true,
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], keep, clock, stream, accumulate: [add] }, { rate }) => {
    const bits = keep['bits']!;
    const threshold = Math.floor(rate * 2 ** 32) | 0; // an unsigned number in a signed word
    const scale = 1 / (1 - rate);
    const { size } = x!;
    return {
      forward: () => {
        k.randomBits(size, bits, stream[0], stream[1], clock.step, 0, 0);
        k.dropout(size, bits, threshold, scale, x!.data, y!.data);
      },
      backward: () => {
        if (x!.grad) k.dropoutGrad(size, bits, threshold, scale, y!.grad, x!.grad, add!);
      },
    };
  },
};

/**
 * Drops numbers at random while training; the identity in evaluation.
 *
 * Shapes:   x → y of the same shape
 * Gradient: dropped where the number was, scaled elsewhere: E[dx] = dy.
 */
export const dropout = layer({
  type: 'dropout',
  about: {
    does: 'Sets numbers to 0 at random while training, and scales up the rest; does nothing in evaluation.',
    formula: 'y = x · m / (1 − rate), m ~ Bernoulli(1 − rate)',
    shapes: 'x → y of the same shape',
    gradient: 'Multiplied by the same mask: noisier, the same on average.',
    source: 'Srivastava et al. 2014',
  },
  options: { rate: optional(share(), 0.5) },
  site: false,
  forward: ([x], { rate }, scope) => {
    checkFloat(x!, 'dropout');
    return rate === 0 || scope.mode === 'eval' ? x! : scope.apply(dropping, [x!], { rate });
  },
  cases: [
    { inputs: [[5, 7]], options: {} },
    { inputs: [[2, 3, 4, 5]], options: { rate: 0.2 } },
  ],
});
