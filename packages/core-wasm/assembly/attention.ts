// Scaled dot-product attention of one head: P = softmax(scale Q Kᵀ + mask), O = P V (Vaswani 2017, eq. 1).
// Q [Tq, d], K and V [Tk, d], O [Tq, d] with row strides, so that heads lie side by side in [N, T, A · d]; P [Tq, Tk].
// Rows go in blocks: with `causal`, a block multiplies only the keys up to its last row.
import { gemm, gemmNT, gemmTN } from './gemm';
import { horizontalSum, log4, madd, splat } from './simd';
import { expRow, rowMax } from './softmax';
import { scale as scaleBy } from './elementwise';

/** Rows a block: large enough for the products, small enough for a causal block to skip most of what it may not see. */
const BLOCK: i32 = 48;

/** No mask; i32 where 1 may be looked at; i32 where 1 may not; f32 added to the scores. */
const ALLOW: i32 = 1;
const IGNORE: i32 = 2;

/**
 * Fills probs and o. maskKind: 0 none, 1 allow, 2 ignore, 3 additive; mask rows are `maskStride` apart (0: one row for
 * all queries).
 */
export function attendHead(
  tq: i32,
  tk: i32,
  d: i32,
  q: usize,
  ldq: i32,
  k: usize,
  ldk: i32,
  v: usize,
  ldv: i32,
  scale: f32,
  causal: i32,
  maskKind: i32,
  mask: usize,
  maskStride: i32,
  probs: usize,
  o: usize,
  ldo: i32,
): void {
  const wide = (<usize>tk) << 2;
  for (let r0 = 0; r0 < tq; r0 += BLOCK) {
    const rows = min(BLOCK, tq - r0);
    const seen = causal ? min(tk, r0 + rows) : tk;
    const p = probs + <usize>r0 * wide;
    gemmNT(rows, seen, d, q + ((<usize>r0 * <usize>ldq) << 2), ldq, k, ldk, p, tk, 0);
    for (let r = 0; r < rows; r++) {
      const row = p + <usize>r * wide;
      const open = causal ? min(tk, r0 + r + 1) : tk;
      scaleBy(open, scale, row);
      if (maskKind) applyMask(open, maskKind, mask + ((<usize>(r0 + r) * <usize>maskStride) << 2), row);
      const total = expRow(open, row, row, rowMax(open, row));
      scaleBy(open, 1 / total, row);
      if (open < tk) memory.fill(row + ((<usize>open) << 2), 0, (<usize>(tk - open)) << 2);
    }
    gemm(rows, d, seen, p, tk, v, ldv, o + ((<usize>r0 * <usize>ldo) << 2), ldo, 0);
  }
}

function applyMask(n: i32, kind: i32, mask: usize, row: usize): void {
  for (const end = row + ((<usize>n) << 2); row < end; row += 4, mask += 4) {
    if (kind == ALLOW) {
      if (!load<i32>(mask)) store<f32>(row, -Infinity);
    } else if (kind == IGNORE) {
      if (load<i32>(mask)) store<f32>(row, -Infinity);
    } else store<f32>(row, load<f32>(row) + load<f32>(mask));
  }
}

/**
 * dV (+)= Pᵀ dO;  dS = P (dO Vᵀ - Σ P dO Vᵀ);  dQ (+)= scale dS K;  dK (+)= scale dSᵀ Q;  dmask += dS (additive masks).
 * A gradient whose address is 0 is left out. `scratch` holds 48 · Tk floats.
 */
export function attendHeadGrad(
  tq: i32,
  tk: i32,
  d: i32,
  q: usize,
  ldq: i32,
  k: usize,
  ldk: i32,
  v: usize,
  ldv: i32,
  scale: f32,
  causal: i32,
  probs: usize,
  dO: usize,
  ldo: i32,
  dq: usize,
  dk: usize,
  dv: usize,
  accQ: i32,
  accK: i32,
  accV: i32,
  dmask: usize,
  maskStride: i32,
  scratch: usize,
): void {
  const wide = (<usize>tk) << 2;
  if (dk && !accK) clear(tk, d, dk, ldk);
  if (dv && !accV) clear(tk, d, dv, ldv);
  for (let r0 = 0; r0 < tq; r0 += BLOCK) {
    const rows = min(BLOCK, tq - r0);
    const seen = causal ? min(tk, r0 + rows) : tk;
    const p = probs + <usize>r0 * wide;
    const above = dO + ((<usize>r0 * <usize>ldo) << 2);
    if (dv) gemmTN(seen, d, rows, p, tk, above, ldo, dv, ldv, 1);
    if (!dq && !dk && !dmask) continue;
    gemmNT(rows, seen, d, above, ldo, v, ldv, scratch, tk, 0);
    for (let r = 0; r < rows; r++) {
      const row = scratch + <usize>r * wide;
      softmaxBack(seen, p + <usize>r * wide, row);
      if (dmask) addTo(seen, row, dmask + ((<usize>(r0 + r) * <usize>maskStride) << 2));
      scaleBy(seen, scale, row);
    }
    if (dq) gemm(rows, d, seen, scratch, tk, k, ldk, dq + ((<usize>r0 * <usize>ldq) << 2), ldq, accQ);
    if (dk) gemmTN(seen, d, rows, scratch, tk, q + ((<usize>r0 * <usize>ldq) << 2), ldq, dk, ldk, 1);
  }
}

function clear(rows: i32, cols: i32, x: usize, ld: i32): void {
  for (let r = 0; r < rows; r++, x += (<usize>ld) << 2) memory.fill(x, 0, (<usize>cols) << 2);
}

/** d = p (d - Σ p d), in place. */
function softmaxBack(n: i32, p: usize, d: usize): void {
  let sum = splat(0);
  const bytes = (<usize>n) << 2;
  const whole = bytes & ~15;
  for (let i: usize = 0; i < whole; i += 16) sum = madd(v128.load(p + i), v128.load(d + i), sum);
  let total = horizontalSum(sum);
  for (let i = whole; i < bytes; i += 4) total += load<f32>(p + i) * load<f32>(d + i);
  const t = splat(total);
  for (let i: usize = 0; i < whole; i += 16) {
    v128.store(d + i, f32x4.mul(v128.load(p + i), f32x4.sub(v128.load(d + i), t)));
  }
  for (let i = whole; i < bytes; i += 4) store<f32>(d + i, load<f32>(p + i) * (load<f32>(d + i) - total));
}

function addTo(n: i32, x: usize, y: usize): void {
  for (const end = x + ((<usize>n) << 2); x < end; x += 4, y += 4) store<f32>(y, load<f32>(y) + load<f32>(x));
}

/** Σ over rows of -Σ p ln p, in nats: how widely a head looks. 0: one key each; ln(cols): all alike. */
export function rowEntropy(rows: i32, cols: i32, probs: usize): f64 {
  let total: f64 = 0;
  const wide = (<usize>cols) << 2;
  for (let r = 0; r < rows; r++, probs += wide) {
    let sum = splat(0);
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) sum = f32x4.sub(sum, surprise(v128.load(probs + c)));
    for (; c < wide; c += 4) sum = f32x4.sub(sum, surprise(v128.load_zero<f32>(probs + c)));
    total += <f64>horizontalSum(sum);
  }
  return total;
}

/** p ln p, 0 where p is 0. */
@inline
function surprise(p: v128): v128 {
  return v128.and(f32x4.mul(p, log4(p)), f32x4.gt(p, splat(0)));
}
