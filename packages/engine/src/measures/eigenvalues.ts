/**
 * Eigenvalues of a symmetric matrix [n, n], largest first: cyclic Jacobi rotations in float64, which find small ones to
 * full relative precision where the matrix is a Gram matrix (Demmel & Veselić 1992).
 */
export function symmetricEigenvalues(matrix: Float64Array, n: number): number[] {
  const a = matrix.slice();
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let i = 0; i < n; i++) {
      diagonal += a[i * n + i]! ** 2;
      for (let j = 0; j < i; j++) off += a[i * n + j]! ** 2;
    }
    if (off <= 1e-30 * diagonal || off === 0) break;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, n, p, q);
  }
  return Array.from({ length: n }, (_, i) => a[i * n + i]!).sort((x, y) => y - x);
}

/** One rotation that makes a[p, q] zero. */
function rotate(a: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [kp, kq] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const [pk, qk] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
  }
}

/** Singular values of rows [m, n], largest first, from the smaller of the two Gram matrices. */
export function singularValues(rows: Float32Array | Float64Array, m: number, n: number): number[] {
  const byRow = m <= n;
  const size = byRow ? m : n;
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      if (byRow) for (let k = 0; k < n; k++) sum += rows[i * n + k]! * rows[j * n + k]!;
      else for (let k = 0; k < m; k++) sum += rows[k * n + i]! * rows[k * n + j]!;
      gram[i * size + j] = sum;
      gram[j * size + i] = sum;
    }
  }
  return symmetricEigenvalues(gram, size).map((value) => Math.sqrt(Math.max(0, value)));
}
