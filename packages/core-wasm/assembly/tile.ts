// The micro-kernel of all matrix products: a tile of C, MR rows × 8 columns, kept in registers while k runs.
//   C[rows, 8] = start + Σ_k a[k][0 … rows - 1] · b[k][0 … 7]
// MR is 6 with fused multiply-add and 5 without it: 12 (10) accumulators, two vectors of b, one of a, and without
// fusing a product: 15 of the 16 vector registers of x86-64. Hence the k loop is rolled.
//
// The rows are stored in the reverse of the order they are computed in. V8 up to 11 (Node 20) orders the pure
// operations of a loop by the order in which their results are used behind it, last use first; stored forwards, all
// loads of an iteration come before the first multiply-add, eight registers too many, and the spilled accumulators
// halve the speed (26 instead of 54 GFLOP/s). Newer engines keep the order of the source.
//
// Addresses are multiples of 4, and `& ~3` says so: the result of an operation is known to fill 32 bits cleanly, an
// argument is not and would be moved at every load. Without fusing the loop is bound by the number of its instructions,
// six a cycle, and gains 5 % (39 → 36 of them).
import { madd, splat } from './simd';

/** Rows of a full tile. */
export const MR: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/**
 * `a` steps by aStep bytes a k, `b` by bStep. `rows` and `isHalf` (4 columns instead of 8) are compile-time constants
 * at every call. The sum starts from what is at `from`: nothing where it is 0, C itself where it is `c`, else one row
 * for all (a bias).
 */
@inline
function tile(
  rows: i32,
  isHalf: bool,
  k: i32,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  from: usize,
): void {
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
  a &= ~3;
  b &= ~3;
  for (const end = b + <usize>k * bStep; b != end; ) {
    const b0 = v128.load(b);
    const b1 = isHalf ? b0 : v128.load(b, 16);
    let v = v128.load_splat<f32>(a);
    c00 = madd(v, b0, c00);
    if (!isHalf) c01 = madd(v, b1, c01);
    if (rows > 1) {
      v = v128.load_splat<f32>(a, 4);
      c10 = madd(v, b0, c10);
      if (!isHalf) c11 = madd(v, b1, c11);
    }
    if (rows > 2) {
      v = v128.load_splat<f32>(a, 8);
      c20 = madd(v, b0, c20);
      if (!isHalf) c21 = madd(v, b1, c21);
    }
    if (rows > 3) {
      v = v128.load_splat<f32>(a, 12);
      c30 = madd(v, b0, c30);
      if (!isHalf) c31 = madd(v, b1, c31);
    }
    if (rows > 4) {
      v = v128.load_splat<f32>(a, 16);
      c40 = madd(v, b0, c40);
      if (!isHalf) c41 = madd(v, b1, c41);
    }
    if (rows > 5) {
      v = v128.load_splat<f32>(a, 20);
      c50 = madd(v, b0, c50);
      if (!isHalf) c51 = madd(v, b1, c51);
    }
    a += aStep;
    b += bStep;
  }
  const step = from == c ? cStep : 0;
  if (rows > 5) finish(isHalf, c + 5 * cStep, c50, c51, from, 5 * step);
  if (rows > 4) finish(isHalf, c + 4 * cStep, c40, c41, from, 4 * step);
  if (rows > 3) finish(isHalf, c + 3 * cStep, c30, c31, from, 3 * step);
  if (rows > 2) finish(isHalf, c + 2 * cStep, c20, c21, from, 2 * step);
  if (rows > 1) finish(isHalf, c + cStep, c10, c11, from, step);
  finish(isHalf, c, c00, c01, from, 0);
}

@inline
function finish(isHalf: bool, c: usize, left: v128, right: v128, from: usize, row: usize): void {
  if (from) {
    if (!isHalf) right = f32x4.add(v128.load(from + row, 16), right);
    left = f32x4.add(v128.load(from + row), left);
  }
  if (!isHalf) v128.store(c, right, 16);
  v128.store(c, left);
}

