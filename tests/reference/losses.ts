/** Losses in float64, by their definitions in PyTorch; each gives the sum and the gradient of that sum. */
export interface LossResult {
  sum: number;
  grad: Float64Array;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function elementwise(
  x: ArrayLike<number>,
  t: ArrayLike<number>,
  value: (x: number, t: number) => number,
  slope: (x: number, t: number) => number,
): LossResult {
  const grad = new Float64Array(x.length);
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    sum += value(x[i]!, t[i]!);
    grad[i] = slope(x[i]!, t[i]!);
  }
  return { sum, grad };
}

type Loss = (x: ArrayLike<number>, t: ArrayLike<number>, param: number) => LossResult;

export const elementwiseLosses = {
  meanSquaredError: (x, t) =>
    elementwise(
      x,
      t,
      (a, b) => (a - b) ** 2,
      (a, b) => 2 * (a - b),
    ),
  meanAbsoluteError: (x, t) =>
    elementwise(
      x,
      t,
      (a, b) => Math.abs(a - b),
      (a, b) => Math.sign(a - b),
    ),
  huber: (x, t, delta) =>
    elementwise(
      x,
      t,
      (a, b) => {
        const d = Math.abs(a - b);
        return d <= delta ? (d * d) / 2 : delta * (d - delta / 2);
      },
      (a, b) => Math.max(-delta, Math.min(delta, a - b)),
    ),
  smoothL1: (x, t, beta) =>
    elementwise(
      x,
      t,
      (a, b) => {
        const d = Math.abs(a - b);
        return d < beta ? (d * d) / (2 * beta) : d - beta / 2;
      },
      (a, b) => (Math.abs(a - b) < beta ? (a - b) / beta : Math.sign(a - b)),
    ),
  binaryCrossEntropy: (x, t, posWeight) =>
    elementwise(
      x,
      t,
      (a, b) => -posWeight * b * Math.log(sigmoid(a)) - (1 - b) * Math.log(sigmoid(-a)),
      (a, b) => -posWeight * b * sigmoid(-a) + (1 - b) * sigmoid(a),
    ),
} satisfies Record<string, Loss>;

/** Softmax of every row of [rows, cols]. */
export function softmax(rows: number, cols: number, x: ArrayLike<number>): Float64Array {
  const y = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    let top = -Infinity;
    for (let c = 0; c < cols; c++) top = Math.max(top, x[r * cols + c]!);
    let total = 0;
    for (let c = 0; c < cols; c++) total += y[r * cols + c] = Math.exp(x[r * cols + c]! - top);
    for (let c = 0; c < cols; c++) y[r * cols + c]! /= total;
  }
  return y;
}

/** Cross entropy against class ids with class weights, label smoothing and an ignored id. */
export function crossEntropy(
  rows: number,
  cols: number,
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  smoothing: number,
  ignoreIndex: number,
  weights?: ArrayLike<number>,
): LossResult & { weight: number; probs: Float64Array } {
  const probs = softmax(rows, cols, logits);
  const grad = new Float64Array(rows * cols);
  let sum = 0;
  let weight = 0;
  for (let r = 0; r < rows; r++) {
    const target = targets[r]!;
    if (target === ignoreIndex) continue;
    weight += weights ? weights[target]! : 1;
    for (let c = 0; c < cols; c++) {
      const w = weights ? weights[c]! : 1;
      const share = w * (smoothing / cols + (c === target ? 1 - smoothing : 0));
      sum -= share * Math.log(probs[r * cols + c]!);
      for (let d = 0; d < cols; d++) {
        grad[r * cols + d]! += share * (probs[r * cols + d]! - Number(d === c));
      }
    }
  }
  return { sum, weight, grad, probs };
}
