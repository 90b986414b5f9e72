// Vector mathematics: four f32 lanes at a time. Every function passes NaN on and treats infinities as the scalar
// one would. Bounds are the largest errors found by src/accuracy.test.ts, in units in the last place (ulp).

/** a·b + c: fused where the machine fuses (relaxed build), multiply then add in the strict build. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a·b, fused or not as `madd`. */
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** a·b + c in both f64 lanes, fused or not as `madd`. */
@inline
export function madd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

@inline
export function splat(value: f32): v128 {
  return f32x4.splat(value);
}

// Constants are read from memory: V8 makes a constant vector anew at every use (13 and later: 1.5 times the time of
// exp4), and a load costs next to nothing.

/** Number i of a table of constants, in all lanes. */
@inline
export function nth(table: usize, i: i32): v128 {
  return v128.load_splat<f32>(table + (<usize>i << 2));
}

@inline
export function nthBits(table: usize, i: i32): v128 {
  return v128.load_splat<i32>(table + (<usize>i << 2));
}

const COMMON = memory.data<f32>([1, Infinity]);

@inline
export function one(): v128 {
  return nth(COMMON, 0);
}

@inline
function infinity(): v128 {
  return nth(COMMON, 1);
}

/** mask ? a : b, lane by lane. */
@inline
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/**
 * min(max(x, low), high); NaN stays NaN, as x comes first. pmin and pmax are one instruction on x86-64, min and max
 * about eight.
 */
@inline
export function clamp4(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, low), high);
}

/** |magnitude| with the sign of `sign`. */
@inline
export function copySign(magnitude: v128, sign: v128): v128 {
  return v128.bitselect(magnitude, sign, i32x4.splat(0x7fffffff));
}

/** The four lanes added up, as (0+1)+(2+3). */
@inline
export function horizontalSum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

@inline
export function horizontalMax(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** The two upper lanes, moved down: promote_low of it gives their f64 values. */
@inline
export function high(v: v128): v128 {
  return v128.shuffle<i32>(v, v, 2, 3, 2, 3);
}

/** Two pairs of f64 rounded to four f32. */
@inline
export function rounded(low: v128, up: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(up), 0, 2);
}

/** Both f64 lanes added up. */
@inline
export function horizontalSum64(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

const EXP = memory.data<f32>([
  -104,
  89, // beyond these e^x is 0 or infinite
  1.44269504088896341, // 1 / ln 2
  0.693359375, // ln 2 in two parts: n times the first is exact
  -2.1219444e-4,
  1.98756915e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
]);

/**
 * e^x. x = n ln 2 + r, |r| <= ln 2 / 2; a polynomial in r, scaled by 2^n in two halves so that subnormal results
 * and overflow come out right. Source: S. Moshier, Cephes, expf.c.
 */
@inline
export function exp4(value: v128): v128 {
  const x = clamp4(value, nth(EXP, 0), nth(EXP, 1));
  const n = f32x4.nearest(f32x4.mul(x, nth(EXP, 2)));
  const whole = nmadd(n, nth(EXP, 3), x); // exact
  const part = f32x4.mul(n, nth(EXP, 4));
  const r = f32x4.sub(whole, part);
  let p = madd(nth(EXP, 5), r, nth(EXP, 6));
  p = madd(p, r, nth(EXP, 7));
  p = madd(p, r, nth(EXP, 8));
  p = madd(p, r, nth(EXP, 9));
  p = madd(p, r, nth(EXP, 10));
  // What r and 1 + r lose to rounding is added to the small terms, which keeps the error near half an ulp.
  const s = f32x4.add(one(), r);
  const lost = f32x4.add(f32x4.sub(r, f32x4.sub(s, one())), f32x4.sub(f32x4.sub(whole, r), part));
  p = f32x4.add(s, madd(p, f32x4.mul(r, r), lost));
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  const rest = i32x4.sub(exponent, half);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(rest));
}

const BIAS = memory.data<i32>([127]);

/** 2^n for -126 <= n <= 127, from its bits. */
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, nthBits(BIAS, 0)), 23);
}

const LOG = memory.data<f32>([
  1.17549435e-38, // the smallest normal number
  16777216, // 2^24
  24,
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
  -2.1219444e-4, // ln 2 in two parts, as in EXP, the smaller first
  0.5,
  0.693359375,
  NaN,
]);
const LOG_BITS = memory.data<i32>([0x3f3504f3, 0x007fffff]); // sqrt(1/2), the mantissa

/**
 * ln x. x = 2^e m with sqrt(1/2) <= m < sqrt 2; a polynomial in m - 1. ln 0 = -inf, ln of a negative is NaN.
 * Source: S. Moshier, Cephes, logf.c.
 */
