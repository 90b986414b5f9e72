import * as activations from '../../../activations/index.js';
import { readActivation } from '../../../activations/activation.js';
import type { TimeTap } from '../../../core/site.js';
import type { Tensor } from '../../../core/tensor.js';
import { affine } from '../../../layers/dense.js';
import { addBroadcast, multiplyBroadcast, subtract } from '../../../ops/broadcast.js';
import { concatOp } from '../../../ops/place.js';
import { gruOp, lstmOp, rnnOp } from '../../../ops/recurrent.js';
import { tapsOp } from '../../../ops/taps.js';
import { clamp, scaleShift } from '../../../ops/unary.js';
import { slice, transpose } from '../../../ops/view.js';
import { int, text, texts } from '../args.js';
import { isConstant, type NodeContext, type Recorder } from '../context.js';

/** A cell: ONNX's order of its gates as rows of PyTorch's order, and how many states it carries. */
interface CellKind {
  readonly type: 'rnn' | 'lstm' | 'gru';
  /** For each of the engine's (PyTorch's) gates, which of ONNX's it is. */
  readonly order: readonly number[];
  readonly activations: readonly string[];
}

const cells: Readonly<Record<string, CellKind>> = {
  RNN: { type: 'rnn', order: [0], activations: ['Tanh'] },
  // ONNX: input, output, forget, cell; the engine: input, forget, cell, output.
  LSTM: { type: 'lstm', order: [0, 2, 3, 1], activations: ['Sigmoid', 'Tanh', 'Tanh'] },
  // ONNX: update, reset, hidden; the engine: reset, update, new.
  GRU: { type: 'gru', order: [1, 0, 2], activations: ['Sigmoid', 'Tanh'] },
};

/** Longest sequence that is written out step by step. */
const MAX_STEPS = 4096;

/** The weights of one direction, gates in the order given. */
interface Direction {
  readonly w: Tensor;
  readonly r: Tensor;
  readonly bIn: Tensor | null;
  readonly bHidden: Tensor | null;
  readonly h0: Tensor | null;
  readonly c0: Tensor | null;
  readonly reverse: boolean;
}

interface Walked {
  /** Hidden states [T, N, H]. */
  readonly y: Tensor;
  readonly h: Tensor;
  readonly c: Tensor | null;
  readonly tap: TimeTap | null;
}

const recurrent: Recorder = (c) => {
  const kind = cells[c.node.opType]!;
  const batchFirst = int(c, 'layout', 0) !== 0;
  const given = c.tensor(0);
  const x = batchFirst ? transpose(given, [1, 0, 2], c.scope) : given;
  const [T, N] = x.shape as [number, number, number];
  const direction = text(c, 'direction', 'forward');
  const reverses = direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
  const H = c.shape(2)[2]!;
  checkLengths(c, T);
  const names = texts(c, 'activations') ?? reverses.flatMap(() => kind.activations);
  const usual = kind.type === 'rnn' ? ['Tanh', 'Relu'] : null;
  const isUsual = usual
    ? names.every((name) => name === names[0] && usual.includes(name))
    : names.every((name, i) => name === kind.activations[i % kind.activations.length]);
  const step = kind.type === 'gru' ? int(c, 'linear_before_reset', 0) !== 0 : true;
  const plain =
    isUsual &&
    step &&
    !c.node.attributes.has('clip') &&
    !(c.has(7) && kind.type === 'lstm') &&
    int(c, 'input_forget', 0) === 0;
  const walked = reverses.map((reverse, d) => {
    const own = directionOf(
      c,
      kind,
      d,
      reverse,
      batchFirst,
      plain ? kind.order : kind.order.map((_, i) => i),
    );
    const fns = names.slice(d * kind.activations.length, (d + 1) * kind.activations.length);
    return plain ? walkFused(c, kind, own, x, fns[0]!) : walkSteps(c, kind, own, x, fns, H, d);
  });
  return outputs(c, walked, [T, N, H], batchFirst, kind);
};

