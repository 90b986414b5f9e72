// A Bᵀ for a few rows of A, as scalar products of rows: both lie along k, so nothing is packed. Four rows of B at a
// time give four independent sums.
import { horizontalSum, madd, splat } from './simd';

/** C[m, n] (+)= A[m, k] B[n, k]ᵀ. */
export function rowProducts(
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  lda: i32,
  b: usize,
  ldb: i32,
  c: usize,
  ldc: i32,
  acc: i32,
): void {
  const bStep = <usize>ldb << 2;
  for (let i = 0; i < m; i++, a += <usize>lda << 2, c += <usize>ldc << 2) {
    let row = b;
    let j: i32 = 0;
    for (; j + 4 <= n; j += 4, row += bStep << 2) fourProducts(k, a, row, bStep, c + (<usize>j << 2), acc);
    for (; j < n; j++, row += bStep) oneProduct(k, a, row, c + (<usize>j << 2), acc);
  }
}

function fourProducts(k: i32, a: usize, b: usize, bStep: usize, c: usize, acc: i32): void {
  const b1 = b + bStep;
  const b2 = b1 + bStep;
  const b3 = b2 + bStep;
  let s0 = splat(0);
  let s1 = splat(0);
  let s2 = splat(0);
  let s3 = splat(0);
  const whole = <usize>(k & ~3) << 2;
  for (let p: usize = 0; p < whole; p += 16) {
    const v = v128.load(a + p);
    s0 = madd(v, v128.load(b + p), s0);
    s1 = madd(v, v128.load(b1 + p), s1);
    s2 = madd(v, v128.load(b2 + p), s2);
    s3 = madd(v, v128.load(b3 + p), s3);
  }
  for (let p = whole; p < <usize>k << 2; p += 4) {
    const v = v128.load_zero<f32>(a + p);
    s0 = madd(v, v128.load_zero<f32>(b + p), s0);
    s1 = madd(v, v128.load_zero<f32>(b1 + p), s1);
    s2 = madd(v, v128.load_zero<f32>(b2 + p), s2);
    s3 = madd(v, v128.load_zero<f32>(b3 + p), s3);
  }
  // Lane l of the transposed sums belongs to product l.
  const p0 = v128.shuffle<i32>(s0, s1, 0, 4, 1, 5);
  const p1 = v128.shuffle<i32>(s0, s1, 2, 6, 3, 7);
  const q0 = v128.shuffle<i32>(s2, s3, 0, 4, 1, 5);
  const q1 = v128.shuffle<i32>(s2, s3, 2, 6, 3, 7);
  const left = f32x4.add(v128.shuffle<i64>(p0, q0, 0, 2), v128.shuffle<i64>(p0, q0, 1, 3));
  const right = f32x4.add(v128.shuffle<i64>(p1, q1, 0, 2), v128.shuffle<i64>(p1, q1, 1, 3));
  const total = f32x4.add(left, right);
  v128.store(c, acc ? f32x4.add(v128.load(c), total) : total);
}

function oneProduct(k: i32, a: usize, b: usize, c: usize, acc: i32): void {
  let s = splat(0);
  const whole = <usize>(k & ~3) << 2;
  for (let p: usize = 0; p < whole; p += 16) s = madd(v128.load(a + p), v128.load(b + p), s);
  for (let p = whole; p < <usize>k << 2; p += 4) s = madd(v128.load_zero<f32>(a + p), v128.load_zero<f32>(b + p), s);
  const total = horizontalSum(s);
  store<f32>(c, acc ? load<f32>(c) + total : total);
}
