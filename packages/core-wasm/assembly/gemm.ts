// Matrix products, row-major, blocked as in Goto 2008 ("Anatomy of high-performance matrix multiplication"): B is
// packed into panels of 8 columns, A into panels of MR rows, and tile.ts multiplies panels.
import { copyPart, MR, narrowTile, tileOf } from './tile';
import { THIN_ROWS, thinTile } from './thin';
import { add } from './elementwise';
import { rowProducts } from './rowProducts';
import { packColumns, packRows, packSlice, transposeInto } from './pack';

/** Block of k: a panel of B (K_BLOCK × 8) stays in the first-level cache. */
const K_BLOCK: i32 = 256;
/** Block of columns: the packed block of B (K_BLOCK × N_BLOCK, 512 KiB) stays in the second-level cache. */
const N_BLOCK: i32 = 512;
/** Block of rows, a multiple of 5 and of 6: so does the packed block of A (120 KiB). */
const M_BLOCK: i32 = 120;

/** Up to this many rows B is read where it lies: packing it costs more than it saves … */
const DIRECT_ROWS: i32 = 96;
/** … unless it is far: then up to so many. */
const DIRECT_ROWS_FAR: i32 = 24;
/**
 * Elements of B from which on it is far: its rows evict each other from the first-level cache. Fused multiply-adds leave
 * room to wait for the second level, unless the rows are a multiple of 4096 bytes apart as well.
 */
const B_NEAR: i32 = 8192;
/** Up to so many elements Aᵀ is read where it lies, half of the first-level cache. */
const A_NEAR: i32 = 4608;
/** From this row stride on Aᵀ is packed a few rows at a time … */
const FAR: i32 = 1024;
/** … so many that their cache lines stay, even if they share their sets. */
const FAR_DEPTH: i32 = 8;
/** Up to this many columns A is read where it lies. */
const THIN_COLUMNS: i32 = 64;
/**
 * Up to so many elements the operands that backward finds cold (W of dy W, x and dW of dyᵀ x) are touched first. Deep
 * networks of narrow layers walk backwards through more memory than the second-level cache holds, a direction that is
 * not prefetched: 7 to 15 % of a step of a thousand layers of 32. Where they are in the cache it costs 1 to 2 %.
 */
const TOUCH: i32 = 8192;
/** Up to this many rows A Bᵀ is computed as scalar products of rows. */
const DOT_ROWS: i32 = 3;

const packedA = memory.data(K_BLOCK * M_BLOCK * 4, 64);
const packedB = memory.data(K_BLOCK * N_BLOCK * 4, 64);

/** C (+)= op(A) op(B); `aT`: A is [k, m]; `bT`: B is [n, k]. Both are constants at every call. */
@inline
function multiplyBlocks(
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
  bias: usize,
): void {
  if (k <= 0 && !acc) clear(m, n, c, ldc, bias);
  if (!bT && k * n <= TOUCH && m * n <= TOUCH) {
    touch(k, n, b, ldb);
    if (aT) touch(m, n, c, ldc);
  }
  const isFar = ASC_FEATURE_RELAXED_SIMD ? ldb % 1024 == 0 : <i64>k * ldb > B_NEAR;
  const inPlace = !bT && m <= (isFar ? DIRECT_ROWS_FAR : DIRECT_ROWS);
  for (let k0 = 0; k0 < k; k0 += K_BLOCK) {
    const kc = min(K_BLOCK, k - k0);
    const adds = k0 > 0 || acc;
    for (let n0 = 0; n0 < n; n0 += N_BLOCK) {
      const nc = min(N_BLOCK, n - n0);
      const start = adds ? START_C : bias ? bias + (<usize>n0 << 2) : 0;
      for (let j = 0; j < nc; j += 8) {
        const width = min(8, nc - j);
        if (inPlace && width == 8) continue;
        const panel = packedB + ((<usize>j * <usize>kc) << 2);
        if (bT) packRows(kc, width, b + at(n0 + j, ldb, k0), ldb, panel);
        else packColumns(kc, width, b + at(k0, ldb, n0 + j), ldb, panel);
      }
      if (!aT && n <= THIN_COLUMNS) {
        thinRows(m, nc, kc, a + at(0, lda, k0), lda, inPlace, b + at(k0, ldb, n0), ldb, c + at(0, ldc, n0), ldc, start);
        continue;
      }
      for (let m0 = 0; m0 < m; m0 += M_BLOCK) {
        const mc = min(M_BLOCK, m - m0);
        const isNear = aT && <i64>kc * lda <= A_NEAR;
        const left = isNear ? a + at(k0, lda, m0) : packedA;
        if (!aT) packRowsOfA(mc, kc, a + at(m0, lda, k0), lda);
        else if (!isNear) packColumnsOfA(mc, kc, a + at(k0, lda, m0), lda);
        tiles(mc, nc, kc, left, isNear ? lda : 0, inPlace, b + at(k0, ldb, n0), ldb, c + at(m0, ldc, n0), ldc, start);
      }
    }
  }
}

