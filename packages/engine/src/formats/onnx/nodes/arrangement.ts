import { EngineError } from '../../../core/errors.js';
import { showShape, sizeOf } from '../../../core/shape.js';
import type { Tensor } from '../../../core/tensor.js';
import { lookUpOp } from '../../../ops/lookUp.js';
import { concatOp } from '../../../ops/place.js';
import { borderTaps, resize, type Coordinates, type ResizeAxis } from '../../../ops/resize.js';
import { aroundAxis, axisOf, stridesOf } from '../../../ops/strides.js';
import { gatherOp, tapsOp } from '../../../ops/taps.js';
import { tile, transpose } from '../../../ops/view.js';
import { float, floats, int, listOf, scalarOf, text } from '../args.js';
import type { Constant } from '../constant.js';
import { isConstant, type Recorder } from '../context.js';
import { gatherTuples } from '../folding.js';
import { multiplyBroadcast } from '../../../ops/broadcast.js';
import { padded } from './convolution.js';

const concat: Recorder = (c) => {
  const parts = Array.from({ length: c.count }, (_, i) => i).filter((i) => c.has(i));
  const tensors = parts.map((i) => c.tensor(i));
  const axis = axisOf(int(c, 'axis', 1), tensors[0]!.shape.length);
  const filled = tensors.filter(({ shape }) => sizeOf(shape) > 0);
  if (filled.length === 1) return [filled[0]!];
  const y = c.scope.apply(concatOp, filled.length > 0 ? filled : tensors, { axis });
  if (parts.filter((i) => !c.isWeight(i) && !c.isKnown(i)).length > 1)
    c.site('concat', y, { factor: 'skip' });
  return [y];
};

/** Indices known before the run pick once and for all; ids from the data look rows up at every step. */
const gather: Recorder = (c) => {
  const shape = c.shape(0);
  const axis = axisOf(int(c, 'axis', 0), shape.length);
  const indices = c.value(1);
  if (isConstant(indices)) {
    const x = c.parameter(0, { role: 'weight' });
    const picked = c.scope.apply(tapsOp, [x], {
      axis,
      length: indices.data.length,
      taps: 1,
      indices: safeIndices(indices, shape[axis]!),
      weights: null,
    });
    const y = c.scope.reshape(picked, [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)]);
    return [y];
  }
  const table = c.parameter(0, { role: 'weight', fanIn: 1, fanOut: shape.at(-1) ?? 1 });
  const { tensor, floats: isFloat } = c.ids(1);
  const plain = axis === 0 && shape.length === 2 && !isFloat && tensor.shape.length > 0;
  const y = plain
    ? c.scope.apply(lookUpOp, [tensor, table], { padding: -1 })
    : c.scope.apply(gatherOp, [table, tensor], { axis, floats: isFloat });
  if (c.isWeight(0)) c.site('embedding', y, { input: tensor });
  return [y];
};

function safeIndices(indices: Constant, length: number): Int32Array {
  return Int32Array.from(indices.data, (index) => {
    const at = index < 0 ? index + length : index;
    if (!(at >= 0 && at < length))
      throw new EngineError('SHAPE', `index ${index} is outside an axis of ${length}`);
    return at;
  });
}

const gatherND: Recorder = (c) => {
  const x = c.parameter(0, { role: 'weight' });
  const { offsets, rest, result } = gatherTuples(c.constant(1), x.shape, int(c, 'batch_dims', 0));
  const inner = sizeOf(rest);
  const flat = c.scope.reshape(x, [sizeOf(x.shape) / inner, inner]);
  const indices = Int32Array.from(offsets, (offset) => offset / inner);
  const picked = c.scope.apply(tapsOp, [flat], {
    axis: 0,
    length: indices.length,
    taps: 1,
    indices,
    weights: null,
  });
  return [c.scope.reshape(picked, result)];
};

const gatherElements: Recorder = (c) => {
  const x = c.tensor(0);
  const indices = c.constant(1);
  const axis = axisOf(int(c, 'axis', 0), x.shape.length);
  const strides = stridesOf(x.shape);
  const own = stridesOf(indices.shape);
  const flat = c.scope.reshape(x, [sizeOf(x.shape)]);
  const offsets = Int32Array.from(indices.data, (index, i) => {
    const at = index < 0 ? index + x.shape[axis]! : index;
    return strides.reduce(
      (sum, stride, d) => sum + stride * (d === axis ? at : Math.floor(i / own[d]!) % indices.shape[d]!),
      0,
    );
  });
  const picked = c.scope.apply(tapsOp, [flat], {
    axis: 0,
    length: offsets.length,
    taps: 1,
    indices: offsets,
    weights: null,
  });
  return [c.scope.reshape(picked, indices.shape)];
};

