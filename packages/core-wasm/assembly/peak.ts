// The yardstick of the GEMM bench: multiply-adds on registers alone, with as many chains as a GEMM tile has.
import { horizontalSum, madd, splat } from './simd';

/** Runs 12 · 4 multiply-adds (96 flops) an iteration; the result depends on all of them. */
export function peakMultiplyAdd(iterations: i32): f32 {
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
