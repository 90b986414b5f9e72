// Matrix products, row-major. C is computed in tiles of MR × 8: MR rows of A against one panel of 8 columns of B,
// the tile in registers while k runs. MR is 6 with fused multiply-add and 5 without it, which fills 15 of the 16
// vector registers of x86-64; the k loop is rolled, as unrolling it spills them.
import { madd, splat } from './simd';
import { packColumns, packRows, transposeInto } from './pack';

const MR: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
/** Block of k: a panel of B (K_BLOCK × 8) stays in the first-level cache. */
const K_BLOCK: i32 = 256;
/** Block of columns: the packed block of B (K_BLOCK × N_BLOCK) stays in the second-level cache. */
const N_BLOCK: i32 = 512;
/** Block of rows: so does the packed block of A. A multiple of 5 and 6. */
const M_BLOCK: i32 = 120;

const packedA = memory.data(K_BLOCK * M_BLOCK * 4, 64);
const packedB = memory.data(K_BLOCK * N_BLOCK * 4, 64);
const edge = memory.data(6 * 8 * 4, 64);

/**
 * One tile: C[rows, 8] (+)= Σ_k a[k][0 … rows-1] b[k][0 … 7]. `a` steps by aStep bytes, `b` by bStep bytes a k.
 * `rows` is a compile-time constant at every call.
 */
@inline function tile(
  rows: i32,
  k: i32,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  acc: i32,
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
  for (; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let v = v128.load_splat<f32>(a);
    c00 = madd(v, b0, c00);
    c01 = madd(v, b1, c01);
    if (rows > 1) {
      v = v128.load_splat<f32>(a, 4);
      c10 = madd(v, b0, c10);
      c11 = madd(v, b1, c11);
    }
    if (rows > 2) {
      v = v128.load_splat<f32>(a, 8);
      c20 = madd(v, b0, c20);
      c21 = madd(v, b1, c21);
    }
    if (rows > 3) {
      v = v128.load_splat<f32>(a, 12);
      c30 = madd(v, b0, c30);
      c31 = madd(v, b1, c31);
    }
    if (rows > 4) {
      v = v128.load_splat<f32>(a, 16);
      c40 = madd(v, b0, c40);
      c41 = madd(v, b1, c41);
    }
    if (rows > 5) {
      v = v128.load_splat<f32>(a, 20);
      c50 = madd(v, b0, c50);
      c51 = madd(v, b1, c51);
    }
    a += aStep;
    b += bStep;
  }
  finish(c, c00, c01, acc);
  if (rows > 1) finish((c += cStep), c10, c11, acc);
  if (rows > 2) finish((c += cStep), c20, c21, acc);
  if (rows > 3) finish((c += cStep), c30, c31, acc);
  if (rows > 4) finish((c += cStep), c40, c41, acc);
  if (rows > 5) finish((c += cStep), c50, c51, acc);
}

