import type { Tensor } from '../../../core/tensor.js';
import { affine } from '../../../layers/dense.js';
import { addBroadcast } from '../../../ops/broadcast.js';
import { einsum } from '../../../ops/einsum.js';
import { matmulOp } from '../../../ops/matmul.js';
import { scaleShift } from '../../../ops/unary.js';
import { transpose } from '../../../ops/view.js';
import { float, int, text } from '../args.js';
import type { NodeContext, Recorder } from '../context.js';

/** y = alpha · op(A) op(B) + beta · C. The usual case, x Wᵀ + b, is one affine map. */
const gemm: Recorder = (c) => {
  const [alpha, beta] = [float(c, 'alpha', 1), float(c, 'beta', 1)];
  const [transA, transB] = [int(c, 'transA', 0) !== 0, int(c, 'transB', 0) !== 0];
  c.needRank(0, 2);
  c.needRank(1, 2);
  const a = c.tensor(0);
  const [rows, columns] = c.shape(1) as [number, number];
  const fans = transB ? { fanIn: columns, fanOut: rows } : { fanIn: rows, fanOut: columns };
  const w = c.parameter(1, fans);
  const outputs = transB ? rows : columns;
  const isVector = c.has(2) && c.shape(2).length === 1 && c.shape(2)[0] === outputs;
  if (transB && !transA && alpha === 1 && beta === 1 && (!c.has(2) || isVector)) {
    const y = c.scope.apply(affine, [a, w, ...(c.has(2) ? [c.parameter(2, fans)] : [])], undefined);
    c.site('dense', y);
    return [y];
  }
  const left = transA ? transpose(a, [1, 0], c.scope) : a;
  const right = transB ? transpose(w, [1, 0], c.scope) : w;
  let y = c.scope.apply(matmulOp, [left, right], undefined);
  if (alpha !== 1) y = c.scope.apply(scaleShift, [y], { factor: alpha, shift: 0 });
  if (c.has(2) && beta !== 0) {
    const bias = c.parameter(2, fans);
    const scaled = beta === 1 ? bias : c.scope.apply(scaleShift, [bias], { factor: beta, shift: 0 });
    y = c.scope.apply(addBroadcast, [y, scaled], undefined);
  }
  c.site('dense', y);
  return [y];
};

/** As NumPy: a vector on the left is a row, on the right a column, and its axis is dropped from the result. */
const matmul: Recorder = (c) => {
  const y = product(c);
  c.site(c.isWeight(0) !== c.isWeight(1) ? 'dense' : 'matmul', y);
  return [y];
};

/** The product of a MatMul node, without a site. */
export function product(c: NodeContext): Tensor {
  const [left, right] = [0, 1].map((i) => {
    const shape = c.shape(i);
    const [rows, columns] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
    return c.parameter(i, i === 1 ? { fanIn: rows, fanOut: columns } : { fanIn: columns, fanOut: rows });
  }) as [Tensor, Tensor];
  const a = left.shape.length === 1 ? c.scope.reshape(left, [1, left.shape[0]!]) : left;
  const b = right.shape.length === 1 ? c.scope.reshape(right, [right.shape[0]!, 1]) : right;
  const y = c.scope.apply(matmulOp, [a, b], undefined);
  if (left.shape.length > 1 && right.shape.length > 1) return y;
  const shape = [...y.shape];
  if (right.shape.length === 1) shape.pop();
  if (left.shape.length === 1)
    shape.splice(right.shape.length === 1 ? shape.length - 1 : shape.length - 2, 1);
  return c.scope.reshape(y, shape);
}

const sum: Recorder = (c) => {
  const y = einsum(
    text(c, 'equation', ''),
    Array.from({ length: c.count }, (_, i) => c.tensor(i)),
    c.scope,
  );
  c.site([0, 1].some((i) => i < c.count && c.isWeight(i)) ? 'dense' : 'matmul', y);
  return [y];
};

export const linearNodes: Readonly<Record<string, Recorder>> = { Gemm: gemm, MatMul: matmul, Einsum: sum };
