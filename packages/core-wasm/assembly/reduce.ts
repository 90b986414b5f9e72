// Reductions over a whole tensor. Sums are accumulated in f64: squares of 1e-32 must not underflow, and the result
// must not depend on how long the tensor is.
import { high, horizontalSum64 } from './simd';

/** Σ x. */
export function sum(n: i32, x: usize): f64 {
  const end = x + ((<usize>n) << 2);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  for (; x + 16 <= end; x += 16) {
    const v = v128.load(x);
    s0 = f64x2.add(s0, f64x2.promote_low_f32x4(v));
    s1 = f64x2.add(s1, f64x2.promote_low_f32x4(high(v)));
  }
  let total = horizontalSum64(f64x2.add(s0, s1));
  for (; x < end; x += 4) total += <f64>load<f32>(x);
  return total;
}

/** Σ a · b. */
export function dot(n: i32, a: usize, b: usize): f64 {
  const end = a + ((<usize>n) << 2);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  for (; a + 16 <= end; a += 16, b += 16) {
    const u = v128.load(a);
    const v = v128.load(b);
    s0 = f64x2.add(s0, f64x2.mul(f64x2.promote_low_f32x4(u), f64x2.promote_low_f32x4(v)));
    s1 = f64x2.add(s1, f64x2.mul(f64x2.promote_low_f32x4(high(u)), f64x2.promote_low_f32x4(high(v))));
  }
  let total = horizontalSum64(f64x2.add(s0, s1));
  for (; a < end; a += 4, b += 4) total += <f64>load<f32>(a) * <f64>load<f32>(b);
  return total;
}

/** Σ x², in the order of `dot(x, x)`. */
export function sumSquares(n: i32, x: usize): f64 {
  const end = x + (<usize>n << 2);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  for (; x + 16 <= end; x += 16) {
    const v = v128.load(x);
    const d0 = f64x2.promote_low_f32x4(v);
    const d1 = f64x2.promote_low_f32x4(high(v));
    s0 = f64x2.add(s0, f64x2.mul(d0, d0));
    s1 = f64x2.add(s1, f64x2.mul(d1, d1));
  }
  let total = horizontalSum64(f64x2.add(s0, s1));
  for (; x < end; x += 4) total += <f64>load<f32>(x) * <f64>load<f32>(x);
  return total;
}

/** max |x|; 0 for an empty tensor, NaN if there is one: the bits of |x| are ordered, NaN above infinity. */
export function maxAbs(n: i32, x: usize): f32 {
  const end = x + (<usize>n << 2);
  let m = i32x4.splat(0);
  for (; x + 16 <= end; x += 16) m = i32x4.max_s(m, f32x4.abs(v128.load(x)));
  for (; x < end; x += 4) m = i32x4.max_s(m, f32x4.abs(v128.load_splat<f32>(x)));
  m = i32x4.max_s(m, v128.shuffle<i32>(m, m, 2, 3, 0, 1));
  m = i32x4.max_s(m, v128.shuffle<i32>(m, m, 1, 0, 3, 2));
  return f32x4.extract_lane(m, 0);
}
