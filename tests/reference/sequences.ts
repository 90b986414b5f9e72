// Gated units, embeddings, rearrangements and likelihoods in plain float64 loops.

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const silu = (x: number) => x * sigmoid(x);
const siluSlope = (x: number) => sigmoid(x) * (1 + x * (1 - sigmoid(x)));

/** y = gate(a, b) over rows of 2 · half numbers, and the gradient for dy. */
export function gated(
  kind: 'glu' | 'swiglu',
  rows: number,
  half: number,
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
) {
  const y = new Float64Array(rows * half);
  const dx = new Float64Array(rows * half * 2);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < half; c++) {
      const [at, i] = [2 * r * half + c, r * half + c];
      const [a, b, d] = [x[at]!, x[at + half]!, dy[i]!];
      const s = sigmoid(b);
      y[i] = kind === 'glu' ? a * s : silu(a) * b;
      dx[at] = kind === 'glu' ? d * s : d * b * siluSlope(a);
      dx[at + half] = kind === 'glu' ? d * a * s * (1 - s) : d * silu(a);
    }
  }
  return { y, dx };
}

/** Σ of dy's rows by id; rows whose id is `padding` are left out. */
export function embeddingGrad(
  ids: ArrayLike<number>,
  width: number,
  dy: ArrayLike<number>,
  padding: number,
  size: number,
) {
  const table = new Float64Array(size);
  for (let r = 0; r < ids.length; r++) {
    if (ids[r] === padding) continue;
    for (let c = 0; c < width; c++) table[ids[r]! * width + c]! += dy[r * width + c]!;
  }
  return table;
}

/** x [a, b, inner] as [b, a, inner]. */
export function swapOuter(a: number, b: number, inner: number, x: ArrayLike<number>) {
  return Float64Array.from({ length: a * b * inner }, (_, at) => {
    const [i, rest] = [Math.floor(at / (a * inner)), at % (a * inner)];
    const [j, k] = [Math.floor(rest / inner), rest % inner];
    return x[(j * b + i) * inner + k]!;
  });
}

/** Cross entropy against distributions, summed over rows, and its gradient. */
export function softCrossEntropy(rows: number, cols: number, x: ArrayLike<number>, t: ArrayLike<number>) {
  let sum = 0;
  const grad = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const at = r * cols;
    const row = Array.from({ length: cols }, (_, c) => x[at + c]!);
    const most = Math.max(...row);
    const norm = most + Math.log(row.reduce((total, v) => total + Math.exp(v - most), 0));
    const weight = row.reduce((total, _, c) => total + t[at + c]!, 0);
    row.forEach((v, c) => {
      sum += t[at + c]! * (norm - v);
      grad[at + c] = Math.exp(v - norm) * weight - t[at + c]!;
    });
  }
  return { sum, grad };
}
