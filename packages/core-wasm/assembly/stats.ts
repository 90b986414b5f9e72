// Statistics of a tensor in one pass: what probes read.
import { high, horizontalMax, horizontalSum64, select, splat } from './simd';

/**
 * out (eight f64): [count, sum, sumSquares, min, max, zeros, nonFinite, sumAbs]. Sums, min and max are over the
 * finite values (min = inf and max = -inf if there is none); sums are accumulated in f64.
 */
export function stats(n: i32, x: usize, out: usize): void {
  const end = x + (<usize>n << 2);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  let q0 = f64x2.splat(0);
  let q1 = f64x2.splat(0);
  let low = splat(Infinity);
  let top = splat(-Infinity);
  let zeros = i32x4.splat(0);
  let infinite = i32x4.splat(0);
  while (x < end) {
    const isLane = x + 16 > end;
    // The three unused lanes of the tail are set to NaN; they are subtracted from the count of non-finite below.
    const v = isLane ? f32x4.replace_lane(splat(NaN), 0, load<f32>(x)) : v128.load(x);
    const m = f32x4.abs(v);
    const finite = f32x4.lt(m, splat(Infinity));
    const value = v128.and(v, finite);
    const magnitude = v128.and(m, finite);
    low = f32x4.min(low, select(finite, v, splat(Infinity)));
    top = f32x4.max(top, select(finite, v, splat(-Infinity)));
    zeros = i32x4.sub(zeros, f32x4.eq(v, splat(0)));
    infinite = i32x4.sub(infinite, v128.not(finite));
    const d0 = f64x2.promote_low_f32x4(value);
    const d1 = f64x2.promote_low_f32x4(high(value));
    s0 = f64x2.add(s0, d0);
    s1 = f64x2.add(s1, d1);
    q0 = f64x2.add(q0, f64x2.mul(d0, d0));
    q1 = f64x2.add(q1, f64x2.mul(d1, d1));
    a0 = f64x2.add(a0, f64x2.promote_low_f32x4(magnitude));
    a1 = f64x2.add(a1, f64x2.promote_low_f32x4(high(magnitude)));
    x += isLane ? 4 : 16;
  }
  store<f64>(out, <f64>n);
  store<f64>(out, horizontalSum64(f64x2.add(s0, s1)), 8);
  store<f64>(out, horizontalSum64(f64x2.add(q0, q1)), 16);
  store<f64>(out, -<f64>horizontalMax(f32x4.neg(low)), 24);
  store<f64>(out, <f64>horizontalMax(top), 32);
  store<f64>(out, <f64>laneSum(zeros), 40);
  store<f64>(out, <f64>(laneSum(infinite) - 3 * (n & 3)), 48);
  store<f64>(out, horizontalSum64(f64x2.add(a0, a1)), 56);
}

@inline
function laneSum(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

/**
 * out (66 u32, overwritten): how many |x| fall in each bin of a factor 4.
 *   bin b, 0 … 63: binary exponents 2b - 108 and 2b - 107, that is 4^(b - 54) <= |x| < 4^(b - 53);
 *   bin 0 also holds all that is smaller (below 4^-53 = 1.2e-32), bin 63 all that is larger (from 4^9 = 2.6e5 on);
 *   out[64]: zeros;  out[65]: NaN and infinities.
 */
export function histogramLog(n: i32, x: usize, out: usize): void {
  memory.fill(out, 0, 66 * 4);
  for (const end = x + (<usize>n << 2); x < end; x += 4) {
    const bits = load<u32>(x) & 0x7fffffff;
    const exponent = <i32>(bits >> 23);
    // Biased exponent 127 - 108 = 19 starts bin 0.
    let bin = (max(min(exponent, 146), 19) - 19) >> 1;
    if (bits == 0) bin = 64;
    if (exponent == 255) bin = 65;
    const p = out + (<usize>bin << 2);
    store<u32>(p, load<u32>(p) + 1);
  }
}

/**
 * out (bins u32, overwritten): counts in `bins` equal parts of [low, high], both ends included, as numpy.histogram:
 * values outside and NaN are not counted.
 */
export function histogramLinear(n: i32, x: usize, low: f32, high: f32, bins: i32, out: usize): void {
  memory.fill(out, 0, <usize>bins << 2);
  const factor = <f64>bins / (<f64>high - <f64>low);
  for (const end = x + (<usize>n << 2); x < end; x += 4) {
    const v = load<f32>(x);
    if (!(v >= low && v <= high)) continue;
    const bin = min(<i32>((<f64>v - <f64>low) * factor), bins - 1);
    const p = out + (<usize>bin << 2);
    store<u32>(p, load<u32>(p) + 1);
  }
}

/** How many x are not in [low, high]; NaN is not. */
export function countOutside(n: i32, x: usize, low: f32, high: f32): i32 {
  const end = x + (<usize>n << 2);
  const a = splat(low);
  const b = splat(high);
  let inside = i32x4.splat(0);
  for (; x + 16 <= end; x += 16) {
    const v = v128.load(x);
    inside = i32x4.sub(inside, v128.and(f32x4.ge(v, a), f32x4.le(v, b)));
  }
  let count = laneSum(inside);
  for (; x < end; x += 4) {
    const v = load<f32>(x);
    if (v >= low && v <= high) count++;
  }
  return n - count;
}

/**
 * flags[c] (f32) = 1 where |x[r, c]| > threshold in any row; other flags keep their value, so several batches can be
 * joined. NaN counts as active: it is not a dead unit.
 */
export function columnActivity(rows: i32, cols: i32, x: usize, threshold: f32, flags: usize): void {
  const limit = splat(threshold);
  for (let r = 0; r < rows; r++) {
    let f = flags;
    const end = x + (<usize>cols << 2);
    for (; x + 16 <= end; x += 16, f += 16) {
      const quiet = f32x4.le(f32x4.abs(v128.load(x)), limit);
      v128.store(f, select(quiet, v128.load(f), splat(1)));
    }
    for (; x < end; x += 4, f += 4) {
      if (!(abs(load<f32>(x)) <= threshold)) store<f32>(f, 1);
    }
  }
}

/** The same for channels of [N, C, inner]. */
export function channelActivity(n: i32, channels: i32, inner: i32, x: usize, threshold: f32, flags: usize): void {
  const limit = splat(threshold);
  const bytes = <usize>inner << 2;
  for (let image = 0; image < n; image++) {
    for (let c = 0; c < channels; c++, x += bytes) {
      const flag = flags + (<usize>c << 2);
      if (load<f32>(flag) == 1) continue;
      if (isActive(inner, x, limit, threshold)) store<f32>(flag, 1);
    }
  }
}

@inline
function isActive(n: i32, x: usize, limit: v128, threshold: f32): bool {
  const end = x + (<usize>n << 2);
  for (; x + 16 <= end; x += 16) {
    if (!i32x4.all_true(f32x4.le(f32x4.abs(v128.load(x)), limit))) return true;
  }
  for (; x < end; x += 4) if (!(abs(load<f32>(x)) <= threshold)) return true;
  return false;
}
