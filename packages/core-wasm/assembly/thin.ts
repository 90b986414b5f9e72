// Products with few columns: packing A would cost as much as multiplying it. Its rows are read where they lie, four at
// a time, against one panel of 8 columns of B. The order of the stores is explained in tile.ts.
import { madd, splat } from './simd';

/** Rows of a full tile. */
export const THIN_ROWS: i32 = 4;

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
  acc: i32,
): void {
  let a1 = rows > 1 ? a + lda : a;
  let a2 = rows > 2 ? a1 + lda : a;
  let a3 = rows > 3 ? a2 + lda : a;
  let c00 = splat(0);
  let c01 = splat(0);
  let c10 = splat(0);
  let c11 = splat(0);
  let c20 = splat(0);
  let c21 = splat(0);
  let c30 = splat(0);
  let c31 = splat(0);
  for (; k > 0; k--) {
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
    b += bStep;
  }
  if (rows > 3) finish(c + 3 * cStep, c30, c31, acc);
  if (rows > 2) finish(c + 2 * cStep, c20, c21, acc);
  if (rows > 1) finish(c + cStep, c10, c11, acc);
  finish(c, c00, c01, acc);
}

@inline
function finish(c: usize, left: v128, right: v128, acc: i32): void {
  if (acc) {
    right = f32x4.add(v128.load(c, 16), right);
    left = f32x4.add(v128.load(c), left);
  }
  v128.store(c, right, 16);
  v128.store(c, left);
}

/** C[rows, 8] (+)= A[rows, k] · b[k, 8] for 1 … 4 rows; `lda` and the steps in bytes. */
export function thinTile(
  rows: i32,
  k: i32,
  a: usize,
  lda: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  acc: i32,
): void {
  if (rows == 4) thin(4, k, a, lda, b, bStep, c, cStep, acc);
  else if (rows == 3) thin(3, k, a, lda, b, bStep, c, cStep, acc);
  else if (rows == 2) thin(2, k, a, lda, b, bStep, c, cStep, acc);
  else thin(1, k, a, lda, b, bStep, c, cStep, acc);
}
