import type { Kernels } from '@fuga/core-wasm';
import { check } from '../core/errors.js';
import type { Bound, Op, Place } from '../core/op.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';

/**
 * A recurrent cell over a whole sequence, as one op.
 *
 * Inputs: projections x W_ihᵀ + b_ih of all steps [T, N, G·H], W_hh [G·H, H], then, where the attributes say so, b_hh
 * [G·H] and the first states [N, H]. Outputs: the hidden states [T, N, H] and the last state(s) [N, H].
 * Backward walks back through time once, keeping the gradient with respect to every hidden state in `dHidden`.
 */
export interface CellAttributes {
  /** Walk from the last step to the first. */
  readonly reverse: boolean;
  readonly bias: boolean;
  readonly state: boolean;
}

/** A cell's op and what a layer must know of it. */
export interface Cell<A extends CellAttributes = CellAttributes> {
  readonly op: Op<A>;
  /** Blocks of H rows in the weights, in PyTorch's order. */
  readonly gates: readonly string[];
  /** Which of them go through tanh; the others through the sigmoid. */
  readonly tanhGates: readonly number[];
  /** How many states it carries from step to step. */
  readonly states: number;
}

function shapesOf(name: string, gates: number, states: number) {
  return ([proj, w]: readonly Shape[], _: CellAttributes): readonly Shape[] => {
    const [T, N, wide] = proj as readonly [number, number, number];
    const H = w![1]!;
    check(
      proj!.length === 3 && T > 0 && wide === gates * H && w![0] === wide,
      'SHAPE',
      `${name} expects projections [T, N, ${gates * H}] and weights [${gates * H}, ${H}], got ${showShape(proj!)} and ${showShape(w!)}`,
    );
    return [[T, N, H], ...Array.from({ length: states }, () => [N, H])];
  };
}

/** The places of a cell's inputs, absent ones at address 0, and its sizes. */
function unpack({ x, y, accumulate }: Bound, { bias, state, reverse }: CellAttributes) {
  const absent: Place = { data: 0, grad: 0, size: 0, shape: [] };
  const [proj, w] = x as readonly [Place, Place];
  const b = bias ? x[2]! : absent;
  const first = bias ? 3 : 2;
  const [h0, c0] = state ? [x[first]!, x[first + 1] ?? absent] : [absent, absent];
  const [T, N, wide] = proj.shape as [number, number, number];
  const H = w.shape[1]!;
  const last = reverse ? 0 : T - 1;
  const add = {
    proj: accumulate[0]!,
    w: accumulate[1]!,
    b: bias ? accumulate[2]! : 1,
    h0: accumulate[first] ?? 1,
    c0: accumulate[first + 1] ?? 1,
  };
  return {
    proj,
    w,
    b,
    h0,
    c0,
    T,
    N,
    H,
    wide,
    states: y,
    walk: reverse ? 1 : 0,
    lastAt: 4 * last * N * H,
    add,
  };
}

type Unpacked = ReturnType<typeof unpack>;

/** dW_hh (+)= Σ dgatesₜᵀ hₜ₋₁ as one product over all steps, and db_hh (+)= Σ dgates. */
function weightGrads(k: Kernels, u: Unpacked, hidden: number, dgates: number): void {
  const { T, N, H, wide, w, b, h0, walk, add } = u;
  if (b.grad) k.biasGrad(T * N, wide, dgates, b.grad, add.b);
  if (!w.grad) return;
  const [gateStep, step] = [4 * N * wide, 4 * N * H];
  let adds = add.w;
  if (T > 1) {
    const [from, before] = walk ? [dgates, hidden + step] : [dgates + gateStep, hidden];
    k.gemmTN(wide, H, (T - 1) * N, from, wide, before, H, w.grad, H, adds);
    adds = 1;
  }
  if (h0.data) {
    k.gemmTN(wide, H, N, walk ? dgates + (T - 1) * gateStep : dgates, wide, h0.data, H, w.grad, H, adds);
  } else if (!adds) k.fill(w.size, w.grad, 0);
}

/** The kernels add to the first states' gradients; those that come first start from 0. */
function clearStates(k: Kernels, { h0, c0, add }: Unpacked): void {
  if (h0.grad && !add.h0) k.fill(h0.size, h0.grad, 0);
  if (c0.grad && !add.c0) k.fill(c0.size, c0.grad, 0);
}

const common = {
  // Not the projections: the gates are kept instead.
  reads: { inputs: (index: number) => index > 0, outputs: true },
  overwrites: true,
  work: ([proj, w]: readonly Shape[]) => sizeOf(proj!) * w![1]!,
} as const;

