import type { Bound, Op } from '../core/op.js';
import { sizeOf, type Shape } from '../core/shape.js';
import { bindMap, type Operand } from './map.js';
import { stridesOf, writeTable } from './strides.js';

/** Axes to reduce, counted from the front; `keep` leaves them with length 1. */
export interface Reduction {
  readonly axes: readonly number[];
  readonly keep: boolean;
}

/** How a reduction is named in errors and messages, and what it computes over the reduced axes. */
export type ReductionKind =
  'sum' | 'mean' | 'sumSquares' | 'l1' | 'l2' | 'logSum' | 'logSumExp' | 'max' | 'min' | 'product';

interface Frame {
  readonly at: Bound;
  readonly shape: Shape;
  /** Numbers in one result. */
  readonly count: number;
  readonly x: Operand;
  readonly y: Operand;
  /** The strides by which a buffer of the output's size is walked over the input's shape. */
  readonly spread: readonly number[];
  readonly dy: Operand;
  readonly dx: Operand;
  readonly add: 0 | 1;
  /** A kept buffer of the output's size. */
  readonly extra: Operand;
  readonly size: number;
}

interface Rule {
  readonly forward: (f: Frame) => () => void;
  readonly backward: (f: Frame) => () => void;
  readonly reads: { readonly inputs: boolean; readonly outputs: boolean };
  readonly extra?: boolean;
}

const sumOf = (f: Frame, map: 'copy' | 'square' | 'absolute'): (() => void) =>
  bindMap(f.at.arena, map, f.shape, { a: f.x, d: f.y }, { size: f.size });

const rules: Readonly<Record<ReductionKind, Rule>> = {
  sum: {
    reads: { inputs: false, outputs: false },
    forward: (f) => sumOf(f, 'copy'),
    backward: (f) => bindMap(f.at.arena, 'copy', f.shape, { a: f.dy, d: f.dx }, { accumulate: f.add }),
  },
  mean: {
    reads: { inputs: false, outputs: false },
    forward: (f) => {
      const sum = sumOf(f, 'copy');
      return () => {
        sum();
        f.at.kernels.scale(f.size, 1 / f.count, f.y.address);
      };
    },
    backward: (f) =>
      bindMap(f.at.arena, 'scale', f.shape, { a: f.dy, d: f.dx }, { alpha: 1 / f.count, accumulate: f.add }),
  },
  sumSquares: {
    reads: { inputs: true, outputs: false },
    extra: true,
    forward: (f) => sumOf(f, 'square'),
    backward: (f) => {
      const add = bindMap(
        f.at.arena,
        'multiply',
        f.shape,
        { a: f.x, b: f.extra, d: f.dx },
        { accumulate: f.add },
      );
      const { kernels: k } = f.at;
      return () => {
        k.add(f.size, f.dy.address, f.dy.address, f.extra.address); // 2 dy
        add();
      };
    },
  },
  l1: {
    reads: { inputs: true, outputs: false },
    forward: (f) => sumOf(f, 'absolute'),
    backward: (f) =>
      bindMap(f.at.arena, 'signGrad', f.shape, { a: f.x, c: f.dy, d: f.dx }, { accumulate: f.add }),
  },
  l2: {
    reads: { inputs: true, outputs: true },
    forward: (f) => {
      const sum = sumOf(f, 'square');
      return () => {
        sum();
        f.at.kernels.sqrt(f.size, f.y.address, f.y.address, 0, 0);
      };
    },
    backward: (f) =>
      bindMap(f.at.arena, 'unitGrad', f.shape, { a: f.x, b: f.y, c: f.dy, d: f.dx }, { accumulate: f.add }),
  },
  logSum: {
    reads: { inputs: false, outputs: true },
    extra: true,
    forward: (f) => {
      const sum = sumOf(f, 'copy');
      return () => {
        sum();
        f.at.kernels.log(f.size, f.y.address, f.y.address, 0, 0);
      };
    },
    backward: (f) => {
      const add = bindMap(
        f.at.arena,
        'divide',
        f.shape,
        { a: f.dy, b: f.extra, d: f.dx },
        { accumulate: f.add },
      );
      const { kernels: k } = f.at;
      return () => {
        k.exp(f.size, f.y.address, f.extra.address, 0, 0); // the sum again
        add();
      };
    },
  },
  logSumExp: {
    reads: { inputs: true, outputs: true },
    extra: true,
    forward: (f) => {
      const largest = foldOf(f, 0, f.extra);
      const sum = bindMap(
        f.at.arena,
        'expShifted',
        f.shape,
        { a: f.x, b: f.extra, d: f.y },
        { size: f.size },
      );
      const { kernels: k } = f.at;
      return () => {
        k.fill(f.size, f.extra.address, -Infinity);
        largest();
        sum();
        k.log(f.size, f.y.address, f.y.address, 0, 0);
        k.add(f.size, f.y.address, f.extra.address, f.y.address);
      };
    },
    backward: (f) =>
      bindMap(f.at.arena, 'expGrad', f.shape, { a: f.x, b: f.y, c: f.dy, d: f.dx }, { accumulate: f.add }),
  },
  max: extremum(0, -Infinity),
  min: extremum(1, Infinity),
  product: {
    reads: { inputs: true, outputs: true },
    forward: (f) => {
      const fold = foldOf(f, 2, f.y);
      return () => {
        f.at.kernels.fill(f.size, f.y.address, 1);
        fold();
      };
    },
    backward: productGrad,
  },
};

