// Products with few columns: packing A would cost as much as multiplying it. Its rows are read where they lie, MR at
// a time, against one panel of 8 columns of B. The order of the stores is explained in tile.ts.
import { madd, splat } from './simd';

/** Rows of a full tile. */
export const THIN_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

@inline
function thin(
  rows: i32,
  k: i32,
  a: usize,
  lda: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  from: usize,
): void {
  a &= ~3; // see tile.ts
  b &= ~3;
  let a1 = rows > 1 ? a + lda : a;
  let a2 = rows > 2 ? a1 + lda : a;
  let a3 = rows > 3 ? a2 + lda : a;
  let a4 = rows > 4 ? a3 + lda : a;
  let a5 = rows > 5 ? a4 + lda : a;
  let c00 = splat(0);
  let c01 = splat(0);
  let c10 = splat(0);
  let c11 = splat(0);
  let c20 = splat(0);
  let c21 = splat(0);
  let c30 = splat(0);
  let c31 = splat(0);
  let c40 = splat(0);
  let c41 = splat(0);
  let c50 = splat(0);
  let c51 = splat(0);
  for (const end = b + <usize>k * bStep; b != end; ) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let v = v128.load_splat<f32>(a);
    a += 4;
    c00 = madd(v, b0, c00);
    c01 = madd(v, b1, c01);
    if (rows > 1) {
      v = v128.load_splat<f32>(a1);
      a1 += 4;
      c10 = madd(v, b0, c10);
      c11 = madd(v, b1, c11);
    }
    if (rows > 2) {
      v = v128.load_splat<f32>(a2);
      a2 += 4;
      c20 = madd(v, b0, c20);
      c21 = madd(v, b1, c21);
    }
    if (rows > 3) {
      v = v128.load_splat<f32>(a3);
      a3 += 4;
      c30 = madd(v, b0, c30);
      c31 = madd(v, b1, c31);
    }
    if (rows > 4) {
      v = v128.load_splat<f32>(a4);
      a4 += 4;
      c40 = madd(v, b0, c40);
      c41 = madd(v, b1, c41);
    }
    if (rows > 5) {
      v = v128.load_splat<f32>(a5);
      a5 += 4;
      c50 = madd(v, b0, c50);
      c51 = madd(v, b1, c51);
    }
    b += bStep;
  }
  const step = from == c ? cStep : 0;
  if (rows > 5) finish(c + 5 * cStep, c50, c51, from, 5 * step);
  if (rows > 4) finish(c + 4 * cStep, c40, c41, from, 4 * step);
  if (rows > 3) finish(c + 3 * cStep, c30, c31, from, 3 * step);
  if (rows > 2) finish(c + 2 * cStep, c20, c21, from, 2 * step);
  if (rows > 1) finish(c + cStep, c10, c11, from, step);
  finish(c, c00, c01, from, 0);
}

@inline
function finish(c: usize, left: v128, right: v128, from: usize, row: usize): void {
  if (from) {
    right = f32x4.add(v128.load(from + row, 16), right);
    left = f32x4.add(v128.load(from + row), left);
  }
  v128.store(c, right, 16);
  v128.store(c, left);
}

/** C[rows, 8] = start + A[rows, k] · b[k, 8] (`from`: tile.ts) for 1 … THIN_ROWS rows; `lda` and the steps in bytes. */
export function thinTile(
  rows: i32,
  k: i32,
  a: usize,
  lda: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  from: usize,
): void {
  if (ASC_FEATURE_RELAXED_SIMD && rows == 6) thin(6, k, a, lda, b, bStep, c, cStep, from);
  else if (rows == 5) thin(5, k, a, lda, b, bStep, c, cStep, from);
  else if (rows == 4) thin(4, k, a, lda, b, bStep, c, cStep, from);
  else if (rows == 3) thin(3, k, a, lda, b, bStep, c, cStep, from);
  else if (rows == 2) thin(2, k, a, lda, b, bStep, c, cStep, from);
  else thin(1, k, a, lda, b, bStep, c, cStep, from);
}
