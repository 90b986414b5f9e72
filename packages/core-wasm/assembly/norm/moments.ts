// Sums behind the means and variances of all norms, in f64: a variance as E[x²] - E[x]² is then exact enough for f32
// even where the mean is thousands of deviations away, and one pass over the data suffices.
import { high, horizontalSum64, splat } from '../simd';

/** What `addMoments` and `addProducts` add to. */
export let first: f64 = 0;
export let second: f64 = 0;

@inline
export function clearMoments(): void {
  first = 0;
  second = 0;
}

export function addSums(a: f64, b: f64): void {
  first += a;
  second += b;
}

/** first += Σ x, second += Σ x². */
export function addMoments(n: i32, x: usize): void {
  const end = x + (<usize>n << 2);
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  for (; x + 16 <= end; x += 16) {
    const v = v128.load(x);
    const low = f64x2.promote_low_f32x4(v);
    const up = f64x2.promote_low_f32x4(high(v));
    a = f64x2.add(a, low);
    b = f64x2.add(b, up);
    c = f64x2.add(c, f64x2.mul(low, low));
    d = f64x2.add(d, f64x2.mul(up, up));
  }
  let sum = horizontalSum64(f64x2.add(a, b));
  let squares = horizontalSum64(f64x2.add(c, d));
  for (; x < end; x += 4) {
    const v = <f64>load<f32>(x);
    sum += v;
    squares += v * v;
  }
  first += sum;
  second += squares;
}

/** first += Σ dy, second += Σ dy (x - centre). */
export function addProducts(n: i32, dy: usize, x: usize, centre: f32): void {
  const end = x + (<usize>n << 2);
  const middle = splat(centre);
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  for (; x + 16 <= end; x += 16, dy += 16) {
    const v = v128.load(dy);
    const p = f32x4.mul(v, f32x4.sub(v128.load(x), middle));
    a = f64x2.add(a, f64x2.promote_low_f32x4(v));
    b = f64x2.add(b, f64x2.promote_low_f32x4(high(v)));
    c = f64x2.add(c, f64x2.promote_low_f32x4(p));
    d = f64x2.add(d, f64x2.promote_low_f32x4(high(p)));
  }
  let sum = horizontalSum64(f64x2.add(a, b));
  let products = horizontalSum64(f64x2.add(c, d));
  for (; x < end; x += 4, dy += 4) {
    const v = load<f32>(dy);
    sum += <f64>v;
    products += <f64>(v * (load<f32>(x) - centre));
  }
  first += sum;
  second += products;
}

/** The biased variance from the sums over `count` numbers. */
@inline
export function varianceOf(count: f64): f64 {
  const mean = first / count;
  return max(0, second / count - mean * mean);
}

/** y = (x - centre) · scale + shift. */
export function rescale(n: i32, x: usize, centre: f32, scale: f32, shift: f32, y: usize): void {
  const end = x + (<usize>n << 2);
  const c = splat(centre);
  const s = splat(scale);
  const t = splat(shift);
  for (; x + 16 <= end; x += 16, y += 16) {
    v128.store(y, f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), c), s), t));
  }
  for (; x < end; x += 4, y += 4) store<f32>(y, (load<f32>(x) - centre) * scale + shift);
}

/** dx (+)= dy · a + (x - centre) · b + c. */
export function rescaleGrad(
  n: i32,
  x: usize,
  dy: usize,
  centre: f32,
  a: f32,
  b: f32,
  c: f32,
  dx: usize,
  acc: i32,
): void {
  const end = x + (<usize>n << 2);
  const middle = splat(centre);
  const va = splat(a);
  const vb = splat(b);
  const vc = splat(c);
  for (; x + 16 <= end; x += 16, dy += 16, dx += 16) {
    const t = f32x4.mul(f32x4.sub(v128.load(x), middle), vb);
    const v = f32x4.add(f32x4.add(f32x4.mul(v128.load(dy), va), t), vc);
    v128.store(dx, acc ? f32x4.add(v128.load(dx), v) : v);
  }
  for (; x < end; x += 4, dy += 4, dx += 4) {
    const v = load<f32>(dy) * a + (load<f32>(x) - centre) * b + c;
    store<f32>(dx, acc ? load<f32>(dx) + v : v);
  }
}

@inline
export function put(at: usize, value: f64, acc: i32): void {
  store<f32>(at, acc ? load<f32>(at) + <f32>value : <f32>value);
}
