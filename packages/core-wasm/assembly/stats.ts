// Statistics of a tensor in one pass: what probes read.
import { sumSquares } from './reduce';
import { high, horizontalMax, horizontalSum64, select, splat } from './simd';

/** All bits but the sign of an f32, and of an f64. From memory: V8 makes the mask of `abs` anew at every use. */
const MAGNITUDE = memory.data<u32>([0x7fffffff, 0, 0xffffffff, 0x7fffffff]);

/** Values looked at twice while they are in the first-level cache: 8 KiB. */
const BLOCK: i32 = 2048;

/**
 * out (eight f64): [count, sum, sumSquares, min, max, zeros, nonFinite, sumAbs]. Sums, min and max are over the
 * finite values (min = inf and max = -inf if there is none); sums are accumulated in f64.
 *
 * Each block is passed twice, extremes first and sums second: in one pass the accumulators and their constants exceed
 * the vector registers (1.5 instead of 0.5 ns a value).
 */
export function stats(n: i32, x: usize, out: usize): void {
  store<f64>(out, <f64>n);
  memory.fill(out + 8, 0, 56);
  store<f64>(out, Infinity, 24);
  store<f64>(out, -Infinity, 32);
  for (; n > 0; n -= BLOCK, x += <usize>BLOCK << 2) {
    const count = min(n, BLOCK);
    if (extremes(count, x, out)) sums(count, x, out);
    else finiteSums(count, x, out);
  }
}

/**
 * The same, but only count, sumSquares and nonFinite are sure to be written (all eight where something is not finite):
 * a root mean square costs a third of the rest.
 */
export function sizeStats(n: i32, x: usize, out: usize): void {
  const squares = sumSquares(n, x);
  if (!(squares < Infinity)) {
    stats(n, x, out);
    return;
  }
  store<f64>(out, <f64>n);
  store<f64>(out, squares, 16);
  store<f64>(out, 0, 48);
}

@inline
function addTo(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}

/** Adds a block to min, max, zeros and nonFinite; true if all of it is finite. */
function extremes(n: i32, x: usize, out: usize): bool {
  x &= ~3; // see tile.ts
  const first = x;
  const magnitude = v128.load_splat<u32>(MAGNITUDE);
  const end = x + (<usize>n << 2);
  let low = splat(Infinity);
  let top = splat(-Infinity);
  // The bits of |x| in order: a NaN is above infinity. pmin and pmax pass over NaN.
  let bits = i32x4.splat(0);
  let zeros = i32x4.splat(0);
  for (; x + 16 <= end; x += 16) {
    const v = v128.load(x);
    low = f32x4.pmin(low, v);
    top = f32x4.pmax(top, v);
    bits = i32x4.max_s(bits, v128.and(v, magnitude));
    zeros = i32x4.sub(zeros, f32x4.eq(v, splat(0)));
  }
  let count = laneSum(zeros);
  for (; x < end; x += 4) {
    const v = v128.load_splat<f32>(x);
    low = f32x4.pmin(low, v);
    top = f32x4.pmax(top, v);
    bits = i32x4.max_s(bits, v128.and(v, magnitude));
    if (load<f32>(x) == 0) count++;
  }
  addTo(out + 40, <f64>count);
  if (!v128.any_true(i32x4.ge_s(bits, i32x4.splat(0x7f800000)))) {
    widen(out, -<f64>horizontalMax(f32x4.neg(low)), <f64>horizontalMax(top));
    return true;
  }
  for (x = first; x < end; x += 4) {
    const v = <f64>load<f32>(x);
    if (Math.abs(v) < Infinity) widen(out, v, v);
    else addTo(out + 48, 1);
  }
  return false;
}

@inline
function widen(out: usize, low: f64, top: f64): void {
  store<f64>(out, min(load<f64>(out, 24), low), 24);
  store<f64>(out, max(load<f64>(out, 32), top), 32);
}

/** Adds a finite block to sum, sumSquares and sumAbs. */
function sums(n: i32, x: usize, out: usize): void {
  x &= ~3;
  const end = x + (<usize>n << 2);
  const magnitude = v128.load_splat<u64>(MAGNITUDE + 8);
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  let q0 = f64x2.splat(0);
  let q1 = f64x2.splat(0);
  for (; x + 16 <= end; x += 16) {
    const v = v128.load(x);
    const d0 = f64x2.promote_low_f32x4(v);
    const d1 = f64x2.promote_low_f32x4(high(v));
    s0 = f64x2.add(s0, d0);
    s1 = f64x2.add(s1, d1);
    q0 = f64x2.add(q0, f64x2.mul(d0, d0));
    q1 = f64x2.add(q1, f64x2.mul(d1, d1));
    a0 = f64x2.add(a0, v128.and(d0, magnitude));
    a1 = f64x2.add(a1, v128.and(d1, magnitude));
  }
  addTo(out + 8, horizontalSum64(f64x2.add(s0, s1)));
  addTo(out + 16, horizontalSum64(f64x2.add(q0, q1)));
  addTo(out + 56, horizontalSum64(f64x2.add(a0, a1)));
  finiteSums(<i32>((end - x) >> 2), x, out);
}

/** The same, value by value, leaving out NaN and infinities. */
function finiteSums(n: i32, x: usize, out: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4) {
    const v = <f64>load<f32>(x);
    if (!(Math.abs(v) < Infinity)) continue;
    addTo(out + 8, v);
    addTo(out + 16, v * v);
    addTo(out + 56, Math.abs(v));
  }
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
  const stride = <usize>cols << 2;
  const magnitude = v128.load_splat<u32>(MAGNITUDE);
  let c: i32 = 0;
  // Down the rows, 16 columns at a time: the flags stay in registers.
  for (; c + 16 <= cols; c += 16, x += 64, flags += 64) {
    let q0 = i32x4.splat(-1);
    let q1 = i32x4.splat(-1);
    let q2 = i32x4.splat(-1);
    let q3 = i32x4.splat(-1);
    let p = x & ~3;
    for (let r = rows; r > 0; r--, p += stride) {
      q0 = v128.and(q0, f32x4.le(v128.and(v128.load(p), magnitude), limit));
      q1 = v128.and(q1, f32x4.le(v128.and(v128.load(p, 16), magnitude), limit));
      q2 = v128.and(q2, f32x4.le(v128.and(v128.load(p, 32), magnitude), limit));
      q3 = v128.and(q3, f32x4.le(v128.and(v128.load(p, 48), magnitude), limit));
    }
    v128.store(flags, select(q0, v128.load(flags), splat(1)));
    v128.store(flags, select(q1, v128.load(flags, 16), splat(1)), 16);
    v128.store(flags, select(q2, v128.load(flags, 32), splat(1)), 32);
    v128.store(flags, select(q3, v128.load(flags, 48), splat(1)), 48);
  }
  for (; c < cols; c++, x += 4, flags += 4) {
    let p = x;
    for (let r = rows; r > 0; r--, p += stride) if (!(abs(load<f32>(p)) <= threshold)) store<f32>(flags, 1);
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