function tile1(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(1, false, k, a, aStep, b, bStep, c, cStep, from);
}

function tile2(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(2, false, k, a, aStep, b, bStep, c, cStep, from);
}

function tile3(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(3, false, k, a, aStep, b, bStep, c, cStep, from);
}

function tile4(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(4, false, k, a, aStep, b, bStep, c, cStep, from);
}

function tile5(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(5, false, k, a, aStep, b, bStep, c, cStep, from);
}

function tile6(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(6, false, k, a, aStep, b, bStep, c, cStep, from);
}

function half1(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(1, true, k, a, aStep, b, bStep, c, cStep, from);
}

function half2(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(2, true, k, a, aStep, b, bStep, c, cStep, from);
}

function half3(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(3, true, k, a, aStep, b, bStep, c, cStep, from);
}

function half4(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(4, true, k, a, aStep, b, bStep, c, cStep, from);
}

function half5(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(5, true, k, a, aStep, b, bStep, c, cStep, from);
}

function half6(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, from: usize): void {
  tile(6, true, k, a, aStep, b, bStep, c, cStep, from);
}

/** A tile of 1 … MR rows and 8 columns. */
export function tileOf(
  rows: i32,
  k: i32,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  from: usize,
): void {
  if (rows == MR) {
    if (ASC_FEATURE_RELAXED_SIMD) tile6(k, a, aStep, b, bStep, c, cStep, from);
    else tile5(k, a, aStep, b, bStep, c, cStep, from);
  } else if (rows == 1) tile1(k, a, aStep, b, bStep, c, cStep, from);
  else if (rows == 2) tile2(k, a, aStep, b, bStep, c, cStep, from);
  else if (rows == 3) tile3(k, a, aStep, b, bStep, c, cStep, from);
  else if (rows == 4) tile4(k, a, aStep, b, bStep, c, cStep, from);
  else tile5(k, a, aStep, b, bStep, c, cStep, from);
}

/** A tile of 1 … MR rows and 4 columns. */
export function halfTileOf(
  rows: i32,
  k: i32,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  from: usize,
): void {
  if (rows == MR) {
    if (ASC_FEATURE_RELAXED_SIMD) half6(k, a, aStep, b, bStep, c, cStep, from);
    else half5(k, a, aStep, b, bStep, c, cStep, from);
  } else if (rows == 1) half1(k, a, aStep, b, bStep, c, cStep, from);
  else if (rows == 2) half2(k, a, aStep, b, bStep, c, cStep, from);
  else if (rows == 3) half3(k, a, aStep, b, bStep, c, cStep, from);
  else if (rows == 4) half4(k, a, aStep, b, bStep, c, cStep, from);
  else half5(k, a, aStep, b, bStep, c, cStep, from);
}

const beside = memory.data(6 * 8 * 4, 64);

/** A tile of `width` < 8 columns, against a zero-padded panel: computed beside, then copied. */
export function narrowTile(
  rows: i32,
  width: i32,
  k: i32,
  a: usize,
  aStep: usize,
  b: usize,
  c: usize,
  cStep: usize,
  from: usize,
): void {
  if (width == 4) return halfTileOf(rows, k, a, aStep, b, 32, c, cStep, from);
  if (width < 4) halfTileOf(rows, k, a, aStep, b, 32, beside, 32, 0);
  else tileOf(rows, k, a, aStep, b, 32, beside, 32, 0);
  copyPart(rows, width, beside, c, cStep, from);
}

/** C[rows, width] = start + the same part of a tile computed beside it, rows of 8. */
export function copyPart(rows: i32, width: i32, part: usize, c: usize, cStep: usize, from: usize): void {
  const step = from == c ? cStep : 0;
  for (let r = 0; r < rows; r++, c += cStep, part += 32, from += step) {
    for (let j: usize = 0; j < <usize>width << 2; j += 4) {
      const v = load<f32>(part + j);
      store<f32>(c + j, from ? load<f32>(from + j) + v : v);
    }
  }
}
