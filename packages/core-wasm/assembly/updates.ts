// What is measured of an optimizer's step, in passes that move the numbers anyway. Sums are accumulated in f64, as in
// reduce.ts, and in the same order: a norm read here equals the one of `sumSquares` bit for bit.
import { high, horizontalSum64 } from './simd';

@inline
function low64(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

@inline
function high64(v: v128): v128 {
  return f64x2.promote_low_f32x4(high(v));
}

/** before = value; out (two f64): [Σ value², Σ grad²]. */
export function snapshot(n: i32, value: usize, grad: usize, before: usize, out: usize): void {
  const end = value + (<usize>n << 2);
  let v0 = f64x2.splat(0);
  let v1 = f64x2.splat(0);
  let g0 = f64x2.splat(0);
  let g1 = f64x2.splat(0);
  for (; value + 16 <= end; value += 16, grad += 16, before += 16) {
    const v = v128.load(value);
    const g = v128.load(grad);
    v128.store(before, v);
    const a = low64(v);
    const b = high64(v);
    v0 = f64x2.add(v0, f64x2.mul(a, a));
    v1 = f64x2.add(v1, f64x2.mul(b, b));
    const c = low64(g);
    const d = high64(g);
    g0 = f64x2.add(g0, f64x2.mul(c, c));
    g1 = f64x2.add(g1, f64x2.mul(d, d));
  }
  let values = horizontalSum64(f64x2.add(v0, v1));
  let grads = horizontalSum64(f64x2.add(g0, g1));
  for (; value < end; value += 4, grad += 4, before += 4) {
    const v = load<f32>(value);
    store<f32>(before, v);
    const g = <f64>load<f32>(grad);
    values += <f64>v * <f64>v;
    grads += g * g;
  }
  store<f64>(out, values);
  store<f64>(out, grads, 8);
}

/** before −= value, which leaves the step that was taken, against the gradient's sign; gives Σ step². */
export function takeUpdate(n: i32, value: usize, before: usize): f64 {
  const end = value + (<usize>n << 2);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  for (; value + 16 <= end; value += 16, before += 16) {
    const step = f32x4.sub(v128.load(before), v128.load(value));
    v128.store(before, step);
    const a = low64(step);
    const b = high64(step);
    s0 = f64x2.add(s0, f64x2.mul(a, a));
    s1 = f64x2.add(s1, f64x2.mul(b, b));
  }
  let total = horizontalSum64(f64x2.add(s0, s1));
  for (; value < end; value += 4, before += 4) {
    const step = load<f32>(before) - load<f32>(value);
    store<f32>(before, step);
    total += <f64>step * <f64>step;
  }
  return total;
}

/** out (two f64): [Σ a b, Σ b²]. */
export function alignment(n: i32, a: usize, b: usize, out: usize): void {
  const end = a + (<usize>n << 2);
  let p0 = f64x2.splat(0);
  let p1 = f64x2.splat(0);
  let q0 = f64x2.splat(0);
  let q1 = f64x2.splat(0);
  for (; a + 16 <= end; a += 16, b += 16) {
    const u = v128.load(a);
    const v = v128.load(b);
    const v0 = low64(v);
    const v1 = high64(v);
    p0 = f64x2.add(p0, f64x2.mul(low64(u), v0));
    p1 = f64x2.add(p1, f64x2.mul(high64(u), v1));
    q0 = f64x2.add(q0, f64x2.mul(v0, v0));
    q1 = f64x2.add(q1, f64x2.mul(v1, v1));
  }
  let products = horizontalSum64(f64x2.add(p0, p1));
  let squares = horizontalSum64(f64x2.add(q0, q1));
  for (; a < end; a += 4, b += 4) {
    const v = <f64>load<f32>(b);
    products += <f64>load<f32>(a) * v;
    squares += v * v;
  }
  store<f64>(out, products);
  store<f64>(out, squares, 8);
}
