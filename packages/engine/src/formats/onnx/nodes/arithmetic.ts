import type { Op } from '../../../core/op.js';
import type { Tensor } from '../../../core/tensor.js';
import type { Constants } from '../../../activations/activation.js';
import * as binary from '../../../ops/broadcast.js';
import { absOp, cosOp, expOp, logOp, reciprocalOp, sinOp, sqrtOp, squareOp } from '../../../ops/pointwise.js';
import { reductions, type ReductionKind } from '../../../ops/reduce.js';
import { axisOf } from '../../../ops/strides.js';
import { cumulativeSum } from '../../../ops/taps.js';
import { nonFinite, rare, scaleShift, type RareFunction } from '../../../ops/unary.js';
import { int, reducedAxes } from '../args.js';
import { isFloatType, type Constant } from '../constant.js';
import type { NodeContext, Recorder } from '../context.js';

/** The one number that an input is, or null where it is not one known number. */
function known(c: NodeContext, input: number): number | null {
  if (!c.isKnown(input)) return null;
  const { data } = c.constant(input);
  return data.length === 1 && c.shape(input).length <= 1 ? data[0]! : null;
}

/** Where a site is worth having: two streams of data meet (a residual, a gate). */
function meets(c: NodeContext): boolean {
  return c.count === 2 && [0, 1].every((i) => !c.isKnown(i) && !c.isWeight(i));
}

const pair =
  (op: Op, type?: string): Recorder =>
  (c) => {
    const y = c.scope.apply(op, [c.tensor(0), c.tensor(1)], undefined);
    if (type && meets(c))
      c.site(type, y, { factor: 'skip', parts: { left: c.tensor(0), right: c.tensor(1) } });
    else if (c.isWeight(0) !== c.isWeight(1) && type) noteShift(c, y);
    return [y];
  };

/** A learnt shift or scale by itself (a position embedding, a layer scale) is a site with a parameter. */
function noteShift(c: NodeContext, y: Tensor): void {
  c.site(c.node.opType === 'Add' ? 'shift' : 'scale', y);
}

const add: Recorder = (c) => {
  for (const [i, other] of [[0, 1] as const, [1, 0] as const]) {
    const shift = known(c, i);
    if (shift !== null && c.shape(i).length <= c.shape(other).length)
      return [c.scope.apply(scaleShift, [c.tensor(other)], { factor: 1, shift })];
  }
  return pair(binary.addBroadcast, 'add')(c);
};

const subtract: Recorder = (c) => {
  const shift = known(c, 1);
  if (shift !== null && c.shape(1).length <= c.shape(0).length)
    return [c.scope.apply(scaleShift, [c.tensor(0)], { factor: 1, shift: -shift })];
  const from = known(c, 0);
  if (from !== null && c.shape(0).length <= c.shape(1).length)
    return [c.scope.apply(scaleShift, [c.tensor(1)], { factor: -1, shift: from })];
  return pair(binary.subtract, 'add')(c);
};

const multiply: Recorder = (c) => {
  for (const [i, other] of [[0, 1] as const, [1, 0] as const]) {
    const factor = known(c, i);
    if (factor !== null && Number.isFinite(factor) && c.shape(i).length <= c.shape(other).length) {
      return [c.scope.apply(scaleShift, [c.tensor(other)], { factor, shift: 0 })];
    }
  }
  return pair(binary.multiplyBroadcast, 'multiply')(c);
};

const divide: Recorder = (c) => {
  const integer = [0, 1].every((i) => isInteger(c, i));
  const quotient = c.scope.apply(binary.divide, [c.tensor(0), c.tensor(1)], undefined);
  if (!integer) return [quotient];
  return [c.scope.apply(rare, [quotient], { fn: 'floor' })];
};

/** Whether an input holds integers; tensors on the tape are floats unless they came in as ids. */
function isInteger(c: NodeContext, input: number): boolean {
  const value = c.value(input);
  return 'kind' in value ? !isFloatType(value.type) : value.dtype === 'i32';
}

const power: Recorder = (c) => {
  const exponent = known(c, 1);
  const x = c.tensor(0);
  if (exponent === 1) return [x];
  if (exponent === 2) return [apply(c, squareOp, x)];
  if (exponent === 0.5) return [apply(c, sqrtOp, x)];
  if (exponent === -1) return [apply(c, reciprocalOp, x)];
  if (exponent === 3) return [c.scope.apply(binary.multiplyBroadcast, [apply(c, squareOp, x), x], undefined)];
  return [c.scope.apply(binary.power, [x, c.tensor(1)], undefined)];
};

function apply(c: NodeContext, op: Op<Constants>, x: Tensor): Tensor {
  return c.scope.apply(op, [x], { alpha: 0, beta: 0 });
}

const unary =
  (op: Op<Constants>): Recorder =>
  (c) => [apply(c, op, c.tensor(0))];

const seldom =
  (fn: RareFunction): Recorder =>
  (c) => [c.scope.apply(rare, [c.tensor(0)], { fn })];

/** Sum, Mean, Max and Min take any number of inputs. */
const many =
  (op: Op, type?: string): Recorder =>
  (c) => {
    let y = c.tensor(0);
    for (let i = 1; i < c.count; i++) y = c.scope.apply(op, [y, c.tensor(i)], undefined);
    if (type && meets(c)) c.site(type, y, { factor: 'skip' });
    return [y];
  };

