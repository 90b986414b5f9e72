import type { Op } from '../../packages/engine/src/core/op.js';
import type { Tensor } from '../../packages/engine/src/core/tensor.js';
import { power } from '../../packages/engine/src/ops/broadcast.js';
import * as broadcast from '../../packages/engine/src/ops/broadcast.js';
import { einsum } from '../../packages/engine/src/ops/einsum.js';
import { concatOp, padOp } from '../../packages/engine/src/ops/place.js';
import { reductions, type ReductionKind } from '../../packages/engine/src/ops/reduce.js';
import { borderTaps, resize, type ResizeAxis } from '../../packages/engine/src/ops/resize.js';
import { cumulativeSum, gatherOp, tapsOp } from '../../packages/engine/src/ops/taps.js';
import { clamp } from '../../packages/engine/src/ops/unary.js';
import { slice, transpose } from '../../packages/engine/src/ops/view.js';
import { axisOf } from '../../packages/engine/src/ops/strides.js';
import type { Scope } from '../../packages/engine/src/core/scope.js';
import type { Mapping } from './mapping.js';

/** One number as a tensor: computed from nothing, so that no initialisation is needed. */
function constant(value: number, scope: Scope): Tensor {
  const one: Op = {
    name: 'constant',
    shapes: () => [[]],
    bind: ({ kernels: k, y: [y] }) => ({ forward: () => k.fill(1, y!.data, value) }),
  };
  return scope.apply(one, [], undefined);
}

const binary = (op: Op): Mapping => ({
  record: ({ a, b }, _, scope) => ({ y: scope.apply(op, [a!, b!], undefined) }),
});

const reduction = (kind: ReductionKind): Mapping => ({
  record: ({ x }, { dims, keepdim }, scope) => ({
    y: scope.apply(reductions[kind], [x!], {
      axes: (dims as number[]).map((dim) => axisOf(dim, x!.shape.length)),
      keep: keepdim as boolean,
    }),
  }),
});

/** Axes of an image resized as PyTorch's interpolate does. */
function axesOf(
  x: Tensor,
  { mode, align_corners, scale, size }: Readonly<Record<string, unknown>>,
): (ResizeAxis & { axis: number })[] {
  return [2, 3].map((axis) => {
    const from = x.shape[axis]!;
    const to = size ? (size as number[])[axis - 2]! : from * (scale as number);
    return {
      axis,
      from,
      to,
      scale: to / from,
      mode:
        mode === 'bicubic'
          ? ('cubic' as const)
          : mode === 'bilinear'
            ? ('linear' as const)
            : ('nearest' as const),
      coordinates:
        mode === 'nearest'
          ? ('asymmetric' as const)
          : align_corners
            ? ('align_corners' as const)
            : ('half_pixel' as const),
      nearest: mode === 'nearest' ? ('floor' as const) : ('round_prefer_ceil' as const),
    };
  });
}

