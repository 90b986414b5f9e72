import { EngineError } from '../../core/errors.js';
import { type Shape, showShape, sizeOf } from '../../core/shape.js';
import {
  type Strides,
  aroundAxis,
  axisOf,
  broadcastShapes,
  broadcastStrides,
  stridesOf,
} from '../../ops/strides.js';
import { type Args, float, int, ints, reducedAxes, tensorAttribute, text } from './args.js';
import {
  BOOL,
  type Constant,
  DOUBLE,
  FLOAT,
  INT32,
  INT64,
  constantOf,
  integers,
  isFloatType,
} from './constant.js';

/** Most numbers that a folded value may have: shape arithmetic and masks need far fewer. */
const MAX_FOLDED = 4_000_000;

/** A constant, after checking that it is not absurdly large. */
export function make(shape: Shape, type: number, values: ArrayLike<number>): Constant {
  return constantOf(shape, type, values);
}

export function bounded(args: Args, shape: Shape): number {
  const size = sizeOf(shape);
  if (!(size <= MAX_FOLDED) || shape.some((length) => !(length >= 0) || !Number.isInteger(length))) {
    throw new EngineError('SHAPE', `a constant of shape ${showShape(shape)} is impossible or too large`);
  }
  args.charge(size);
  return size;
}

/** Values at each index of `shape`, walked by strides, in row-major order. */
export function walk(
  args: Args,
  shape: Shape,
  strides: Strides,
  offset: number,
  read: (index: number) => number,
): Float64Array {
  const size = bounded(args, shape);
  const values = new Float64Array(size);
  const counters = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < size; i++) {
    values[i] = read(at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      counters[axis] = counters[axis]! + 1;
      if (counters[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      counters[axis] = 0;
    }
  }
  return values;
}

type Binary = (a: number, b: number) => number;

/** Elementwise over broadcast inputs. */
export function combine(args: Args, fn: Binary, type?: number): Constant[] {
  let result = args.constant(0);
  for (let i = 1; i < Math.max(2, args.node.inputs.length); i++) {
    if (!args.has(i)) break;
    const other = args.constant(i);
    const shape = broadcastShapes(result.shape, other.shape);
    const left = walk(args, shape, broadcastStrides(result.shape, shape), 0, (at) => result.data[at]!);
    const right = walk(args, shape, broadcastStrides(other.shape, shape), 0, (at) => other.data[at]!);
    result = make(
      shape,
      type ?? result.type,
      left.map((a, at) => fn(a, right[at]!)),
    );
  }
  return [result];
}

export function unary(args: Args, fn: (x: number) => number, type?: number): Constant[] {
  const x = args.constant(0);
  return [make(x.shape, type ?? x.type, Float64Array.from(x.data, fn))];
}

export function reduce(
  args: Args,
  start: number,
  step: Binary,
  finish: (sum: number, count: number) => number = (sum) => sum,
): Constant[] {
  const x = args.constant(0);
  const { axes, keep } = reducedAxes(args);
  if (axes.length === 0) return [x];
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const sums = new Float64Array(sizeOf(kept)).fill(start);
  let i = 0;
  walk(args, x.shape, strides, 0, (at) => (sums[at] = step(sums[at]!, x.data[i++]!)));
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const shape = keep ? kept : kept.filter((_, axis) => !axes.includes(axis));
  return [
    make(
      shape,
      x.type,
      sums.map((sum) => finish(sum, count)),
    ),
  ];
}

export const truth = (value: boolean) => (value ? 1 : 0);

/** Half to even, as ONNX rounds. */
export function roundEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Where index tuples point to in `shape`: the offset of each, and the shape of what is there. */
export function tupleOffsets(indices: Constant, shape: Shape, batch = 0): { offsets: number[]; rest: Shape } {
  const depth = indices.shape.at(-1) ?? 0;
  const strides = stridesOf(shape);
  const count = depth === 0 ? 0 : indices.data.length / depth;
  const perBatch = batch === 0 ? count : count / sizeOf(shape.slice(0, batch));
  const offsets = Array.from({ length: count }, (_, i) => {
    let at = batch === 0 ? 0 : Math.floor(i / perBatch) * sizeOf(shape.slice(batch));
    for (let d = 0; d < depth; d++)
      at += axisIndex(indices.data[i * depth + d]!, shape[batch + d]!) * strides[batch + d]!;
    return at;
  });
  return { offsets, rest: shape.slice(batch + depth) };
}

export function axisIndex(index: number, length: number): number {
  const at = index < 0 ? index + length : index;
  if (!(at >= 0 && at < length))
    throw new EngineError('SHAPE', `index ${index} is outside an axis of ${length}`);
  return at;
}

/** GatherND with constant indices: the offsets in x, and the shape of the result. */
export function gatherTuples(
  indices: Constant,
  shape: Shape,
  batch: number,
): { offsets: number[]; rest: Shape; result: Shape } {
  const { offsets, rest } = tupleOffsets(indices, shape, batch);
  return { offsets, rest, result: [...indices.shape.slice(0, -1), ...rest] };
}

/** How scattered values meet what is there: they replace it, add to it, or multiply it. */
export function scatter(args: Args, values: Float64Array): (at: number, value: number) => void {
  const how = text(args, 'reduction', 'none');
  if (how === 'none') return (at, value) => (values[at] = value);
  if (how === 'add') return (at, value) => (values[at] = values[at]! + value);
  if (how === 'mul') return (at, value) => (values[at] = values[at]! * value);
  throw new EngineError('UNSUPPORTED', `${args.node.opType} with the reduction "${how}"`);
}

export function argBest(args: Args, isBetter: (a: number, b: number) => boolean): Constant[] {
  const x = args.constant(0);
  const axis = axisOf(int(args, 'axis', 0), x.shape.length);
  const last = int(args, 'select_last_index', 0) !== 0;
  const { outer, length, inner } = aroundAxis(x.shape, axis);
  const values = new Float64Array(outer * inner);
  for (let i = 0; i < values.length; i++) {
    const from = Math.floor(i / inner) * length * inner + (i % inner);
    let best = 0;
    for (let t = 1; t < length; t++) {
      const [a, b] = [x.data[from + t * inner]!, x.data[from + best * inner]!];
      if (isBetter(a, b) || (last && a === b)) best = t;
    }
    values[i] = best;
  }
  const keep = int(args, 'keepdims', 1) !== 0;
  const shape = x.shape.flatMap((own, i) => (i !== axis ? [own] : keep ? [1] : []));
  return [make(shape, INT64, values)];
}

export function constantNode(args: Args): Constant {
  const tensor = tensorAttribute(args, 'value');
  if (tensor) return tensor;
  const { attributes } = args.node;
  if (attributes.has('value_int')) return constantOf([], INT64, [int(args, 'value_int', 0)]);
  if (attributes.has('value_float')) return constantOf([], FLOAT, [float(args, 'value_float', 0)]);
  const list = ints(args, 'value_ints');
  if (attributes.has('value_ints') && list) return integers(list);
  const numbers = attributes.get('value_floats')?.floats;
  if (numbers) return constantOf([numbers.length], FLOAT, numbers);
  throw new EngineError('UNSUPPORTED', 'a Constant of text or of sparse numbers');
}

export function cast(x: Constant, to: number): Constant {
  if (to === x.type || (isFloatType(to) && isFloatType(x.type) && to !== DOUBLE && x.type !== DOUBLE))
    return { ...x, type: to === DOUBLE ? DOUBLE : x.type };
  if (to === BOOL)
    return make(
      x.shape,
      BOOL,
      x.data.map((value) => truth(value !== 0)),
    );
  if (isFloatType(to)) return make(x.shape, to === DOUBLE ? DOUBLE : FLOAT, x.data);
  const bits = to === INT32 ? 32 : 64;
  return make(
    x.shape,
    to,
    Float64Array.from(x.data, (value) =>
      bits === 32 && Number.isFinite(value) ? Math.trunc(value) | 0 : Math.trunc(value),
    ),
  );
}