/** Packs a block of A [mc, kc] into panels [kc, rows], one behind the other. */
function packRowsOfA(mc: i32, kc: i32, a: usize, lda: i32): void {
  for (let i = 0, rows = 0; i < mc; i += rows) {
    rows = rowsOfTile(mc - i);
    transposeInto(rows, kc, a + at(i, lda, 0), lda, packedA + ((<usize>i * <usize>kc) << 2), rows);
  }
}

/**
 * The same from A stored as [kc, mc]. Where its rows lie far apart, several panels are filled from each visit to a
 * row, while its cache lines are there.
 */
function packColumnsOfA(mc: i32, kc: i32, a: usize, lda: i32): void {
  const depth = lda < FAR ? kc : FAR_DEPTH;
  for (let k0 = 0; k0 < kc; k0 += depth) {
    const length = min(depth, kc - k0);
    for (let i = 0, rows = 0; i < mc; i += rows) {
      rows = rowsOfTile(mc - i);
      const panel = packedA + ((<usize>i * <usize>kc + <usize>k0 * <usize>rows) << 2);
      packSlice(length, rows, a + at(k0, lda, i), lda, panel);
    }
  }
}

/**
 * A block of A, packed or (`lda` not 0) transposed and in place, against a block of B, packed or, in whole panels, in
 * place.
 */
function tiles(
  mc: i32,
  nc: i32,
  kc: i32,
  a: usize,
  lda: i32,
  inPlace: bool,
  b: usize,
  ldb: i32,
  c: usize,
  ldc: i32,
  start: usize,
): void {
  const cStep = <usize>ldc << 2;
  const row = <usize>(lda ? 1 : kc) << 2;
  for (let j = 0; j < nc; j += 8) {
    const width = min(8, nc - j);
    const isWhole = inPlace && width == 8;
    const right = isWhole ? b + (<usize>j << 2) : packedB + ((<usize>j * <usize>kc) << 2);
    const bStep: usize = isWhole ? <usize>ldb << 2 : 32;
    for (let i = 0, rows = 0; i < mc; i += rows) {
      rows = rowsOfTile(mc - i);
      const left = a + <usize>i * row;
      const aStep = <usize>(lda ? lda : rows) << 2;
      const to = c + at(i, ldc, j);
      const from = startOf(start, to, j);
      if (width == 8) tileOf(rows, kc, left, aStep, right, bStep, to, cStep, from);
      else narrowTile(rows, width, kc, left, aStep, right, to, cStep, from);
    }
  }
}

/** Reads a word of every cache line of a block: WebAssembly has no prefetch, and the loads overlap. */
function touch(rows: i32, cols: i32, p: usize, ld: i32): void {
  if (cols == ld) {
    cols *= rows;
    rows = 1;
  }
  let seen: u32 = 0;
  for (let r = 0; r < rows; r++) {
    const row = p + at(r, ld, 0);
    for (let q: usize = 0; q < <usize>cols << 2; q += 64) seen |= load<u32>(row + q);
  }
  store<u32>(beside, seen);
}

