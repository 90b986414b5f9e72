import { blockByBlock } from './blocks.js';
import { affine } from './dense.js';
import { count, oneOf, optional } from '../core/options.js';
import type { Fill } from '../core/parameters.js';
import { checkFloat, checkRank, type Scope } from '../core/scope.js';
import type { OpRecord } from '../core/graph.js';
import { placeOf } from '../core/tape.js';
import type { Tensor } from '../core/tensor.js';
import * as inits from '../inits/index.js';
import { fillBy, initSchema, readInit, type InitSpec } from '../inits/init.js';
import { concatOp } from '../ops/place.js';
import type { Cell, CellAttributes } from '../ops/recurrent.js';
import { swapOp } from '../ops/swap.js';
import * as v from 'valibot';

/** Options that rnn, lstm and gru share; their recurrent weights start differently. */
export const recurrentOptions = (recurrentInit: InitSpec) => ({
  hidden: count(),
  layers: optional(count(1, 1000), 1),
  bidirectional: optional(v.boolean(), false),
  returns: optional(oneOf(['last', 'sequence']), 'last'),
  init: optional(initSchema(), 'xavierUniform'),
  recurrentInit: optional(initSchema(), recurrentInit),
});

interface RecurrentOptions {
  readonly hidden: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  readonly returns: 'last' | 'sequence';
  readonly init: InitSpec;
  readonly recurrentInit: InitSpec;
}

/** Checks the names of the two inits. */
export function completeRecurrent<O extends RecurrentOptions>(options: O): O {
  readInit(inits, options.init, ['init']);
  readInit(inits, options.recurrentInit, ['recurrentInit']);
  return options;
}

/** Sigmoid gates count as saturated where their slope is below 6 % of its maximum; tanh ones likewise. */
const SIGMOID_RANGE = { low: 0.01523, high: 0.98477 };
const TANH_RANGE = { low: -0.97, high: 0.97 };

/** How a layer asks for the weights and first states of its cells, by PyTorch's names: `weight_ih_l0_reverse`. */
export interface Weights {
  readonly parameter: (name: string, rows: number, columns: number) => Tensor;
  readonly bias: (name: string, rows: number) => Tensor | null;
  /** First states of the direction-th cell of all: absent means zeros. */
  readonly states: (index: number) => readonly Tensor[];
}

/** One cell of a stack, walked. */
export interface Walk {
  readonly record: OpRecord;
  /** `l0`, `l0_reverse`, … */
  readonly name: string;
  readonly reverse: boolean;
}

/**
 * Layers × directions of a cell over a time-major sequence x [T, N, I]: y [T, N, directions · H], and every walk.
 * The inputs of all steps are projected by one product; each layer reads the joined outputs of the one below.
 */
export function stackCells<A extends CellAttributes>(
  x: Tensor,
  cell: Cell<A>,
  options: { readonly hidden: number; readonly layers: number; readonly bidirectional: boolean },
  own: Omit<A, keyof CellAttributes>,
  weights: Weights,
  scope: Scope,
): { readonly y: Tensor; readonly walks: readonly Walk[] } {
  const { hidden, layers, bidirectional } = options;
  const rows = cell.gates.length * hidden;
  const walks: Walk[] = [];
  let y = x;
  for (let layer = 0; layer < layers; layer++) {
    const input = y;
    const directions = (bidirectional ? [false, true] : [false]).map((reverse) => {
      const name = `l${layer}${reverse ? '_reverse' : ''}`;
      const wIn = weights.parameter(`weight_ih_${name}`, rows, input.shape[2]!);
      const bIn = weights.bias(`bias_ih_${name}`, rows);
      const projections = scope.apply(affine, bIn ? [input, wIn, bIn] : [input, wIn], undefined);
      const w = weights.parameter(`weight_hh_${name}`, rows, hidden);
      const b = weights.bias(`bias_hh_${name}`, rows);
      const states = weights.states(walks.length);
      const inputs = [projections, w, ...(b ? [b] : []), ...states];
      // The three of CellAttributes and the cell's own make up A.
      const attributes = { ...own, reverse, bias: b !== null, state: states.length > 0 } as unknown as A;
      const record = scope.record(cell.op, inputs, attributes);
      walks.push({ record, name, reverse });
      return record.outputs[0]!;
    });
    y = directions.length === 1 ? directions[0]! : scope.apply(concatOp, directions, { axis: 2 });
  }
  return { y, walks };
}

/** A recurrent layer on x [N, T, I]: taps every walk for the probes of the time axis. */
export function recurrent<A extends CellAttributes>(
  x: Tensor,
  type: string,
  cell: Cell<A>,
  options: RecurrentOptions,
  own: Omit<A, keyof CellAttributes>,
  biasIn: Fill,
  scope: Scope,
): Tensor {
  checkFloat(x, type);
  checkRank(x, 3, type, 'a sequence [N, T, features]');
  const { hidden, bidirectional, layers, returns, init, recurrentInit } = options;
  const gates = cell.gates.length;
  const many = bidirectional || layers > 1;
  const { y, walks } = stackCells(
    scope.apply(swapOp, [x], undefined),
    cell,
    options,
    own,
    {
      parameter: (name, rows, columns) => {
        const spec = name.startsWith('weight_hh') ? recurrentInit : init;
        const fill = blockByBlock(fillBy(inits, spec), gates);
        return scope.parameter(name, [rows, columns], { fill, fanIn: columns, fanOut: hidden });
      },
      bias: (name, rows) => {
        const fill = name.startsWith('bias_ih') ? biasIn : constantZero;
        return scope.parameter(name, [rows], { fill, fanIn: hidden, fanOut: hidden });
      },
      states: () => [],
    },
    scope,
  );
  for (const walk of walks) tap(walk, cell, own, many, scope);
  if (returns === 'sequence') return scope.apply(swapOp, [y], undefined);
  const lasts = walks.slice(bidirectional ? -2 : -1).map(({ record }) => record.outputs[1]!);
  return lasts.length === 1 ? lasts[0]! : scope.apply(concatOp, lasts, { axis: 1 });
}

const constantZero: Fill = ({ arena, address, size }) => {
  arena.kernels.fill(size, address, 0);
};

function tap<A extends CellAttributes>(
  { record, name, reverse }: Walk,
  cell: Cell<A>,
  own: Omit<A, keyof CellAttributes>,
  many: boolean,
  scope: Scope,
): void {
  const [T, N, H] = record.outputs[0]!.shape as [number, number, number];
  const label = (state: string) => (many ? `${state} ${name}` : state);
  const shared = { record, steps: T, size: N * H, reverse };
  scope.tapTime({ ...shared, name: label('hidden'), gradient: 'dHidden' });
  if (cell.states > 1) scope.tapTime({ ...shared, name: label('cell'), gradient: 'dCell' });
  const bounded = !('relu' in own && own.relu);
  if (!bounded) return;
  const gates = cell.gates.length;
  scope.tapMeter({
    id: `gateSaturation${many ? ` ${name}` : ''}`,
    title: `saturated share of each gate${many ? `, ${name}` : ''}`,
    unit: 'share',
    labels: cell.gates,
    record,
    read: (kernels, out) => {
      // A plain cell keeps no gates: its output is its one gate.
      const at = gates === 1 ? placeOf(record.outputs[0]!).data : record.keep['gates']!;
      for (let gate = 0; gate < gates; gate++) {
        const { low, high } = cell.tanhGates.includes(gate) ? TANH_RANGE : SIGMOID_RANGE;
        out[gate] = kernels.columnsOutside(T * N, H, gates * H, at + 4 * gate * H, low, high) / (T * N * H);
      }
    },
  });
}