/** hₜ = f(projₜ + W hₜ₋₁ + b), f = tanh or ReLU (Elman 1990). */
export const rnnOp: Op<CellAttributes & { readonly relu: boolean }> = {
  ...common,
  name: 'rnn',
  shapes: shapesOf('rnn', 1, 1),
  keeps: ([proj]) => {
    const size = proj!.reduce((a, b) => a * b, 1);
    return { dHidden: size, dGates: size };
  },
  keepsBackward: ['dHidden', 'dGates'],
  scratch: ([, w]) => 4 * w![0]! * w![1]!,
  bind: (at, attributes) => {
    const { kernels: k, keep, scratch } = at;
    const u = unpack(at, attributes);
    const { proj, w, b, h0, T, N, H, walk, lastAt, add, states } = u;
    const [y, h] = states as readonly [Place, Place];
    const relu = attributes.relu ? 1 : 0;
    const dGates = proj.grad && !add.proj ? proj.grad : keep['dGates']!;
    return {
      forward: () => {
        k.rnn(T, N, H, proj.data, w.data, b.data, h0.data, y.data, scratch, relu, walk);
        k.copy(N * H, y.data + lastAt, h.data);
      },
      backward: () => {
        clearStates(k, u);
        k.rnnGrad(T, N, H, w.data, y.data, y.grad, h.grad, keep['dHidden']!, dGates, h0.grad, relu, walk);
        weightGrads(k, u, y.data, dGates);
        if (proj.grad && add.proj) k.axpy(proj.size, 1, dGates, proj.grad);
      },
    };
  },
};

/** cₜ = f cₜ₋₁ + i g, hₜ = o tanh cₜ (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000). */
export const lstmOp: Op<CellAttributes> = {
  ...common,
  name: 'lstm',
  shapes: shapesOf('lstm', 4, 2),
  keeps: ([proj]) => {
    const size = proj!.reduce((a, b) => a * b, 1);
    return { gates: size, cells: size / 4, dHidden: size / 4, dCell: size / 4, dGates: size };
  },
  keepsBackward: ['dHidden', 'dCell', 'dGates'],
  scratch: ([, w]) => 4 * w![0]! * w![1]!,
  bind: (at, attributes) => {
    const { kernels: k, keep, scratch } = at;
    const u = unpack(at, attributes);
    const { proj, w, b, h0, c0, T, N, H, walk, lastAt, add, states } = u;
    const [y, h, c] = states as readonly [Place, Place, Place];
    const { gates, cells, dHidden, dCell } = keep as Record<'gates' | 'cells' | 'dHidden' | 'dCell', number>;
    const dGates = proj.grad && !add.proj ? proj.grad : keep['dGates']!;
    return {
      forward: () => {
        k.lstm(T, N, H, proj.data, w.data, b.data, h0.data, c0.data, gates, cells, y.data, scratch, walk);
        k.copy(N * H, y.data + lastAt, h.data);
        k.copy(N * H, cells + lastAt, c.data);
      },
      backward: () => {
        clearStates(k, u);
        k.lstmGrad(
          T,
          N,
          H,
          w.data,
          c0.data,
          gates,
          cells,
          y.grad,
          h.grad,
          c.grad,
          dHidden,
          dCell,
          dGates,
          h0.grad,
          c0.grad,
          walk,
        );
        weightGrads(k, u, y.data, dGates);
        if (proj.grad && add.proj) k.axpy(proj.size, 1, dGates, proj.grad);
      },
    };
  },
};

/** hₜ = (1 − z) n + z hₜ₋₁ with n = tanh(projₙ + r (Wₙ hₜ₋₁ + bₙ)) (Cho et al. 2014, PyTorch's form). */
export const gruOp: Op<CellAttributes> = {
  ...common,
  name: 'gru',
  shapes: shapesOf('gru', 3, 1),
  keeps: ([proj]) => {
    const size = proj!.reduce((a, b) => a * b, 1);
    return { gates: size, hiddenPart: size / 3, dHidden: size / 3, dGates: size, dInner: size };
  },
  keepsBackward: ['dHidden', 'dGates', 'dInner'],
  scratch: ([proj, w]) => 4 * (proj![1]! + w![1]!) * proj![2]!,
  bind: (at, attributes) => {
    const { kernels: k, keep, scratch } = at;
    const u = unpack(at, attributes);
    const { proj, w, b, h0, T, N, H, walk, lastAt, add, states } = u;
    const [y, h] = states as readonly [Place, Place];
    const { gates, hiddenPart, dHidden, dInner } = keep as Record<
      'gates' | 'hiddenPart' | 'dHidden' | 'dInner',
      number
    >;
    const dGates = proj.grad && !add.proj ? proj.grad : keep['dGates']!;
    return {
      forward: () => {
        k.gru(T, N, H, proj.data, w.data, b.data, h0.data, gates, hiddenPart, y.data, scratch, walk);
        k.copy(N * H, y.data + lastAt, h.data);
      },
      backward: () => {
        clearStates(k, u);
        k.gruGrad(
          T,
          N,
          H,
          w.data,
          h0.data,
          gates,
          hiddenPart,
          y.data,
          y.grad,
          h.grad,
          dHidden,
          dGates,
          dInner,
          h0.grad,
          walk,
        );
        weightGrads(k, u, y.data, dInner);
        if (proj.grad && add.proj) k.axpy(proj.size, 1, dGates, proj.grad);
      },
    };
  },
};

export const rnnCell: Cell<CellAttributes & { readonly relu: boolean }> = {
  op: rnnOp,
  gates: ['hidden'],
  tanhGates: [0],
  states: 1,
};
export const lstmCell: Cell = {
  op: lstmOp,
  gates: ['input', 'forget', 'cell', 'output'],
  tanhGates: [2],
  states: 2,
};
export const gruCell: Cell = { op: gruOp, gates: ['reset', 'update', 'new'], tanhGates: [2], states: 1 };
