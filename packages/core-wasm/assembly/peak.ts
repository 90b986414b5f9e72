// The yardstick of the GEMM bench: multiply-adds on registers alone, as many chains as hide their latency.
import { horizontalSum, madd, splat } from './simd';

/** In memory, as some engines make a constant anew at every use. */
const factors = memory.data<f32>([0.5, 1.5, 1.0000001]);

/** Runs 96 flops an iteration, multiplications and additions in equal number; the result depends on all of them. */
export function peakMultiplyAdd(iterations: i32): f32 {
  return ASC_FEATURE_RELAXED_SIMD ? fused(iterations) : unfused(iterations);
}

/** 12 sums of fused products, the form of a GEMM: other forms need moves between registers on some engines. */
function fused(iterations: i32): f32 {
  const x = v128.load_splat<f32>(factors);
  const y = v128.load_splat<f32>(factors, 4);
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
    a = madd(x, y, a);
    b = madd(x, y, b);
    c = madd(x, y, c);
    d = madd(x, y, d);
    e = madd(x, y, e);
    f = madd(x, y, f);
    g = madd(x, y, g);
    h = madd(x, y, h);
    i = madd(x, y, i);
    j = madd(x, y, j);
    k = madd(x, y, k);
    l = madd(x, y, l);
  }
  const abcd = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  const efgh = f32x4.add(f32x4.add(e, f), f32x4.add(g, h));
  return horizontalSum(f32x4.add(f32x4.add(abcd, efgh), f32x4.add(f32x4.add(i, j), f32x4.add(k, l))));
}

/** 7 chains of multiplications and 7 of additions: both kinds of unit busy, no register to spare. */
function unfused(iterations: i32): f32 {
  const x = v128.load_splat<f32>(factors, 8);
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