const pad: Recorder = (c) => {
  const x = c.tensor(0);
  const rank = x.shape.length;
  const given = listOf(c, 'pads', 1) ?? [];
  const axes = c.has(3)
    ? Array.from(c.constant(3).data, (axis) => axisOf(axis, rank))
    : x.shape.map((_, axis) => axis);
  const [before, after] = [x.shape.map(() => 0), x.shape.map(() => 0)];
  axes.forEach((axis, i) => {
    before[axis] = given[i] ?? 0;
    after[axis] = given[axes.length + i] ?? 0;
  });
  const mode = text(c, 'mode', 'constant');
  if (mode === 'constant') return [padded(c, x, before, after, scalarOf(c, 'value', 2) ?? 0)];
  if (mode !== 'reflect' && mode !== 'edge' && mode !== 'wrap') return c.fail(`Pad with mode "${mode}"`);
  let y = x;
  for (let axis = 0; axis < rank; axis++) {
    if (before[axis] === 0 && after[axis] === 0) continue;
    y = c.scope.apply(tapsOp, [y], borderTaps(axis, y.shape[axis]!, before[axis]!, after[axis]!, mode));
  }
  return [y];
};

/** Resize (10 and later) and its forerunner Upsample (7 to 9). */
const resized: Recorder = (c) => {
  const x = c.tensor(0);
  const rank = x.shape.length;
  const isUpsample = c.node.opType === 'Upsample';
  const ten = isUpsample || c.version < 11;
  const scalesAt = ten ? 1 : 2;
  const given =
    isUpsample && c.node.attributes.has('scales')
      ? floats(c, 'scales')
      : c.has(scalesAt)
        ? Array.from(c.constant(scalesAt).data)
        : null;
  const sizes = !ten && c.has(3) ? Array.from(c.constant(3).data) : null;
  const axes =
    c.node.attributes.get('axes')?.ints.map((axis) => axisOf(axis, rank)) ?? x.shape.map((_, axis) => axis);
  const scales = given && given.length > 0 ? given : null;
  if (!scales && !sizes) c.fail('Resize with neither scales nor sizes');
  const mode = text(c, 'mode', 'nearest');
  const coordinates = (
    ten ? 'asymmetric' : text(c, 'coordinate_transformation_mode', 'half_pixel')
  ) as Coordinates;
  const roi = coordinates === 'tf_crop_and_resize' && c.has(1) ? c.constant(1).data : null;
  if (coordinates === 'tf_crop_and_resize' && float(c, 'extrapolation_value', 0) !== 0)
    c.fail('Resize with an extrapolation value other than 0');
  const policy = text(c, 'keep_aspect_ratio_policy', 'stretch');
  let lengths = axes.map((axis, i) => (sizes ? sizes[i]! : Math.floor(x.shape[axis]! * scales![i]!)));
  if (sizes && policy !== 'stretch') {
    const ratios = axes.map((axis, i) => sizes[i]! / x.shape[axis]!);
    const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
    lengths = axes.map((axis) => Math.round(ratio * x.shape[axis]!));
  }
  const resizedAxes = axes.flatMap((axis, i): (ResizeAxis & { axis: number })[] => {
    const from = x.shape[axis]!;
    const to = lengths[i]!;
    const scale = sizes ? to / from : scales![i]!;
    if (to === from && scale === 1 && !roi) return [];
    return [
      {
        axis,
        from,
        to,
        scale,
        mode: mode === 'nearest' ? 'nearest' : mode === 'linear' || mode === 'bilinear' ? 'linear' : 'cubic',
        coordinates,
        nearest: ten
          ? 'floor'
          : (text(c, 'nearest_mode', 'round_prefer_floor') as NonNullable<ResizeAxis['nearest']>),
        cubic: float(c, 'cubic_coeff_a', -0.75),
        excludeOutside: int(c, 'exclude_outside', 0) !== 0,
        antialias: int(c, 'antialias', 0) !== 0,
        ...(roi ? { crop: [roi[i]!, roi[axes.length + i]!] as const } : {}),
      },
    ];
  });
  if (resizedAxes.length === 0) return [x];
  const y = resize(x, resizedAxes, c.scope);
  c.site('upsample', y);
  return [y];
};

const depthToSpace: Recorder = (c) => {
  const x = c.tensor(0);
  const by = int(c, 'blocksize', 1);
  const [N, C, H, W] = x.shape as [number, number, number, number];
  const inner = C / by / by;
  const isRows = text(c, 'mode', 'DCR') === 'DCR';
  const split = c.scope.reshape(x, isRows ? [N, by, by, inner, H, W] : [N, inner, by, by, H, W]);
  const moved = transpose(split, isRows ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3], c.scope);
  return [c.scope.reshape(moved, [N, inner, H * by, W * by])];
};