/** Sequences shorter than the batch's longest would need masks; all of one length is what exporters write. */
function checkLengths(c: NodeContext, T: number): void {
  if (!c.has(4)) return;
  if (c.constant(4).data.some((length) => length !== T))
    c.fail(`${c.node.opType} with sequences of different lengths`);
}

/** Rows of a weight [directions, G·H, …] for one direction, its gates put in another order. */
function directionOf(
  c: NodeContext,
  kind: CellKind,
  d: number,
  reverse: boolean,
  batchFirst: boolean,
  order: readonly number[],
): Direction {
  const gates = kind.order.length;
  const H = c.shape(2)[2]!;
  const pick = (input: number, from: number, rows: number): Tensor => {
    const fans = { fanIn: c.shape(input).at(-1)!, fanOut: H };
    const all = c.parameter(input, c.shape(input).length === 3 ? fans : {});
    const own = c.scope.reshape(
      slice(all, [{ axis: 0, start: d, length: 1, step: 1 }], c.scope),
      all.shape.slice(1),
    );
    const part = slice(own, [{ axis: 0, start: from, length: rows, step: 1 }], c.scope);
    return reordered(c, part, H, order);
  };
  const state = (input: number): Tensor | null => {
    if (!c.has(input)) return null;
    const value = c.value(input);
    if (isConstant(value) && value.data.every((number) => number === 0)) return null;
    const axis = batchFirst ? 1 : 0;
    const all = c.tensor(input);
    return c.scope.reshape(
      slice(all, [{ axis, start: d, length: 1, step: 1 }], c.scope),
      all.shape.filter((_, i) => i !== axis),
    );
  };
  const rows = gates * H;
  return {
    w: pick(1, 0, rows),
    r: pick(2, 0, rows),
    bIn: c.has(3) ? pick(3, 0, rows) : null,
    bHidden: c.has(3) ? pick(3, rows, rows) : null,
    h0: state(5),
    c0: kind.type === 'lstm' ? state(6) : null,
    reverse,
  };
}

function reordered(c: NodeContext, part: Tensor, H: number, order: readonly number[]): Tensor {
  if (order.every((gate, i) => gate === i)) return part;
  const indices = Int32Array.from(
    { length: order.length * H },
    (_, row) => order[Math.floor(row / H)]! * H + (row % H),
  );
  return c.scope.apply(tapsOp, [part], { axis: 0, length: indices.length, taps: 1, indices, weights: null });
}

/** The usual cells: one op for the whole sequence, with the gradient at every step to be read. */
function walkFused(c: NodeContext, kind: CellKind, own: Direction, x: Tensor, fn: string): Walked {
  const { scope } = c;
  const projections = scope.apply(affine, own.bIn ? [x, own.w, own.bIn] : [x, own.w], undefined);
  const [, N] = x.shape as [number, number, number];
  const zeros = (name: string) =>
    c.constantTensor(
      {
        kind: 'constant',
        shape: [N, own.r.shape[1]!],
        type: 1,
        data: new Float32Array(N * own.r.shape[1]!),
        name: null,
      },
      `${c.name}/${name}`,
    );
  const hasState = own.h0 !== null || own.c0 !== null;
  const states = hasState
    ? [own.h0 ?? zeros('h0'), ...(kind.type === 'lstm' ? [own.c0 ?? zeros('c0')] : [])]
    : [];
  const inputs = [projections, own.r, ...(own.bHidden ? [own.bHidden] : []), ...states];
  const attributes = { reverse: own.reverse, bias: own.bHidden !== null, state: hasState };
  const record =
    kind.type === 'rnn'
      ? scope.record(rnnOp, inputs, { ...attributes, relu: fn === 'Relu' })
      : scope.record(kind.type === 'lstm' ? lstmOp : gruOp, inputs, attributes);
  const [y, h, cell] = record.outputs as [Tensor, Tensor, Tensor?];
  const [T, , H] = y.shape as [number, number, number];
  const tap: TimeTap = {
    name: own.reverse ? 'hidden reverse' : 'hidden',
    record,
    steps: T,
    size: N * H,
    reverse: own.reverse,
    gradient: 'dHidden',
  };
  return { y, h, c: cell ?? null, tap };
}

