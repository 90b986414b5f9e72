import { sizeOf } from '../../core/shape.js';
import { aroundAxis, axisOf, broadcastShapes, broadcastStrides, stridesOf } from '../../ops/strides.js';
import { type Args, int, listOf, scalarOf, tensorAttribute, text, viewOf } from './args.js';
import { BOOL, type Constant, FLOAT, INT64, isFloatType } from './constant.js';
import {
  argBest,
  axisIndex,
  bounded,
  cast,
  combine,
  constantNode,
  gatherTuples,
  make,
  reduce,
  roundEven,
  scatter,
  truth,
  tupleOffsets,
  unary,
  walk,
} from './folding.js';

/**
 * Computes a node whose inputs are all known: shape arithmetic, masks, reordered weights. Float64 inside, rounded to
 * float32 where the type is float. Returns null for ops that it does not know.
 */
export function foldNode(args: Args): Constant[] | null {
  const { opType } = args.node;
  const view = args.has(0) ? viewOf(args) : null;
  if (view) {
    const x = args.constant(0);
    return view.map(({ shape, strides, offset }) =>
      make(
        shape,
        x.type,
        walk(args, shape, strides, offset, (i) => x.data[i]!),
      ),
    );
  }
  const fold = Object.hasOwn(folds, opType) ? folds[opType] : undefined;
  return fold ? fold(args) : null;
}