@inline
export function log4(value: v128): v128 {
  const isSmall = f32x4.lt(value, nth(LOG, 0));
  // Subnormals are scaled by 2^24 first.
  const x = select(isSmall, f32x4.mul(value, nth(LOG, 1)), value);
  const bits = i32x4.sub(x, nthBits(LOG_BITS, 0));
  let e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  e = f32x4.sub(e, v128.and(isSmall, nth(LOG, 2)));
  const m = i32x4.add(v128.and(bits, nthBits(LOG_BITS, 1)), nthBits(LOG_BITS, 0));
  const r = f32x4.sub(m, one());
  const r2 = f32x4.mul(r, r);
  let p = madd(nth(LOG, 3), r, nth(LOG, 4));
  p = madd(p, r, nth(LOG, 5));
  p = madd(p, r, nth(LOG, 6));
  p = madd(p, r, nth(LOG, 7));
  p = madd(p, r, nth(LOG, 8));
  p = madd(p, r, nth(LOG, 9));
  p = madd(p, r, nth(LOG, 10));
  p = madd(p, r, nth(LOG, 11));
  p = f32x4.mul(f32x4.mul(p, r), r2);
  p = madd(e, nth(LOG, 12), p);
  p = nmadd(r2, nth(LOG, 13), p);
  let y = f32x4.add(r, p);
  y = madd(e, nth(LOG, 14), y);
  // Exceptions: +inf and NaN give themselves, 0 gives -inf, negatives give NaN.
  y = select(f32x4.lt(value, infinity()), y, value);
  y = select(f32x4.eq(value, splat(0)), f32x4.neg(infinity()), y);
  return select(f32x4.lt(value, splat(0)), nth(LOG, 15), y);
}

/** ln(1 + x) for x >= 0, to the relative precision of f32: Kahan's correction for the rounding of 1 + x. */
@inline
export function log1p4(x: v128): v128 {
  const u = f32x4.add(x, one());
  const d = f32x4.sub(u, one());
  const y = f32x4.mul(log4(u), f32x4.div(x, d));
  // u = 1: ln(1 + x) = x. u = inf: the division gave NaN.
  return select(f32x4.eq(d, splat(0)), x, select(f32x4.eq(u, infinity()), u, y));
}

const EXPM1 = memory.data<f32>([
  1.98756915e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
  0.34657359, // ln 2 / 2
]);

/**
 * e^x - 1. Near 0 the same polynomial as exp4 without the 1; elsewhere the difference is exact enough.
 */
@inline
export function expm14(x: v128): v128 {
  let p = madd(nth(EXPM1, 0), x, nth(EXPM1, 1));
  p = madd(p, x, nth(EXPM1, 2));
  p = madd(p, x, nth(EXPM1, 3));
  p = madd(p, x, nth(EXPM1, 4));
  p = madd(p, x, nth(EXPM1, 5));
  p = madd(p, f32x4.mul(x, x), x);
  const isSmall = f32x4.lt(f32x4.abs(x), nth(EXPM1, 6));
  return select(isSmall, p, f32x4.sub(exp4(x), one()));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|). */
@inline
export function softplus4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  return f32x4.add(f32x4.pmax(x, splat(0)), log1p4(e));
}

const ERF = memory.data<f32>([
  -5.96761703e-4,
  4.99119423e-3,
  -2.67681349e-2,
  1.12819925e-1,
  -3.76125336e-1,
  1.28379166e-1,
  4, // erf 4 is 1 in f32; the bound keeps the polynomial inside its range
  -1.7285347e-5,
  3.83197126e-4,
  -3.88396438e-3,
  2.42546219e-2,
  -1.06777877e-1,
  -6.34846687e-1,
  -1.28717512e-1,
  0.921875, // where the two formulas meet
]);

/**
 * erf x: x + x P(x²) below 0.921875, 1 - e^Q(|x|) above. Source: N. Juffa, "Fast, accurate erff", 2016
 * (stackoverflow.com/a/35148199).
 */
@inline
export function erf4(x: v128): v128 {
  const t = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let p = madd(nth(ERF, 0), s, nth(ERF, 1));
  p = madd(p, s, nth(ERF, 2));
  p = madd(p, s, nth(ERF, 3));
  p = madd(p, s, nth(ERF, 4));
  p = madd(p, s, nth(ERF, 5));
  p = madd(p, x, x);
  const u = f32x4.pmin(t, nth(ERF, 6));
  const v = f32x4.mul(u, u);
  let q = madd(nth(ERF, 7), u, nth(ERF, 8));
  q = madd(q, v, madd(nth(ERF, 9), u, nth(ERF, 10)));
  q = madd(q, u, nth(ERF, 11));
  q = madd(q, u, nth(ERF, 12));
  q = madd(q, u, nth(ERF, 13));
  q = f32x4.sub(f32x4.mul(q, u), u);
  const big = f32x4.sub(one(), exp4(q));
  return select(f32x4.le(t, nth(ERF, 14)), p, copySign(big, x));
}