@inline function finish(c: usize, left: v128, right: v128, acc: i32): void {
  if (acc) {
    left = f32x4.add(v128.load(c), left);
    right = f32x4.add(v128.load(c, 16), right);
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}

function tile1(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, acc: i32): void {
  tile(1, k, a, aStep, b, bStep, c, cStep, acc);
}
function tile2(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, acc: i32): void {
  tile(2, k, a, aStep, b, bStep, c, cStep, acc);
}
function tile3(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, acc: i32): void {
  tile(3, k, a, aStep, b, bStep, c, cStep, acc);
}
function tile4(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, acc: i32): void {
  tile(4, k, a, aStep, b, bStep, c, cStep, acc);
}
function tile5(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, acc: i32): void {
  tile(5, k, a, aStep, b, bStep, c, cStep, acc);
}
function tile6(k: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, acc: i32): void {
  tile(6, k, a, aStep, b, bStep, c, cStep, acc);
}

function anyTile(
  rows: i32,
  k: i32,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
  acc: i32,
): void {
  if (rows == MR) {
    if (ASC_FEATURE_RELAXED_SIMD) tile6(k, a, aStep, b, bStep, c, cStep, acc);
    else tile5(k, a, aStep, b, bStep, c, cStep, acc);
  } else if (rows == 1) tile1(k, a, aStep, b, bStep, c, cStep, acc);
  else if (rows == 2) tile2(k, a, aStep, b, bStep, c, cStep, acc);
  else if (rows == 3) tile3(k, a, aStep, b, bStep, c, cStep, acc);
  else if (rows == 4) tile4(k, a, aStep, b, bStep, c, cStep, acc);
  else tile5(k, a, aStep, b, bStep, c, cStep, acc);
}

/** A tile narrower than 8 columns: computed beside, then copied. */
function narrowTile(
  rows: i32,
  width: i32,
  k: i32,
  a: usize,
  aStep: usize,
  b: usize,
  c: usize,
  cStep: usize,
  acc: i32,
): void {
  anyTile(rows, k, a, aStep, b, 32, edge, 32, 0);
  let from = edge;
  for (let r = 0; r < rows; r++, c += cStep, from += 32) {
    for (let j: usize = 0; j < <usize>width << 2; j += 4) {
      const v = load<f32>(from + j);
      store<f32>(c + j, acc ? load<f32>(c + j) + v : v);
    }
  }
}

/** C (+)= op(A) op(B); `aT`: A is [k, m]; `bT`: B is [n, k]. Constants at every call. */
@inline function multiplyBlocks(
  aT: bool,
  bT: bool,
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
  if (k <= 0) {
    if (!acc) for (let r = 0; r < m; r++) memory.fill(c + ((<usize>r * <usize>ldc) << 2), 0, <usize>n << 2);
    return;
  }
  const cStep = <usize>ldc << 2;
  for (let k0 = 0; k0 < k; k0 += K_BLOCK) {
    const kc = min(K_BLOCK, k - k0);
    const add = k0 > 0 ? 1 : acc;
    for (let n0 = 0; n0 < n; n0 += N_BLOCK) {
      const nc = min(N_BLOCK, n - n0);
      for (let j = 0; j < nc; j += 8) {
        const width = min(8, nc - j);
        const panel = packedB + ((<usize>j * <usize>kc) << 2);
        if (bT) packRows(kc, width, b + ((<usize>(n0 + j) * <usize>ldb + <usize>k0) << 2), ldb, panel);
        else packColumns(kc, width, b + ((<usize>k0 * <usize>ldb + <usize>(n0 + j)) << 2), ldb, panel);
      }
      for (let m0 = 0; m0 < m; m0 += M_BLOCK) {
        const mc = min(M_BLOCK, m - m0);
        if (!aT) {
          for (let i = 0; i < mc; i += MR) {
            const rows = min(MR, mc - i);
            const from = a + ((<usize>(m0 + i) * <usize>lda + <usize>k0) << 2);
            transposeInto(rows, kc, from, lda, packedA + ((<usize>i * <usize>kc) << 2), rows);
          }
        }
        for (let j = 0; j < nc; j += 8) {
          const width = min(8, nc - j);
          const panel = packedB + ((<usize>j * <usize>kc) << 2);
          for (let i = 0; i < mc; i += MR) {
            const rows = min(MR, mc - i);
            const from = aT
              ? a + ((<usize>k0 * <usize>lda + <usize>(m0 + i)) << 2)
              : packedA + ((<usize>i * <usize>kc) << 2);
            const aStep: usize = aT ? <usize>lda << 2 : <usize>rows << 2;
            const to = c + ((<usize>(m0 + i) * <usize>ldc + <usize>(n0 + j)) << 2);
            if (width == 8) anyTile(rows, kc, from, aStep, panel, 32, to, cStep, add);
            else narrowTile(rows, width, kc, from, aStep, panel, to, cStep, add);
          }
        }
      }
    }
  }
}

/** C[m, n] (+)= A[m, k] B[k, n]. */
export function gemm(
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
  multiplyBlocks(false, false, m, n, k, a, lda, b, ldb, c, ldc, acc);
}

/** C[m, n] (+)= A[m, k] B[n, k]ᵀ. */
export function gemmNT(
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
  multiplyBlocks(false, true, m, n, k, a, lda, b, ldb, c, ldc, acc);
}

/** C[m, n] (+)= A[k, m]ᵀ B[k, n]. */
export function gemmTN(
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
  multiplyBlocks(true, false, m, n, k, a, lda, b, ldb, c, ldc, acc);
}
