/** One head: softmax(scale q kᵀ) v; with `causal` row r sees the keys up to r. q [tq, d], k and v [tk, d]. */
export function attend(
  tq: number,
  tk: number,
  d: number,
  q: ArrayLike<number>,
  k: ArrayLike<number>,
  v: ArrayLike<number>,
  scale: number,
  causal: boolean,
): Float64Array {
  const y = new Float64Array(tq * d);
  for (let r = 0; r < tq; r++) {
    const open = causal ? Math.min(tk, r + 1) : tk;
    const scores = Array.from({ length: open }, (_, c) => {
      let sum = 0;
      for (let i = 0; i < d; i++) sum += q[r * d + i]! * k[c * d + i]!;
      return scale * sum;
    });
    const top = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - top));
    const total = weights.reduce((a, b) => a + b, 0);
    weights.forEach((weight, c) => {
      for (let i = 0; i < d; i++) y[r * d + i]! += (weight / total) * v[c * d + i]!;
    });
  }
  return y;
}