const beside = memory.data(THIN_ROWS * 8 * 4, 16);

/** The same with A in place. */
function thinRows(
  m: i32,
  nc: i32,
  kc: i32,
  a: usize,
  lda: i32,
  inPlace: bool,
  b: usize,
  ldb: i32,
  c: usize,
  ldc: i32,
  start: usize,
): void {
  const cStep = <usize>ldc << 2;
  const isLarge = <usize>m * <usize>lda > 1 << 18;
  for (let i = 0, rows = 0; i < m; i += rows) {
    rows = rowsOfTile(m - i);
    const left = a + at(i, lda, 0);
    if (isLarge && i + 2 * THIN_ROWS <= m) touch(THIN_ROWS, kc, left + at(THIN_ROWS, lda, 0), lda);
    for (let j = 0; j < nc; j += 8) {
      const width = min(8, nc - j);
      const isWhole = inPlace && width == 8;
      const right = isWhole ? b + (<usize>j << 2) : packedB + ((<usize>j * <usize>kc) << 2);
      const to = c + at(i, ldc, j);
      const from = startOf(start, to, j);
      if (width == 8) {
        thinTile(rows, kc, left, <usize>lda << 2, right, isWhole ? <usize>ldb << 2 : 32, to, cStep, from);
      } else {
        thinTile(rows, kc, left, <usize>lda << 2, right, 32, beside, 32, 0);
        copyPart(rows, width, beside, to, cStep, from);
      }
    }
  }
}

/** Sums start from C as it stands; 0: from nothing; else from a bias, this one's first. */
const START_C: usize = 1;

/** What the sums of a tile at `c`, column `j` of the block, start from. */
@inline
function startOf(start: usize, c: usize, j: i32): usize {
  return start == START_C ? c : start ? start + (<usize>j << 2) : 0;
}

/** The last two tiles share what is left: one or two rows alone would wait for their own sums. */
@inline
function rowsOfTile(left: i32): i32 {
  return left <= MR ? left : left >= 2 * MR ? MR : (left + 1) >> 1;
}

/** The byte offset of an element of a matrix with rows of `stride` elements. */
@inline
function at(row: i32, stride: i32, column: i32): usize {
  return (<usize>row * <usize>stride + <usize>column) << 2;
}

function clear(m: i32, n: i32, c: usize, ldc: i32, bias: usize): void {
  for (let r = 0; r < m; r++) {
    if (bias) memory.copy(c + at(r, ldc, 0), bias, <usize>n << 2);
    else memory.fill(c + at(r, ldc, 0), 0, <usize>n << 2);
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
  multiplyBlocks(false, false, m, n, k, a, lda, b, ldb, c, ldc, acc, 0);
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
  productsOfRows(m, n, k, a, lda, b, ldb, c, ldc, acc, 0);
}

/** y[m, n] = x[m, k] W[n, k]ᵀ + bias[n], the rows of all three side by side. */
export function affine(m: i32, n: i32, k: i32, x: usize, w: usize, bias: usize, y: usize): void {
  productsOfRows(m, n, k, x, k, w, k, y, n, 0, bias);
}

/** One body of A Bᵀ for both, or it would be there twice. */
function productsOfRows(
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
  bias: usize,
): void {
  if (m > DOT_ROWS) return multiplyBlocks(false, true, m, n, k, a, lda, b, ldb, c, ldc, acc, bias);
  rowProducts(m, n, k, a, lda, b, ldb, c, ldc, acc);
  for (let r = 0; bias && r < m; r++) add(n, c + at(r, ldc, 0), bias, c + at(r, ldc, 0));
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
  multiplyBlocks(true, false, m, n, k, a, lda, b, ldb, c, ldc, acc, 0);
}
