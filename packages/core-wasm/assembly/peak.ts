// The yardstick of the GEMM bench: multiply-adds on registers alone, as many chains as hide their latency.
import { horizontalSum, madd, splat } from './simd';

/** Runs 96 flops an iteration, multiplications and additions in equal number; the result depends on all of them. */
export function peakMultiplyAdd(iterations: i32): f32 {
  return ASC_FEATURE_RELAXED_SIMD ? fused(iterations) : unfused(iterations);
}

/** 12 chains of fused multiply-adds. */
function fused(iterations: i32): f32 {
  const x = splat(0.5);
  const y = splat(1.5);
  let a = splat(0);
  let b = splat(1);
  let c = splat(2);
  let d = splat(3);
  let e = splat(4);
  let f = splat(5);
  let g = splat(6);
  let h = splat(7);
  let i = splat(8);
  let j = splat(9);
  let k = splat(10);
  let l = splat(11);
  for (; iterations > 0; iterations--) {
    a = madd(a, x, y);
    b = madd(b, x, y);
    c = madd(c, x, y);
    d = madd(d, x, y);
    e = madd(e, x, y);
    f = madd(f, x, y);
    g = madd(g, x, y);
    h = madd(h, x, y);
    i = madd(i, x, y);
    j = madd(j, x, y);
    k = madd(k, x, y);
    l = madd(l, x, y);
  }
  const abcd = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  const efgh = f32x4.add(f32x4.add(e, f), f32x4.add(g, h));
  return horizontalSum(f32x4.add(f32x4.add(abcd, efgh), f32x4.add(f32x4.add(i, j), f32x4.add(k, l))));
}

/** 7 chains of multiplications and 7 of additions: both kinds of unit busy, no register to spare. */
function unfused(iterations: i32): f32 {
  const x = splat(1.0000001);
  let a = splat(0);
  let b = splat(1);
  let c = splat(2);
  let d = splat(3);
  let e = splat(4);
  let f = splat(5);
  let g = splat(6);
  let h = splat(7);
  let i = splat(8);
  let j = splat(9);
  let k = splat(10);
  let l = splat(11);
  let m = splat(12);
  let n = splat(13);
  // 56 flops a turn.
  for (let turns = (iterations * 12) / 7; turns > 0; turns--) {
    a = f32x4.mul(a, x);
    h = f32x4.add(h, x);
    b = f32x4.mul(b, x);
    i = f32x4.add(i, x);
    c = f32x4.mul(c, x);
    j = f32x4.add(j, x);
    d = f32x4.mul(d, x);
    k = f32x4.add(k, x);
    e = f32x4.mul(e, x);
    l = f32x4.add(l, x);
    f = f32x4.mul(f, x);
    m = f32x4.add(m, x);
    g = f32x4.mul(g, x);
    n = f32x4.add(n, x);
  }
  const abcd = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  const efgh = f32x4.add(f32x4.add(e, f), f32x4.add(g, h));
  const ijkl = f32x4.add(f32x4.add(i, j), f32x4.add(k, l));
  return horizontalSum(f32x4.add(f32x4.add(abcd, efgh), f32x4.add(ijkl, f32x4.add(m, n))));
}
