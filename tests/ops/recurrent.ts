import type { Op } from '../../packages/engine/src/core/op.js';
import type { Scope } from '../../packages/engine/src/core/scope.js';
import type { Tensor } from '../../packages/engine/src/core/tensor.js';
import { stackCells } from '../../packages/engine/src/layers/recurrent.js';
import { concatOp } from '../../packages/engine/src/ops/place.js';
import {
  gruCell,
  lstmCell,
  rnnCell,
  type Cell,
  type CellAttributes,
} from '../../packages/engine/src/ops/recurrent.js';
import { swapOp } from '../../packages/engine/src/ops/swap.js';
import type { Mapping } from './mapping.js';

/** x[index] of [layers · directions, N, H]: one cell's first state. */
const pick: Op<{ readonly index: number }> = {
  name: 'pick',
  shapes: ([x]) => [x!.slice(1)],
  bind: ({ kernels: k, x: [x], y: [y] }, { index }) => ({
    forward: () => k.copy(y!.size, x!.data + 4 * index * y!.size, y!.data),
    backward: () => {
      if (x!.grad) k.axpy(y!.size, 1, y!.grad, x!.grad + 4 * index * y!.size);
    },
  }),
};

function of<A extends CellAttributes>(cell: Cell<A>, own: Omit<A, keyof CellAttributes>): Mapping {
  return {
    record: (t, attributes, scope: Scope) => {
      const {
        hidden,
        layers,
        bidirectional,
        batch_first: batchFirst,
      } = attributes as {
        hidden: number;
        layers: number;
        bidirectional: boolean;
        batch_first: boolean;
      };
      const x = batchFirst ? scope.apply(swapOp, [t['x']!], undefined) : t['x']!;
      const { y, walks } = stackCells(
        x,
        cell,
        { hidden, layers, bidirectional },
        own,
        {
          parameter: (name) => t[name]!,
          bias: (name) => t[name] ?? null,
          states: (index) =>
            [t['h0'], t['c0']].flatMap((state) => (state ? [scope.apply(pick, [state], { index })] : [])),
        },
        scope,
      );
      const last = (output: number) => {
        const states = walks.map(({ record }) => {
          const state = record.outputs[output]!;
          return scope.reshape(state, [1, ...state.shape]);
        });
        return scope.apply(concatOp, states, { axis: 0 });
      };
      const outputs: Record<string, Tensor> = {
        y: batchFirst ? scope.apply(swapOp, [y], undefined) : y,
        h: last(1),
      };
      if (cell.states > 1) outputs['c'] = last(2);
      return outputs;
    },
  };
}

export const recurrent: Record<string, Mapping> = {
  rnn_tanh: of(rnnCell, { relu: false }),
  rnn_relu: of(rnnCell, { relu: true }),
  lstm: of(lstmCell, {}),
  gru: of(gruCell, {}),
};
