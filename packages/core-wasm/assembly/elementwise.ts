// Elementwise kernels and bias additions. `n` counts f32 elements; outputs may be one of the inputs.
import { madd, splat } from './simd';

/** dst = value. */
export function fill(n: i32, dst: usize, value: f32): void {
  const end = dst + ((<usize>n) << 2);
  const v = splat(value);
  for (; dst + 16 <= end; dst += 16) v128.store(dst, v);
  for (; dst < end; dst += 4) store<f32>(dst, value);
}

/** dst = src; the ranges may overlap. */
export function copy(n: i32, src: usize, dst: usize): void {
  memory.copy(dst, src, (<usize>n) << 2);
}

/** y += alpha x. */
export function axpy(n: i32, alpha: f32, x: usize, y: usize): void {
  const end = x + ((<usize>n) << 2);
  const a = splat(alpha);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, madd(a, v128.load(x), v128.load(y)));
  for (; x < end; x += 4, y += 4)
    v128.store_lane<f32>(y, madd(a, v128.load_zero<f32>(x), v128.load_zero<f32>(y)), 0);
}

/** x *= alpha. */
export function scale(n: i32, alpha: f32, x: usize): void {
  const end = x + ((<usize>n) << 2);
  const a = splat(alpha);
  for (; x + 16 <= end; x += 16) v128.store(x, f32x4.mul(a, v128.load(x)));
  for (; x < end; x += 4) store<f32>(x, alpha * load<f32>(x));
}

/** out = a + b. */
export function add(n: i32, a: usize, b: usize, out: usize): void {
  const end = a + ((<usize>n) << 2);
  for (; a + 16 <= end; a += 16, b += 16, out += 16) v128.store(out, f32x4.add(v128.load(a), v128.load(b)));
  for (; a < end; a += 4, b += 4, out += 4) store<f32>(out, load<f32>(a) + load<f32>(b));
}

/** out = a · b. */
export function multiply(n: i32, a: usize, b: usize, out: usize): void {
  const end = a + ((<usize>n) << 2);
  for (; a + 16 <= end; a += 16, b += 16, out += 16) v128.store(out, f32x4.mul(v128.load(a), v128.load(b)));
  for (; a < end; a += 4, b += 4, out += 4) store<f32>(out, load<f32>(a) * load<f32>(b));
}

/** dx (+)= other · dy. */
export function multiplyBackward(n: i32, other: usize, dy: usize, dx: usize, acc: i32): void {
  if (!acc) return multiply(n, other, dy, dx);
  const end = dx + ((<usize>n) << 2);
  for (; dx + 16 <= end; dx += 16, other += 16, dy += 16) {
    v128.store(dx, madd(v128.load(other), v128.load(dy), v128.load(dx)));
  }
  for (; dx < end; dx += 4, other += 4, dy += 4) {
    v128.store_lane<f32>(
      dx,
      madd(v128.load_zero<f32>(other), v128.load_zero<f32>(dy), v128.load_zero<f32>(dx)),
      0,
    );
  }
}

/** y[r, c] += bias[c]. */
export function addBias(rows: i32, cols: i32, bias: usize, y: usize): void {
  for (let r = 0; r < rows; r++, y += (<usize>cols) << 2) add(cols, y, bias, y);
}

/** db[c] (+)= Σ_r dy[r, c]: 16 columns at a time, so that sums stay in registers. */
export function biasGrad(rows: i32, cols: i32, dy: usize, db: usize, acc: i32): void {
  const stride = (<usize>cols) << 2;
  let c = 0;
  for (; c + 16 <= cols; c += 16) {
    let s0 = splat(0);
    let s1 = splat(0);
    let s2 = splat(0);
    let s3 = splat(0);
    let p = dy + ((<usize>c) << 2);
    for (let r = 0; r < rows; r++, p += stride) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      s2 = f32x4.add(s2, v128.load(p, 32));
      s3 = f32x4.add(s3, v128.load(p, 48));
    }
    const q = db + ((<usize>c) << 2);
    if (acc) {
      s0 = f32x4.add(v128.load(q), s0);
      s1 = f32x4.add(v128.load(q, 16), s1);
      s2 = f32x4.add(v128.load(q, 32), s2);
      s3 = f32x4.add(v128.load(q, 48), s3);
    }
    v128.store(q, s0);
    v128.store(q, s1, 16);
    v128.store(q, s2, 32);
    v128.store(q, s3, 48);
  }
  for (; c + 4 <= cols; c += 4) {
    let s = splat(0);
    let p = dy + ((<usize>c) << 2);
    for (let r = 0; r < rows; r++, p += stride) s = f32x4.add(s, v128.load(p));
    const q = db + ((<usize>c) << 2);
    v128.store(q, acc ? f32x4.add(v128.load(q), s) : s);
  }
  for (; c < cols; c++) {
    let s: f32 = 0;
    let p = dy + ((<usize>c) << 2);
    for (let r = 0; r < rows; r++, p += stride) s += load<f32>(p);
    const q = db + ((<usize>c) << 2);
    store<f32>(q, acc ? load<f32>(q) + s : s);
  }
}

/** y[n, c, i] += bias[c]. */
export function addChannelBias(n: i32, channels: i32, inner: i32, bias: usize, y: usize): void {
  if (inner == 1) return addBias(n, channels, bias, y);
  for (let image = 0; image < n; image++) {
    for (let c = 0; c < channels; c++) {
      const value = load<f32>(bias + ((<usize>c) << 2));
      const v = splat(value);
      const end = y + ((<usize>inner) << 2);
      for (; y + 16 <= end; y += 16) v128.store(y, f32x4.add(v128.load(y), v));
      for (; y < end; y += 4) store<f32>(y, load<f32>(y) + value);
    }
  }
}

/** db[c] (+)= Σ_{n, i} dy[n, c, i]. */
export function channelBiasGrad(n: i32, channels: i32, inner: i32, dy: usize, db: usize, acc: i32): void {
  if (inner == 1) return biasGrad(n, channels, dy, db, acc);
  const stride = (<usize>channels * <usize>inner) << 2;
  for (let c = 0; c < channels; c++) {
    let total: f32 = 0;
    let image = dy + ((<usize>c * <usize>inner) << 2);
    for (let i = 0; i < n; i++, image += stride) total += rowSum(inner, image);
    const q = db + ((<usize>c) << 2);
    store<f32>(q, acc ? load<f32>(q) + total : total);
  }
}

/** Σ x over one row, in four lanes. */
function rowSum(n: i32, x: usize): f32 {
  const end = x + ((<usize>n) << 2);
  let s = splat(0);
  for (; x + 16 <= end; x += 16) s = f32x4.add(s, v128.load(x));
  let total =
    f32x4.extract_lane(s, 0) +
    f32x4.extract_lane(s, 1) +
    (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  for (; x < end; x += 4) total += load<f32>(x);
  return total;
}
