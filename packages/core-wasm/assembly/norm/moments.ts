// Sums behind the means and variances of all norms, in f64: a variance as E[x²] - E[x]² is then exact enough for f32
// even where the mean is thousands of deviations away, and one pass over the data suffices. The passes that apply them
// compute in f64 too and round once: a deep network of norms multiplies what three roundings in a row leave.
import { high, horizontalSum64, madd64, rounded, splat } from '../simd';

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
    const u = f32x4.sub(v128.load(x), middle);
    const low = f64x2.promote_low_f32x4(v);
    const up = f64x2.promote_low_f32x4(high(v));
    a = f64x2.add(a, low);
    b = f64x2.add(b, up);
    c = f64x2.add(c, f64x2.mul(low, f64x2.promote_low_f32x4(u)));
    d = f64x2.add(d, f64x2.mul(up, f64x2.promote_low_f32x4(high(u))));
  }
  let sum = horizontalSum64(f64x2.add(a, b));
  let products = horizontalSum64(f64x2.add(c, d));
  for (; x < end; x += 4, dy += 4) {
    const v = load<f32>(dy);
    sum += <f64>v;
    products += <f64>v * <f64>(load<f32>(x) - centre);
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

/** y = (x - centre) · scale + shift, both as f32, as PyTorch has them. */
export function rescale(n: i32, x: usize, centre: f32, scale: f64, shift: f64, y: usize): void {
  const end = x + (<usize>n << 2);
  const c = splat(centre);
  const s = f64x2.splat(<f64><f32>scale);
  const t = f64x2.splat(<f64><f32>shift);
  for (; x + 16 <= end; x += 16, y += 16) {
    const u = f32x4.sub(v128.load(x), c);
    const low = madd64(f64x2.promote_low_f32x4(u), s, t);
    const up = madd64(f64x2.promote_low_f32x4(high(u)), s, t);
    v128.store(y, rounded(low, up));
  }
  for (; x < end; x += 4, y += 4) {
    store<f32>(y, <f32>(<f64>(load<f32>(x) - centre) * <f64><f32>scale + <f64><f32>shift));
  }
}

/** g · a + u · b + c of the two lower lanes. */
@inline
function gradPart(g: v128, u: v128, a: v128, b: v128, c: v128): v128 {
  return madd64(f64x2.promote_low_f32x4(g), a, madd64(f64x2.promote_low_f32x4(u), b, c));
}

/** dx (+)= dy · a + (x - centre) · b + c. */
export function rescaleGrad(
  n: i32,
  x: usize,
  dy: usize,
  centre: f32,
  a: f64,
  b: f64,
  c: f64,
  dx: usize,
  acc: i32,
): void {
  const end = x + (<usize>n << 2);
  const middle = splat(centre);
  const va = f64x2.splat(a);
  const vb = f64x2.splat(b);
  const vc = f64x2.splat(c);
  for (; x + 16 <= end; x += 16, dy += 16, dx += 16) {
    const u = f32x4.sub(v128.load(x), middle);
    const g = v128.load(dy);
    const low = gradPart(g, u, va, vb, vc);
    const up = gradPart(high(g), high(u), va, vb, vc);
    const v = rounded(low, up);
    v128.store(dx, acc ? f32x4.add(v128.load(dx), v) : v);
  }
  for (; x < end; x += 4, dy += 4, dx += 4) {
    const v = <f32>(<f64>load<f32>(dy) * a + <f64>(load<f32>(x) - centre) * b + c);
    store<f32>(dx, acc ? load<f32>(dx) + v : v);
  }
}

@inline
export function put(at: usize, value: f64, acc: i32): void {
  store<f32>(at, acc ? load<f32>(at) + <f32>value : <f32>value);
}