/**
 * Cells with other activations, peepholes, or the reset gate applied before the product: written out step by step,
 * so that every step is in the graph.
 */
function walkSteps(
  c: NodeContext,
  kind: CellKind,
  own: Direction,
  x: Tensor,
  fns: readonly string[],
  H: number,
  d: number,
): Walked {
  const { scope } = c;
  if (c.node.attributes.has('clip')) c.fail(`${c.node.opType} with clip`);
  if (int(c, 'input_forget', 0) !== 0) c.fail('LSTM with input_forget');
  const [T, N, I] = x.shape as [number, number, number];
  if (T > MAX_STEPS)
    c.fail(`${c.node.opType} of this kind over ${T} steps; at most ${MAX_STEPS} are written out`);
  const part = (z: Tensor, gate: number) =>
    slice(z, [{ axis: 1, start: gate * H, length: H, step: 1 }], scope);
  const rowsOf = (w: Tensor, gate: number, count = 1) =>
    slice(w, [{ axis: 0, start: gate * H, length: count * H, step: 1 }], scope);
  const apply = (x0: Tensor, i: number) => applyNamed(c, x0, fns[i]!, i);
  const add = (a: Tensor, b: Tensor) => scope.apply(addBroadcast, [a, b], undefined);
  const times = (a: Tensor, b: Tensor) => scope.apply(multiplyBroadcast, [a, b], undefined);
  const peephole = (gate: number): Tensor | null => {
    if (kind.type !== 'lstm' || !c.has(7)) return null;
    const all = c.parameter(7);
    const mine = scope.reshape(slice(all, [{ axis: 0, start: d, length: 1, step: 1 }], scope), [3 * H]);
    return slice(mine, [{ axis: 0, start: gate * H, length: H, step: 1 }], scope);
  };
  const zero = c.constantTensor(
    { kind: 'constant', shape: [N, H], type: 1, data: new Float32Array(N * H), name: null },
    `${c.name}/zero`,
  );
  let h = own.h0 ?? zero;
  let cell = own.c0 ?? zero;
  const made = new Array<Tensor>(T);
  for (let i = 0; i < T; i++) {
    const t = own.reverse ? T - 1 - i : i;
    const xt = scope.reshape(slice(x, [{ axis: 0, start: t, length: 1, step: 1 }], scope), [N, I]);
    const fromX = scope.apply(affine, own.bIn ? [xt, own.w, own.bIn] : [xt, own.w], undefined);
    if (kind.type === 'rnn') {
      const fromH = scope.apply(affine, own.bHidden ? [h, own.r, own.bHidden] : [h, own.r], undefined);
      h = apply(add(fromX, fromH), 0);
    } else if (kind.type === 'lstm') {
      const gates = add(
        fromX,
        scope.apply(affine, own.bHidden ? [h, own.r, own.bHidden] : [h, own.r], undefined),
      );
      const peep = (gate: number, which: number, state: Tensor) => {
        const p = peephole(which);
        return p ? add(part(gates, gate), times(state, p)) : part(gates, gate);
      };
      const [input, forget] = [apply(peep(0, 0, cell), 0), apply(peep(2, 2, cell), 0)];
      cell = add(times(forget, cell), times(input, apply(part(gates, 3), 1)));
      h = times(apply(peep(1, 1, cell), 0), apply(cell, 2));
    } else {
      const biasOf = (gate: number, count: number) => (own.bHidden ? [rowsOf(own.bHidden, gate, count)] : []);
      const gates = scope.apply(affine, [h, rowsOf(own.r, 0, 2), ...biasOf(0, 2)], undefined);
      const [update, reset] = [0, 1].map((gate) => apply(add(part(fromX, gate), part(gates, gate)), 0)) as [
        Tensor,
        Tensor,
      ];
      const before = int(c, 'linear_before_reset', 0) === 0;
      const product = scope.apply(
        affine,
        [before ? times(reset, h) : h, rowsOf(own.r, 2), ...biasOf(2, 1)],
        undefined,
      );
      const candidate = apply(add(part(fromX, 2), before ? product : times(reset, product)), 1);
      // h ← (1 − z) n + z h = n + z (h − n)
      h = add(candidate, times(update, scope.apply(subtract, [h, candidate], undefined)));
    }
    made[t] = h;
  }
  const y = scope.reshape(scope.apply(concatOp, made, { axis: 0 }), [T, N, H]);
  return { y, h, c: kind.type === 'lstm' ? cell : null, tap: null };
}