const mean: Recorder = (c) => {
  const [sum] = many(binary.addBroadcast)(c) as readonly [Tensor];
  return [c.scope.apply(scaleShift, [sum], { factor: 1 / c.count, shift: 0 })];
};

const reduce =
  (kind: ReductionKind): Recorder =>
  (c) => {
    const x = c.tensor(0);
    const { axes, keep } = reducedAxes(c);
    if (axes.length === 0) return [x];
    const y = c.scope.apply(reductions[kind], [x], { axes, keep });
    // Mean over both axes of an image: how newer exporters write global average pooling.
    if (kind === 'mean' && x.shape.length === 4 && axes.join() === '2,3') c.site('globalAvgPool2d', y);
    return [y];
  };

const compare =
  (op: Op): Recorder =>
  (c) => [c.scope.apply(op, [c.tensor(0), c.tensor(1)], undefined)];

const where: Recorder = (c) => [
  c.scope.apply(binary.where, [c.fixed(0), c.tensor(1), c.tensor(2)], undefined),
];

const modulo: Recorder = (c) => {
  const op = int(c, 'fmod', 0) ? binary.remainder : binary.modulo;
  return [c.scope.apply(op, [c.tensor(0), c.tensor(1)], undefined)];
};

const not: Recorder = (c) => {
  const zero = c.constantTensor(
    { kind: 'constant', shape: [], type: 1, data: Float32Array.of(0), name: null } satisfies Constant,
    `${c.name}/zero`,
  );
  return [c.scope.apply(binary.equal, [c.tensor(0), zero], undefined)];
};

const cumSum: Recorder = (c) => {
  const x = c.tensor(0);
  const axis = axisOf(c.constant(1).data[0]!, x.shape.length);
  return [
    c.scope.apply(cumulativeSum, [x], {
      axis,
      exclusive: int(c, 'exclusive', 0) !== 0,
      reverse: int(c, 'reverse', 0) !== 0,
    }),
  ];
};

const isInfinite: Recorder = (c) => {
  const [negative, positive] = [int(c, 'detect_negative', 1), int(c, 'detect_positive', 1)];
  const kind = negative && positive ? 'infinite' : positive ? 'positive' : 'negative';
  if (!negative && !positive) c.fail('IsInf that detects nothing');
  return [c.scope.apply(nonFinite, [c.tensor(0)], { kind })];
};

/** To integers: towards zero, with no gradient; between kinds of floats nothing happens. */
const cast: Recorder = (c) => {
  const to = int(c, 'to', 1);
  const x = c.tensor(0);
  if (isFloatType(to)) return [x];
  if (to === 9) {
    const [isZero] = not(c) as readonly [Tensor];
    return [c.scope.apply(scaleShift, [isZero], { factor: -1, shift: 1 })];
  }
  const sign = c.scope.apply(rare, [x], { fn: 'sign' });
  const floor = c.scope.apply(rare, [apply(c, absOp, x)], { fn: 'floor' });
  return [c.scope.apply(binary.multiplyBroadcast, [sign, floor], undefined)];
};

export const arithmeticNodes: Readonly<Record<string, Recorder>> = {
  Add: add,
  Sub: subtract,
  Mul: multiply,
  Div: divide,
  Pow: power,
  Mod: modulo,
  Sum: many(binary.addBroadcast, 'add'),
  Mean: mean,
  Max: many(binary.maximum),
  Min: many(binary.minimum),
  Neg: (c) => [c.scope.apply(scaleShift, [c.tensor(0)], { factor: -1, shift: 0 })],
  Abs: unary(absOp),
  Exp: unary(expOp),
  Log: unary(logOp),
  Sqrt: unary(sqrtOp),
  Sin: unary(sinOp),
  Cos: unary(cosOp),
  Reciprocal: unary(reciprocalOp),
  Floor: seldom('floor'),
  Ceil: seldom('ceil'),
  Round: seldom('round'),
  Sign: seldom('sign'),
  Tan: seldom('tan'),
  Sinh: seldom('sinh'),
  Cosh: seldom('cosh'),
  Asin: seldom('asin'),
  Acos: seldom('acos'),
  Atan: seldom('atan'),
  Asinh: seldom('asinh'),
  Acosh: seldom('acosh'),
  Atanh: seldom('atanh'),
  ReduceSum: reduce('sum'),
  ReduceMean: reduce('mean'),
  ReduceMax: reduce('max'),
  ReduceMin: reduce('min'),
  ReduceProd: reduce('product'),
  ReduceL1: reduce('l1'),
  ReduceL2: reduce('l2'),
  ReduceSumSquare: reduce('sumSquares'),
  ReduceLogSum: reduce('logSum'),
  ReduceLogSumExp: reduce('logSumExp'),
  Equal: compare(binary.equal),
  Greater: compare(binary.greater),
  GreaterOrEqual: compare(binary.greaterOrEqual),
  Less: compare(binary.less),
  LessOrEqual: compare(binary.lessOrEqual),
  And: compare(binary.and),
  Or: compare(binary.or),
  Xor: compare(binary.xor),
  Not: not,
  Where: where,
  CumSum: cumSum,
  IsNaN: (c) => [c.scope.apply(nonFinite, [c.tensor(0)], { kind: 'nan' })],
  IsInf: isInfinite,
  Cast: cast,
  CastLike: (c) => [c.tensor(0)],
};
