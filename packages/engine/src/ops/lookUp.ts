import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf } from '../core/shape.js';

/**
 * Rows of a table by id: y[…, :] = table[ids[…], :]. Backward adds each row's gradient to its table row; repeated ids
 * add up, and the row `padding` (−1: none) gets nothing. Inputs: integer ids of any shape, table [V, D].
 */
export const lookUpOp: Op<{ readonly padding: number }> = {
  name: 'lookUp',
  shapes: ([ids, table]) => {
    check(
      table!.length === 2,
      'SHAPE',
      `an embedding's table has shape [vocab, out], got ${showShape(table!)}`,
    );
    return [[...ids!, table![1]!]];
  },
  reads: { inputs: (index) => index === 0, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [ids, table], y: [y], accumulate: [, add] }, { padding }) => {
    const width = table!.shape[1]!;
    return {
      forward: () => k.gatherRows(ids!.size, width, width, table!.data, ids!.data, y!.data),
      backward: () => {
        if (!table!.grad) return;
        if (!add) k.fill(table!.size, table!.grad, 0);
        k.embeddingGrad(ids!.size, width, y!.grad, ids!.data, padding, table!.grad);
      },
    };
  },
};

/** y = x + table on every sample: x [N, …], table of the remaining shape. dtable = Σₙ dy. */
export const addTableOp: Op = {
  name: 'addTable',
  shapes: ([x, table]) => {
    const rest = x!.slice(1);
    check(
      sizeOf(rest) === sizeOf(table!),
      'SHAPE',
      `cannot add a table ${showShape(table!)} to every sample of ${showShape(x!)}`,
    );
    return [x!];
  },
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x, table], y: [y], accumulate: [addX, addTable] }) => {
    const samples = table!.size === 0 ? 0 : x!.size / table!.size;
    return {
      forward: () => {
        k.copy(x!.size, x!.data, y!.data);
        k.addBias(samples, table!.size, table!.data, y!.data);
      },
      backward: () => {
        if (table!.grad) k.biasGrad(samples, table!.size, y!.grad, table!.grad, addTable!);
        if (!x!.grad) return;
        if (addX) k.axpy(x!.size, 1, y!.grad, x!.grad);
        else k.copy(x!.size, y!.grad, x!.grad);
      },
    };
  },
};
