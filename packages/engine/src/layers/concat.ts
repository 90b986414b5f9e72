import * as v from 'valibot';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { sameShape, showShape, sizeOf, type Shape } from '../core/shape.js';

/** Inputs one after the other along an axis; backward gives each its part. */
export const concatenation: Op<{ readonly axis: number }> = {
  name: 'concatenation',
  shapes: (x, { axis }) => {
    const [first] = x as readonly [Shape];
    const without = (shape: Shape) => [...shape.slice(0, axis), ...shape.slice(axis + 1)];
    for (const other of x) {
      check(
        other.length === first.length && axis < first.length && sameShape(without(other), without(first)),
        'SHAPE',
        `concat expects shapes that differ in axis ${axis} only, got ${x.map(showShape).join(', ')}`,
      );
    }
    const total = x.reduce((sum, shape) => sum + shape[axis]!, 0);
    return [[...first.slice(0, axis), total, ...first.slice(axis + 1)]];
  },
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x, y: [y], accumulate }, { axis }) => {
    const rows = sizeOf(y!.shape.slice(0, axis));
    const width = sizeOf(y!.shape.slice(axis));
    const widths = x.map(({ shape }) => sizeOf(shape.slice(axis)));
    let offset = 0;
    const starts = widths.map((part) => (offset += part) - part);
    return {
      forward: () => {
        for (let i = 0; i < x.length; i++) {
          const part = widths[i]!;
          for (let row = 0; row < rows; row++) {
            k.copy(part, x[i]!.data + 4 * row * part, y!.data + 4 * (row * width + starts[i]!));
          }
        }
      },
      backward: () => {
        for (let i = 0; i < x.length; i++) {
          const part = widths[i]!;
          const { grad } = x[i]!;
          if (!grad) continue;
          for (let row = 0; row < rows; row++) {
            const from = y!.grad + 4 * (row * width + starts[i]!);
            if (accumulate[i]) k.axpy(part, 1, from, grad + 4 * row * part);
            else k.copy(part, from, grad + 4 * row * part);
          }
        }
      },
    };
  },
};

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
    x.length === 1
      ? x[0]!
      : scope.apply(concatenation, x, { axis: axis ?? (x[0]!.shape.length === 3 ? 2 : 1) }),
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
