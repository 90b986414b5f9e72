export type Layout = 'gemm' | 'gemmNT' | 'gemmTN';

/**
 * C (+)= op(A) op(B) in float64, all matrices dense and row-major. `size` is Σ |a b| of every entry: the scale its
 * rounding error is measured in.
 */
export function multiply(
  layout: Layout,
  m: number,
  n: number,
  k: number,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  before?: ArrayLike<number>,
): { value: Float64Array; size: Float64Array } {
  const value = new Float64Array(m * n);
  const size = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const at = i * n + j;
      value[at] = before ? before[at]! : 0;
      size[at] = Math.abs(value[at]!);
      for (let p = 0; p < k; p++) {
        const left = layout === 'gemmTN' ? a[p * m + i]! : a[i * k + p]!;
        const right = layout === 'gemmNT' ? b[j * k + p]! : b[p * n + j]!;
        value[at]! += left * right;
        size[at]! += Math.abs(left * right);
      }
    }
  }
  return { value, size };
}