export const tensor: Record<string, Mapping> = {
  add: binary(broadcast.addBroadcast),
  sub: binary(broadcast.subtract),
  mul: binary(broadcast.multiplyBroadcast),
  div: binary(broadcast.divide),
  maximum: binary(broadcast.maximum),
  minimum: binary(broadcast.minimum),
  pow: {
    record: ({ x }, { exponent }, scope) => ({
      y: scope.apply(power, [x!, constant(exponent as number, scope)], undefined),
    }),
  },
  reduce_sum: reduction('sum'),
  reduce_mean: reduction('mean'),
  reduce_amax: reduction('max'),
  reduce_amin: reduction('min'),
  reduce_l2: reduction('l2'),
  reduce_var_biased: {
    record: ({ x }, { dims, keepdim }, scope) => {
      const axes = (dims as number[]).map((dim) => axisOf(dim, x!.shape.length));
      const mean = scope.apply(reductions.mean, [x!], { axes, keep: true });
      const centred = scope.apply(broadcast.subtract, [x!, mean], undefined);
      const squares = scope.apply(broadcast.multiplyBroadcast, [centred, centred], undefined);
      return { y: scope.apply(reductions.mean, [squares], { axes, keep: keepdim as boolean }) };
    },
  },
  concat: {
    record: (parts, { dim }, scope) => {
      const tensors = Object.values(parts);
      return { y: scope.apply(concatOp, tensors, { axis: axisOf(dim as number, tensors[0]!.shape.length) }) };
    },
  },
  slice: {
    record: ({ x }, { dim, start, stop, step }, scope) => {
      const [first, last, by] = [start, stop, step] as [number, number, number];
      const axis = axisOf(dim as number, x!.shape.length);
      return {
        y: slice(x!, [{ axis, start: first, length: Math.ceil((last - first) / by), step: by }], scope),
      };
    },
  },
  transpose: { record: ({ x }, { perm }, scope) => ({ y: transpose(x!, perm as number[], scope) }) },
  pad: {
    record: ({ x }, { mode, pads }, scope) => {
      const [left, right, top, bottom] = pads as [number, number, number, number];
      if (mode === 'constant') {
        // Negative pads crop.
        const cropped = slice(
          x!,
          (
            [
              [2, top, bottom],
              [3, left, right],
            ] as const
          ).map(([axis, before, after]) => ({
            axis,
            start: Math.max(0, -before),
            length: x!.shape[axis]! + Math.min(0, before) + Math.min(0, after),
            step: 1,
          })),
          scope,
        );
        return {
          y: scope.apply(padOp, [cropped], {
            before: [0, 0, Math.max(0, top), Math.max(0, left)],
            after: [0, 0, Math.max(0, bottom), Math.max(0, right)],
            value: 0,
          }),
        };
      }
      const border = mode === 'reflect' ? 'reflect' : mode === 'circular' ? 'wrap' : 'edge';
      const rows = scope.apply(tapsOp, [x!], borderTaps(2, x!.shape[2]!, top, bottom, border));
      return { y: scope.apply(tapsOp, [rows], borderTaps(3, x!.shape[3]!, left, right, border)) };
    },
  },
  upsample: { record: ({ x }, attributes, scope) => ({ y: resize(x!, axesOf(x!, attributes), scope) }) },
  pixel_shuffle: {
    record: ({ x }, { r }, scope) => {
      const by = r as number;
      const [N, C, H, W] = x!.shape as [number, number, number, number];
      const split = scope.reshape(x!, [N, C / by / by, by, by, H, W]);
      return {
        y: scope.reshape(transpose(split, [0, 1, 4, 2, 5, 3], scope), [N, C / by / by, H * by, W * by]),
      };
    },
  },
  channel_shuffle: {
    record: ({ x }, { groups }, scope) => {
      const [N, C, H, W] = x!.shape as [number, number, number, number];
      const split = scope.reshape(x!, [N, groups as number, C / (groups as number), H, W]);
      return { y: scope.reshape(transpose(split, [0, 2, 1, 3, 4], scope), [N, C, H, W]) };
    },
  },
  clamp: {
    record: ({ x }, { min, max }, scope) => ({
      y: scope.apply(clamp, [x!], { low: min as number, high: max as number }),
    }),
  },
  where: {
    record: ({ cond, a, b }, _, scope) => {
      // The harness feeds booleans as integers; the zero word of a float and of an integer are the same.
      return { y: scope.apply(broadcast.where, [cond!, a!, b!], undefined) };
    },
  },
  gather: {
    record: ({ x, index }, { dim }, scope) => ({
      y: scope.apply(gatherOp, [x!, index!], { axis: axisOf(dim as number, x!.shape.length), floats: false }),
    }),
  },
  cumsum: {
    record: ({ x }, { dim }, scope) => ({
      y: scope.apply(cumulativeSum, [x!], {
        axis: axisOf(dim as number, x!.shape.length),
        exclusive: false,
        reverse: false,
      }),
    }),
  },
  einsum: { record: ({ a, b }, { eq }, scope) => ({ y: einsum(eq as string, [a!, b!], scope) }) },
};