const folds: Readonly<Record<string, (args: Args) => Constant[] | null>> = {
  Constant: (args) => [constantNode(args)],
  ConstantOfShape: (args) => {
    const shape = Array.from(args.constant(0).data);
    const value = tensorAttribute(args, 'value');
    const size = bounded(args, shape);
    return [make(shape, value?.type ?? FLOAT, new Float64Array(size).fill(value?.data[0] ?? 0))];
  },
  Range: (args) => {
    const [start, limit, delta] = [0, 1, 2].map((i) => args.constant(i).data[0]!) as [number, number, number];
    const length = Math.max(0, Math.ceil((limit - start) / delta));
    bounded(args, [length]);
    return [
      make(
        [length],
        args.constant(0).type,
        Float64Array.from({ length }, (_, i) => start + i * delta),
      ),
    ];
  },
  EyeLike: (args) => {
    const [rows, columns] = args.shape(0) as [number, number];
    bounded(args, [rows, columns]);
    const k = int(args, 'k', 0);
    const type = int(args, 'dtype', FLOAT);
    return [
      make(
        [rows, columns],
        type,
        Float64Array.from({ length: rows * columns }, (_, i) =>
          truth((i % columns) - Math.floor(i / columns) === k),
        ),
      ),
    ];
  },
  Cast: (args) => [cast(args.constant(0), int(args, 'to', FLOAT))],
  CastLike: (args) => [cast(args.constant(0), args.constant(1).type)],
  Add: (args) => combine(args, (a, b) => a + b),
  Sub: (args) => combine(args, (a, b) => a - b),
  Mul: (args) => combine(args, (a, b) => a * b),
  Div: (args) =>
    combine(args, isFloatType(args.constant(0).type) ? (a, b) => a / b : (a, b) => Math.trunc(a / b)),
  Mod: (args) => combine(args, int(args, 'fmod', 0) ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b)),
  Pow: (args) => combine(args, (a, b) => a ** b),
  Min: (args) => combine(args, Math.min),
  Max: (args) => combine(args, Math.max),
  Sum: (args) => combine(args, (a, b) => a + b),
  Equal: (args) => combine(args, (a, b) => truth(a === b), BOOL),
  Less: (args) => combine(args, (a, b) => truth(a < b), BOOL),
  LessOrEqual: (args) => combine(args, (a, b) => truth(a <= b), BOOL),
  Greater: (args) => combine(args, (a, b) => truth(a > b), BOOL),
  GreaterOrEqual: (args) => combine(args, (a, b) => truth(a >= b), BOOL),
  And: (args) => combine(args, (a, b) => truth(a !== 0 && b !== 0), BOOL),
  Or: (args) => combine(args, (a, b) => truth(a !== 0 || b !== 0), BOOL),
  Xor: (args) => combine(args, (a, b) => truth((a !== 0) !== (b !== 0)), BOOL),
  Not: (args) => unary(args, (x) => truth(x === 0), BOOL),
  Neg: (args) => unary(args, (x) => -x),
  Abs: (args) => unary(args, Math.abs),
  Sqrt: (args) => unary(args, Math.sqrt),
  Exp: (args) => unary(args, Math.exp),
  Log: (args) => unary(args, Math.log),
  Floor: (args) => unary(args, Math.floor),
  Ceil: (args) => unary(args, Math.ceil),
  Round: (args) => unary(args, roundEven),
  Sign: (args) => unary(args, Math.sign),
  Sin: (args) => unary(args, Math.sin),
  Cos: (args) => unary(args, Math.cos),
  Tanh: (args) => unary(args, Math.tanh),
  Reciprocal: (args) => unary(args, (x) => 1 / x),
  IsNaN: (args) => unary(args, (x) => truth(Number.isNaN(x)), BOOL),
  Clip: (args) => {
    const [low, high] = [scalarOf(args, 'min', 1) ?? -Infinity, scalarOf(args, 'max', 2) ?? Infinity];
    return unary(args, (x) => Math.min(Math.max(x, low), high));
  },
  Where: (args) => {
    const [condition, a, b] = [args.constant(0), args.constant(1), args.constant(2)];
    const shape = broadcastShapes(condition.shape, a.shape, b.shape);
    const read = (x: Constant) => walk(args, shape, broadcastStrides(x.shape, shape), 0, (at) => x.data[at]!);
    const [yes, no] = [read(a), read(b)];
    return [
      make(
        shape,
        a.type,
        read(condition).map((value, i) => (value !== 0 ? yes[i]! : no[i]!)),
      ),
    ];
  },
  Concat: (args) => {
    const parts = args.node.inputs.map((_, i) => args.constant(i));
    const axis = axisOf(int(args, 'axis', 1), parts[0]!.shape.length);
    const shape = parts[0]!.shape.map((length, i) =>
      i === axis ? parts.reduce((sum, part) => sum + part.shape[i]!, 0) : length,
    );
    const values = new Float64Array(bounded(args, shape));
    const { outer, inner } = aroundAxis(shape, axis);
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (const part of parts) {
        const length = part.shape[axis]! * inner;
        values.set(part.data.subarray(o * length, (o + 1) * length), at);
        at += length;
      }
    }
    return [make(shape, parts[0]!.type, values)];
  },
  Tile: (args) => {
    const x = args.constant(0);
    const repeats = args.constant(1).data;
    const own = stridesOf(x.shape);
    const shape = x.shape.flatMap((length, axis) => [repeats[axis]!, length]);
    const strides = x.shape.flatMap((_, axis) => [0, own[axis]!]);
    return [
      make(
        x.shape.map((length, axis) => length * repeats[axis]!),
        x.type,
        walk(args, shape, strides, 0, (i) => x.data[i]!),
      ),
    ];
  },
  Gather: (args) => {
    const [x, indices] = [args.constant(0), args.constant(1)];
    const axis = axisOf(int(args, 'axis', 0), x.shape.length);
    const { outer, length, inner } = aroundAxis(x.shape, axis);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    const values = new Float64Array(bounded(args, shape));
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices.data) {
        const from = (o * length + axisIndex(index, length)) * inner;
        values.set(x.data.subarray(from, from + inner), at);
        at += inner;
      }
    }
    return [make(shape, x.type, values)];
  },
  GatherND: (args) => {
    const x = args.constant(0);
    const { offsets, rest, result } = gatherTuples(args.constant(1), x.shape, int(args, 'batch_dims', 0));
    const inner = sizeOf(rest);
    const values = new Float64Array(bounded(args, result));
    offsets.forEach((from, i) => values.set(x.data.subarray(from, from + inner), i * inner));
    return [make(result, x.type, values)];
  },
  GatherElements: (args) => {
    const [x, indices] = [args.constant(0), args.constant(1)];
    const axis = axisOf(int(args, 'axis', 0), x.shape.length);
    const strides = stridesOf(x.shape);
    let i = 0;
    const skip = strides.map((stride, at) => (at === axis ? 0 : stride));
    return [
      make(
        indices.shape,
        x.type,
        walk(
          args,
          indices.shape,
          skip,
          0,
          (at) => x.data[at + axisIndex(indices.data[i++]!, x.shape[axis]!) * strides[axis]!]!,
        ),
      ),
    ];
  },
  ScatterND: (args) => {
    const [x, indices, updates] = [args.constant(0), args.constant(1), args.constant(2)];
    const { offsets, rest } = tupleOffsets(indices, x.shape);
    const inner = sizeOf(rest);
    const values = Float64Array.from(x.data);
    const write = scatter(args, values);
    offsets.forEach((to, i) => {
      for (let k = 0; k < inner; k++) write(to + k, updates.data[i * inner + k]!);
    });
    return [make(x.shape, x.type, values)];
  },
  ScatterElements: (args) => {
    const [x, indices, updates] = [args.constant(0), args.constant(1), args.constant(2)];
    const axis = axisOf(int(args, 'axis', 0), x.shape.length);
    const strides = stridesOf(x.shape);
    const values = Float64Array.from(x.data);
    let i = 0;
    const skip = strides.map((stride, at) => (at === axis ? 0 : stride));
    const write = scatter(args, values);
    walk(args, indices.shape, skip, 0, (at) => {
      write(at + axisIndex(indices.data[i]!, x.shape[axis]!) * strides[axis]!, updates.data[i]!);
      return i++;
    });
    return [make(x.shape, x.type, values)];
  },
  Pad: (args) => {
    const x = args.constant(0);
    const pads = listOf(args, 'pads', 1) ?? [];
    const rank = x.shape.length;
    if (text(args, 'mode', 'constant') !== 'constant') return null;
    if (args.has(3) || pads.length !== 2 * rank || pads.some((pad) => pad < 0)) return null;
    const shape = x.shape.map((length, axis) => length + pads[axis]! + pads[rank + axis]!);
    const values = new Float64Array(bounded(args, shape)).fill(scalarOf(args, 'value', 2) ?? 0);
    const to = stridesOf(shape);
    let i = 0;
    const start = to.reduce((sum, stride, axis) => sum + stride * pads[axis]!, 0);
    walk(args, x.shape, to, start, (at) => (values[at] = x.data[i++]!));
    return [make(shape, x.type, values)];
  },
  CumSum: (args) => {
    const x = args.constant(0);
    const axis = axisOf(args.constant(1).data[0]!, x.shape.length);
    const { outer, length, inner } = aroundAxis(x.shape, axis);
    const [exclusive, reverse] = [int(args, 'exclusive', 0) !== 0, int(args, 'reverse', 0) !== 0];
    const values = new Float64Array(x.data.length);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let total = 0;
        for (let t = 0; t < length; t++) {
          const at = (o * length + (reverse ? length - 1 - t : t)) * inner + i;
          values[at] = exclusive ? total : total + x.data[at]!;
          total += x.data[at]!;
        }
      }
    }
    return [make(x.shape, x.type, values)];
  },
  Trilu: (args) => {
    const x = args.constant(0);
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const k = args.has(1) ? args.constant(1).data[0]! : 0;
    const upper = int(args, 'upper', 1) !== 0;
    const keep = (i: number) => {
      const distance = (i % columns) - (Math.floor(i / columns) % rows);
      return upper ? distance >= k : distance <= k;
    };
    return [
      make(
        x.shape,
        x.type,
        Float64Array.from(x.data, (value, i) => (keep(i) ? value : 0)),
      ),
    ];
  },
  OneHot: (args) => {
    const [indices, depth, values] = [args.constant(0), args.constant(1).data[0]!, args.constant(2)];
    const axis = axisOf(int(args, 'axis', -1), indices.shape.length + 1);
    const shape = [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)];
    const { inner } = aroundAxis(shape, axis);
    bounded(args, shape);
    return [
      make(
        shape,
        values.type,
        Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
          const at = Math.floor(i / inner) % depth;
          const index = indices.data[Math.floor(i / (inner * depth)) * inner + (i % inner)]!;
          return values.data[(index < 0 ? index + depth : index) === at ? 1 : 0]!;
        }),
      ),
    ];
  },
  NonZero: (args) => {
    const x = args.constant(0);
    const found = Array.from(x.data.keys()).filter((i) => x.data[i] !== 0);
    const strides = stridesOf(x.shape);
    return [
      make(
        [x.shape.length, found.length],
        INT64,
        strides.flatMap((stride, axis) => found.map((i) => Math.floor(i / stride) % x.shape[axis]!)),
      ),
    ];
  },
  ReduceSum: (args) => reduce(args, 0, (sum, x) => sum + x),
  ReduceMean: (args) =>
    reduce(
      args,
      0,
      (sum, x) => sum + x,
      (sum, count) => sum / count,
    ),
  ReduceProd: (args) => reduce(args, 1, (sum, x) => sum * x),
  ReduceMax: (args) => reduce(args, -Infinity, Math.max),
  ReduceMin: (args) => reduce(args, Infinity, Math.min),
  ReduceL1: (args) => reduce(args, 0, (sum, x) => sum + Math.abs(x)),
  ReduceL2: (args) => reduce(args, 0, (sum, x) => sum + x * x, Math.sqrt),
  ReduceSumSquare: (args) => reduce(args, 0, (sum, x) => sum + x * x),
  ArgMax: (args) => argBest(args, (a, b) => a > b),
  ArgMin: (args) => argBest(args, (a, b) => a < b),
};

/** Whether an op can be computed where all its inputs are known. */
export function foldable(op: string): boolean {
  return Object.hasOwn(folds, op);
}

/** All of them. */
export const foldableOps: readonly string[] = Object.keys(folds);