/** d = fold(d, x) over the reduced axes; d must hold the start. */
function foldOf({ at, shape, x }: Frame, kind: 0 | 1 | 2, d: Operand): () => void {
  const table = writeTable(at.arena, shape, [x.strides, x.strides, x.strides, d.strides]);
  return () => {
    if (table) at.kernels.stridedFold(kind, table, x.address, d.address);
  };
}

/** Largest or smallest; entries that tie share the gradient evenly, as PyTorch's amax. */
function extremum(kind: 0 | 1, start: number): Rule {
  return {
    reads: { inputs: true, outputs: true },
    extra: true,
    forward: (f) => {
      const fold = foldOf(f, kind, f.y);
      return () => {
        f.at.kernels.fill(f.size, f.y.address, start);
        fold();
      };
    },
    backward: (f) => {
      const { arena } = f.at;
      const count = bindMap(arena, 'equal', f.shape, { a: f.x, b: f.y, d: f.extra }, { size: f.size });
      const own = [1];
      const shares = bindMap(arena, 'divide', [f.size], {
        a: { address: f.dy.address, strides: own },
        b: { address: f.extra.address, strides: own },
        d: { address: f.extra.address, strides: own },
      });
      const add = bindMap(
        arena,
        'equalGrad',
        f.shape,
        { a: f.x, b: f.y, c: f.extra, d: f.dx },
        { accumulate: f.add },
      );
      return () => {
        count();
        shares();
        add();
      };
    },
  };
}

/** dx = dy · the product of the others; where one entry is 0, only it has a gradient; where two are, none has. */
function productGrad({ at, shape, x, y, dy, dx, add, size }: Frame): () => void {
  const total = sizeOf(shape);
  const result = new Int32Array(total);
  for (let i = 0; i < total; i++) {
    let [rest, to] = [i, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      to += (rest % shape[axis]!) * y.strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    result[i] = to;
  }
  const zeros = new Int32Array(size);
  const others = new Float64Array(size);
  return () => {
    const { f32 } = at.arena;
    zeros.fill(0);
    others.fill(1);
    for (let i = 0; i < total; i++) {
      const value = f32[(x.address >> 2) + i]!;
      const r = result[i]!;
      if (value === 0) zeros[r] = zeros[r]! + 1;
      else others[r] = others[r]! * value;
    }
    for (let i = 0; i < total; i++) {
      const value = f32[(x.address >> 2) + i]!;
      const r = result[i]!;
      const rest = zeros[r] === 0 ? others[r]! / value : zeros[r] === 1 && value === 0 ? others[r]! : 0;
      const to = (dx.address >> 2) + i;
      f32[to] = (add ? f32[to]! : 0) + f32[(dy.address >> 2) + r]! * rest;
    }
  };
}

/** Reductions over some axes, by kind. */
export const reductions = Object.fromEntries(
  (Object.keys(rules) as ReductionKind[]).map((kind) => [kind, reduction(kind, rules[kind])]),
) as Readonly<Record<ReductionKind, Op<Reduction>>>;

function reduction(kind: ReductionKind, rule: Rule): Op<Reduction> {
  return {
    name: kind,
    shapes: ([x], { axes, keep }) => [
      keep
        ? x!.map((length, axis) => (axes.includes(axis) ? 1 : length))
        : x!.filter((_, axis) => !axes.includes(axis)),
    ],
    ...(rule.extra ? { keeps: ([x], { axes }) => ({ extra: Math.max(1, reducedSize(x!, axes)) }) } : {}),
    reads: rule.reads,
    overwrites: true,
    bind: (at, { axes }) => {
      const [x, y] = [at.x[0]!, at.y[0]!];
      const kept = stridesOf(x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length)));
      const spread = x.shape.map((length, axis) => (axes.includes(axis) || length === 1 ? 0 : kept[axis]!));
      const strides = stridesOf(x.shape);
      const frame: Frame = {
        at,
        shape: x.shape,
        count: axes.reduce((count, axis) => count * x.shape[axis]!, 1),
        x: { address: x.data, strides },
        y: { address: y.data, strides: spread },
        spread,
        dy: { address: y.grad, strides: spread },
        dx: { address: x.grad, strides },
        add: at.accumulate[0]!,
        extra: { address: at.keep['extra'] ?? 0, strides: spread },
        size: y.size,
      };
      const forward = rule.forward(frame);
      return x.grad ? { forward, backward: rule.backward(frame) } : { forward };
    },
  };
}

function reducedSize(shape: Shape, axes: readonly number[]): number {
  return sizeOf(shape.filter((_, axis) => !axes.includes(axis)));
}
