import * as v from 'valibot';
import { activationSchema } from '../activations/activation.js';
import { layer } from '../core/layer.js';
import { count, optional } from '../core/options.js';
import { checkFloat, checkRank } from '../core/scope.js';
import { initSchema } from '../inits/init.js';
import { activate, biasSchema, completeInit } from './activate.js';
import { convolve } from './conv2d.js';

/** A row of an option that conv2d takes for two axes. */
const row = <T extends string | number>(value: T): T | readonly [number, number] =>
  typeof value === 'number' ? [0, value] : value;

/**
 * Convolution along one axis, then the activation: conv2d on images one pixel high.
 *
 * Shapes:   x [N, C, L], W [O, C / groups, K], b [O] → y [N, O, L′]
 * Params:   weight by `init` (fanIn = C / groups · K, fanOut = O / groups · K), bias 0
 * Gradient: as conv2d's.
 */
export const conv1d = layer({
  type: 'conv1d',
  about: {
    does: 'Slides a small kernel along one axis: the same weights at every place.',
    formula: 'y[o, i] = f(b[o] + Σ x[c, i s + a d − p] · W[o, c, a])',
    shapes: 'x [N, C, L] → y [N, O, L′]',
    gradient:
      'Backward multiplies the gradient by about √(fanOut · Var W / stride) and by the activation’s slope.',
    source: 'Waibel et al. 1989 (time-delay networks)',
  },
  options: {
    out: count(),
    kernel: optional(count(), 3),
    stride: optional(count(), 1),
    padding: optional(v.union([v.picklist(['same', 'valid']), count(0, 65_536)]), 'same'),
    dilation: optional(count(), 1),
    groups: optional(count(), 1),
    bias: optional(biasSchema(), true),
    activation: optional(activationSchema(), 'identity'),
    init: v.optional(initSchema()),
  },
  complete: completeInit,
  forward: ([x], { kernel, stride, padding, dilation, ...options }, scope) => {
    checkFloat(x!, 'conv1d');
    checkRank(x!, 3, 'conv1d', 'signals [N, C, L]');
    const [N, C, L] = x!.shape as [number, number, number];
    const image = convolve(
      scope.reshape(x!, [N, C, 1, L]),
      {
        ...options,
        kernel: [1, kernel],
        stride: [1, stride],
        padding: row(padding),
        dilation: [1, dilation],
      },
      scope,
      'conv1d',
    );
    const [, O, , length] = image.shape as [number, number, number, number];
    return activate(scope.reshape(image, [N, O, length]), options.activation, scope);
  },
  cases: [
    { inputs: [[2, 3, 9]], options: { out: 4 } },
    { inputs: [[1, 1, 1]], options: { out: 1, kernel: 1 } },
    {
      inputs: [[2, 4, 13]],
      options: { out: 6, kernel: 5, stride: 2, padding: 2, groups: 2, activation: 'tanh' },
    },
    { inputs: [[1, 2, 11]], options: { out: 3, dilation: 3, padding: 'valid', bias: false } },
  ],
});