const spaceToDepth: Recorder = (c) => {
  const x = c.tensor(0);
  const by = int(c, 'blocksize', 1);
  const [N, C, H, W] = x.shape as [number, number, number, number];
  const split = c.scope.reshape(x, [N, C, H / by, by, W / by, by]);
  const moved = transpose(split, [0, 3, 5, 1, 2, 4], c.scope);
  return [c.scope.reshape(moved, [N, C * by * by, H / by, W / by])];
};

const tiled: Recorder = (c) => [tile(c.tensor(0), Array.from(c.constant(1).data), c.scope)];

/** Above or below a diagonal: a product with a mask of zeros and ones. */
const triangle: Recorder = (c) => {
  const x = c.tensor(0);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const k = c.has(1) ? c.constant(1).data[0]! : 0;
  const upper = int(c, 'upper', 1) !== 0;
  const data = Float32Array.from({ length: rows * columns }, (_, i) => {
    const distance = (i % columns) - Math.floor(i / columns);
    return (upper ? distance >= k : distance <= k) ? 1 : 0;
  });
  const mask = c.constantTensor(
    { kind: 'constant', shape: [rows, columns], type: 1, data, name: null },
    `${c.name}/mask`,
  );
  return [c.scope.apply(multiplyBroadcast, [x, mask], undefined)];
};

/** Data scattered to known places: everything else stays. */
const scatterND: Recorder = (c) => {
  const data = c.tensor(0);
  const updates = c.tensor(2);
  const { offsets, rest } = gatherTuples(c.constant(1), data.shape, 0);
  const inner = sizeOf(rest);
  const count = sizeOf(data.shape) / inner;
  if (text(c, 'reduction', 'none') !== 'none') c.fail('ScatterND that adds or multiplies');
  // Row r of the result is row r of the data, or the update that was written last.
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  offsets.forEach((offset, i) => (rows[offset / inner] = count + i));
  const joined = c.scope.apply(
    concatOp,
    [c.scope.reshape(data, [count, inner]), c.scope.reshape(updates, [offsets.length, inner])],
    { axis: 0 },
  );
  const picked = c.scope.apply(tapsOp, [joined], {
    axis: 0,
    length: count,
    taps: 1,
    indices: rows,
    weights: null,
  });
  return [c.scope.reshape(picked, data.shape)];
};

/** Reversal of the first `sequence_lens[b]` steps of each sample, the lengths being known. */
const reverseSequence: Recorder = (c) => {
  const x = c.tensor(0);
  const [batchAxis, timeAxis] = [int(c, 'batch_axis', 1), int(c, 'time_axis', 0)];
  const lengths = c.constant(1).data;
  const batchFirst = transpose(
    x,
    [
      batchAxis,
      timeAxis,
      ...x.shape.map((_, axis) => axis).filter((axis) => axis !== batchAxis && axis !== timeAxis),
    ],
    c.scope,
  );
  const [B, T, ...rest] = batchFirst.shape as [number, number, ...number[]];
  const flat = c.scope.reshape(batchFirst, [B * T, sizeOf(rest)]);
  const indices = Int32Array.from({ length: B * T }, (_, i) => {
    const [b, t] = [Math.floor(i / T), i % T];
    return b * T + (t < lengths[b]! ? lengths[b]! - 1 - t : t);
  });
  const picked = c.scope.apply(tapsOp, [flat], { axis: 0, length: B * T, taps: 1, indices, weights: null });
  const order = [
    batchAxis,
    timeAxis,
    ...x.shape.map((_, axis) => axis).filter((axis) => axis !== batchAxis && axis !== timeAxis),
  ];
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return [transpose(c.scope.reshape(picked, batchFirst.shape), inverse, c.scope)];
};

/** The entries along an axis whose flag is set, the flags being known. */
const compress: Recorder = (c) => {
  const flags = c.constant(1).data;
  const x = c.tensor(0);
  const hasAxis = c.node.attributes.has('axis');
  const source: Tensor = hasAxis ? x : c.scope.reshape(x, [sizeOf(x.shape)]);
  const axis = hasAxis ? axisOf(int(c, 'axis', 0), x.shape.length) : 0;
  const indices = Int32Array.from([...flags.keys()].filter((i) => flags[i] !== 0));
  const { length } = aroundAxis(source.shape, axis);
  if (indices.some((index) => index >= length))
    throw new EngineError('SHAPE', `Compress of ${showShape(x.shape)} by ${flags.length} flags`);
  return [c.scope.apply(tapsOp, [source], { axis, length: indices.length, taps: 1, indices, weights: null })];
};

export const arrangementNodes: Readonly<Record<string, Recorder>> = {
  Concat: concat,
  Gather: gather,
  GatherND: gatherND,
  GatherElements: gatherElements,
  Pad: pad,
  Resize: resized,
  Upsample: resized,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Tile: tiled,
  Trilu: triangle,
  ScatterND: scatterND,
  ReverseSequence: reverseSequence,
  Compress: compress,
};
