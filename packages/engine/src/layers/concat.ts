import * as v from 'valibot';
import { layer } from '../core/layer.js';
import { concatOp } from '../ops/place.js';

/**
 * Joins its inputs along the channels or features.
 *
 * Shapes:   x₁ [N, C₁, …], x₂ [N, C₂, …], … → y [N, C₁ + C₂ + …, …]; sequences [N, T, D] along D; or along `axis`
 * Gradient: each input gets its own part, unchanged.
 */
export const concat = layer({
  type: 'concat',
  about: {
    does: 'Lays its inputs side by side: channels of images, features of vectors and sequences.',
    formula: 'y = [x₁, x₂, …]',
    shapes: 'x₁ [N, C₁, …], x₂ [N, C₂, …] → y [N, C₁ + C₂, …]; sequences [N, T, D] along D',
    gradient: 'Each input gets its own part, unchanged: a short way back, as a skip is.',
    source:
      'Huang et al. 2016, arXiv:1608.06993 (DenseNet); Ronneberger et al. 2015, arXiv:1505.04597 (U-Net)',
  },
  options: { axis: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))) },
  inputs: 'many',
  site: false,
  forward: (x, { axis }, scope) =>
    x.length === 1 ? x[0]! : scope.apply(concatOp, x, { axis: axis ?? (x[0]!.shape.length === 3 ? 2 : 1) }),
  cases: [
    {
      inputs: [
        [3, 2],
        [3, 5],
      ],
      options: {},
    },
    {
      inputs: [
        [2, 3, 2, 2],
        [2, 1, 2, 2],
        [2, 4, 2, 2],
      ],
      options: {},
    },
    {
      inputs: [
        [2, 3, 4],
        [2, 3, 1],
      ],
      options: {},
    },
    {
      inputs: [
        [2, 3, 4],
        [2, 1, 4],
      ],
      options: { axis: 1 },
    },
  ],
});