/** An activation of a cell, by ONNX's name. */
function applyNamed(c: NodeContext, x: Tensor, name: string, index: number): Tensor {
  const alpha = c.node.attributes.get('activation_alpha')?.floats[index];
  const beta = c.node.attributes.get('activation_beta')?.floats[index];
  if (name === 'Affine') return c.scope.apply(scaleShift, [x], { factor: alpha ?? 1, shift: beta ?? 0 });
  if (name === 'HardSigmoid') {
    const line = c.scope.apply(scaleShift, [x], { factor: alpha ?? 0.2, shift: beta ?? 0.5 });
    return c.scope.apply(clamp, [line], { low: 0, high: 1 });
  }
  const known: Readonly<Record<string, readonly [string, Record<string, unknown>]>> = {
    Sigmoid: ['sigmoid', {}],
    Tanh: ['tanh', {}],
    Relu: ['relu', {}],
    Softsign: ['softsign', {}],
    Softplus: ['softplus', {}],
    LeakyRelu: ['leakyRelu', { slope: alpha ?? 0.01 }],
    Elu: ['elu', { alpha: alpha ?? 1 }],
  };
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!found) return c.fail(`${c.node.opType} with the activation "${name}"`);
  const { activation, options } = readActivation(activations, { ...found[1], fn: found[0] });
  return activation.apply(x, options, c.scope);
}

/** Y [T, directions, N, H] and the last states [directions, N, H], or with the batch first. */
function outputs(
  c: NodeContext,
  walked: readonly Walked[],
  [T, N, H]: [number, number, number],
  batchFirst: boolean,
  kind: CellKind,
): Tensor[] {
  const { scope } = c;
  const D = walked.length;
  const stack = (parts: readonly Tensor[], shape: readonly number[], axis: number) => {
    const made = parts.map((part) => scope.reshape(part, shape));
    return made.length === 1 ? made[0]! : scope.apply(concatOp, made, { axis });
  };
  let y = stack(
    walked.map((walk) => walk.y),
    [T, 1, N, H],
    1,
  );
  let h = stack(
    walked.map((walk) => walk.h),
    [1, N, H],
    0,
  );
  let last =
    kind.type === 'lstm'
      ? stack(
          walked.map((walk) => walk.c!),
          [1, N, H],
          0,
        )
      : null;
  // The gradient of what nobody reads is zero: where only the last state is read, that is what the site gives.
  c.site(kind.type, c.isRead(0) || !c.isRead(1) ? y : h, {
    time: walked.flatMap(({ tap }) => (tap ? [tap] : [])),
    options: { hidden: H, bidirectional: D > 1 },
  });
  if (batchFirst) {
    y = transpose(y, [2, 0, 1, 3], scope);
    h = transpose(h, [1, 0, 2], scope);
    last = last && transpose(last, [1, 0, 2], scope);
  }
  return last ? [y, h, last] : [y, h];
}

export const recurrentNodes: Readonly<Record<string, Recorder>> = {
  RNN: recurrent,
  LSTM: recurrent,
  GRU: recurrent,
};
