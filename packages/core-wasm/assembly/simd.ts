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

@inline
export function splat(value: f32): v128 {
  return f32x4.splat(value);
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

/** Both f64 lanes added up. */
@inline
export function horizontalSum64(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

const LOG2_E: f32 = 1.44269504088896341;
// ln 2 in two parts: the first has few enough bits for n * LN2_HIGH to be exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;

/**
 * e^x. x = n ln 2 + r, |r| <= ln 2 / 2; a polynomial in r, scaled by 2^n in two halves so that subnormal results
 * and overflow come out right. Source: S. Moshier, Cephes, expf.c.
 */
@inline
export function exp4(value: v128): v128 {
  const x = clamp4(value, splat(-104), splat(89));
  const n = f32x4.nearest(f32x4.mul(x, splat(LOG2_E)));
  const whole = nmadd(n, splat(LN2_HIGH), x); // exact
  const part = f32x4.mul(n, splat(LN2_LOW));
  const r = f32x4.sub(whole, part);
  let p = madd(splat(1.9875691500e-4), r, splat(1.3981999507e-3));
  p = madd(p, r, splat(8.3334519073e-3));
  p = madd(p, r, splat(4.1665795894e-2));
  p = madd(p, r, splat(1.6666665459e-1));
  p = madd(p, r, splat(5.0000001201e-1));
  // What r and 1 + r lose to rounding is added to the small terms, which keeps the error near half an ulp.
  const s = f32x4.add(splat(1), r);
  const lost = f32x4.add(f32x4.sub(r, f32x4.sub(s, splat(1))), f32x4.sub(f32x4.sub(whole, r), part));
  p = f32x4.add(s, madd(p, f32x4.mul(r, r), lost));
  const exponent = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(exponent, 1);
  const rest = i32x4.sub(exponent, half);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(rest));
}

/** 2^n for -126 <= n <= 127, from its bits. */
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/**
 * ln x. x = 2^e m with sqrt(1/2) <= m < sqrt 2; a polynomial in m - 1. ln 0 = -inf, ln of a negative is NaN.
 * Source: S. Moshier, Cephes, logf.c.
 */
@inline
export function log4(value: v128): v128 {
  const isSmall = f32x4.lt(value, splat(1.17549435e-38));
  // Subnormals are scaled by 2^24 first.
  const x = select(isSmall, f32x4.mul(value, splat(16777216)), value);
  const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3)); // sqrt(1/2)
  let e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  e = f32x4.sub(e, v128.and(isSmall, splat(24)));
  const m = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const r = f32x4.sub(m, splat(1));
  const r2 = f32x4.mul(r, r);
  let p = madd(splat(7.0376836292e-2), r, splat(-1.1514610310e-1));
  p = madd(p, r, splat(1.1676998740e-1));
  p = madd(p, r, splat(-1.2420140846e-1));
  p = madd(p, r, splat(1.4249322787e-1));
  p = madd(p, r, splat(-1.6668057665e-1));
  p = madd(p, r, splat(2.0000714765e-1));
  p = madd(p, r, splat(-2.4999993993e-1));
  p = madd(p, r, splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, r), r2);
  p = madd(e, splat(LN2_LOW), p);
  p = nmadd(r2, splat(0.5), p);
  let y = f32x4.add(r, p);
  y = madd(e, splat(LN2_HIGH), y);
  // Exceptions: +inf and NaN give themselves, 0 gives -inf, negatives give NaN.
  y = select(f32x4.lt(value, splat(Infinity)), y, value);
  y = select(f32x4.eq(value, splat(0)), splat(-Infinity), y);
  return select(f32x4.lt(value, splat(0)), splat(NaN), y);
}

/** ln(1 + x) for x >= 0, to the relative precision of f32: Kahan's correction for the rounding of 1 + x. */
@inline
export function log1p4(x: v128): v128 {
  const u = f32x4.add(x, splat(1));
  const d = f32x4.sub(u, splat(1));
  const y = f32x4.mul(log4(u), f32x4.div(x, d));
  // u = 1: ln(1 + x) = x. u = inf: the division gave NaN.
  return select(f32x4.eq(d, splat(0)), x, select(f32x4.eq(u, splat(Infinity)), u, y));
}

/**
 * e^x - 1. Near 0 the same polynomial as exp4 without the 1; elsewhere the difference is exact enough.
 */
@inline
export function expm14(x: v128): v128 {
  let p = madd(splat(1.9875691500e-4), x, splat(1.3981999507e-3));
  p = madd(p, x, splat(8.3334519073e-3));
  p = madd(p, x, splat(4.1665795894e-2));
  p = madd(p, x, splat(1.6666665459e-1));
  p = madd(p, x, splat(5.0000001201e-1));
  p = madd(p, f32x4.mul(x, x), x);
  const isSmall = f32x4.lt(f32x4.abs(x), splat(0.34657359)); // ln 2 / 2
  return select(isSmall, p, f32x4.sub(exp4(x), splat(1)));
}

/**
 * tanh x: odd polynomial below 0.75, 1 - 2 / (e^2|x| + 1) above, as in S. Moshier, Cephes, tanhf.c; the polynomial is
 * a minimax fit of (tanh x / x - 1) / x² in x², relative error 1.5e-9.
 */
@inline
export function tanh4(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let p = madd(splat(1.74413935257e-3), z, splat(-7.66922260845e-3));
  p = madd(p, z, splat(2.14594336329e-2));
  p = madd(p, z, splat(-5.38948023980e-2));
  p = madd(p, z, splat(1.33327195767e-1));
  p = madd(p, z, splat(-3.33333161411e-1));
  p = madd(f32x4.mul(p, z), x, x);
  const t = f32x4.abs(x);
  // tanh is 1 in f32 from 10 on; the bound keeps infinity out of the correction below.
  const e = exp4(f32x4.pmin(f32x4.add(t, t), splat(40)));
  // d = e + 1 is rounded: 2 / (d + lost) = q - lost q² / 2 to first order.
  const d = f32x4.add(e, splat(1));
  const lost = f32x4.sub(e, f32x4.sub(d, splat(1)));
  const q = f32x4.div(splat(2), d);
  const big = f32x4.sub(splat(1), nmadd(f32x4.mul(q, f32x4.mul(q, splat(0.5))), lost, q));
  return select(f32x4.lt(t, splat(0.75)), p, copySign(big, x));
}

/** 1 / (1 + e^-x), from e^-|x| so that neither side overflows nor loses its relative precision. */
@inline
export function sigmoid4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  // d = 1 + e is rounded: y / (1 + lost / d) = y - y lost / d to first order, where 1 / d is y or 1 - y.
  const d = f32x4.add(splat(1), e);
  const lost = f32x4.sub(e, f32x4.sub(d, splat(1)));
  const isNegative = f32x4.lt(x, splat(0));
  const y = f32x4.div(select(isNegative, e, splat(1)), d);
  const inverse = select(isNegative, f32x4.sub(splat(1), y), y);
  return nmadd(f32x4.mul(y, inverse), lost, y);
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|). */
@inline
export function softplus4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  return f32x4.add(f32x4.pmax(x, splat(0)), log1p4(e));
}

/**
 * erf x: x + x P(x²) below 0.921875, 1 - e^Q(|x|) above. Source: N. Juffa, "Fast, accurate erff", 2016
 * (stackoverflow.com/a/35148199).
 */
@inline
export function erf4(x: v128): v128 {
  const t = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let p = madd(splat(-5.96761703e-4), s, splat(4.99119423e-3));
  p = madd(p, s, splat(-2.67681349e-2));
  p = madd(p, s, splat(1.12819925e-1));
  p = madd(p, s, splat(-3.76125336e-1));
  p = madd(p, s, splat(1.28379166e-1));
  p = madd(p, x, x);
  // Beyond 4 erf is 1 in f32; the bound keeps the polynomial inside its range.
  const u = f32x4.pmin(t, splat(4));
  const v = f32x4.mul(u, u);
  let q = madd(splat(-1.72853470e-5), u, splat(3.83197126e-4));
  q = madd(q, v, madd(splat(-3.88396438e-3), u, splat(2.42546219e-2)));
  q = madd(q, u, splat(-1.06777877e-1));
  q = madd(q, u, splat(-6.34846687e-1));
  q = madd(q, u, splat(-1.28717512e-1));
  q = f32x4.sub(f32x4.mul(q, u), u);
  const big = f32x4.sub(splat(1), exp4(q));
  return select(f32x4.le(t, splat(0.921875)), p, copySign(big, x));
}

// pi / 2 in three parts, each exact when multiplied by a quadrant number below 2^13 or so.
const HALF_PI_A: f32 = 1.5703125;
const HALF_PI_B: f32 = 4.837512969970703125e-4;
const HALF_PI_C: f32 = 7.549789948768648e-8;
/** Beyond this the three-part reduction loses precision and the scalar function takes over. */
const REDUCTION_LIMIT: f32 = 8192;

/** sin r on |r| <= pi / 4. Source: Cephes, sinf.c. */
@inline
export function sinPolynomial(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let p = madd(splat(-1.9515295891e-4), z, splat(8.3321608736e-3));
  p = madd(p, z, splat(-1.6666654611e-1));
  return madd(f32x4.mul(p, z), r, r);
}

/** cos r on |r| <= pi / 4. Source: Cephes, sinf.c. */
@inline
export function cosPolynomial(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let p = madd(splat(2.443315711809948e-5), z, splat(-1.388731625493765e-3));
  p = madd(p, z, splat(4.166664568298827e-2));
  return f32x4.add(madd(f32x4.mul(p, z), z, f32x4.mul(z, splat(-0.5))), splat(1));
}

/** sin(x + quarter · pi / 2). */
@inline
function sine(x: v128, quarter: i32): v128 {
  const n = f32x4.nearest(f32x4.mul(x, splat(0.63661977236758134)));
  let r = nmadd(n, splat(HALF_PI_A), x);
  r = nmadd(n, splat(HALF_PI_B), r);
  r = nmadd(n, splat(HALF_PI_C), r);
  const quadrant = i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(quarter));
  const takesCos = i32x4.ne(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(0));
  const y = select(takesCos, cosPolynomial(r), sinPolynomial(r));
  return v128.xor(y, i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30));
}

/** sin x. */
@inline
export function sin4(x: v128): v128 {
  if (v128.any_true(f32x4.gt(f32x4.abs(x), splat(REDUCTION_LIMIT)))) return sinLanes(x);
  return sine(x, 0);
}

/** cos x. */
@inline
export function cos4(x: v128): v128 {
  if (v128.any_true(f32x4.gt(f32x4.abs(x), splat(REDUCTION_LIMIT)))) return cosLanes(x);
  return sine(x, 1);
}

function sinLanes(x: v128): v128 {
  return f32x4(
    <f32>Math.sin(f32x4.extract_lane(x, 0)),
    <f32>Math.sin(f32x4.extract_lane(x, 1)),
    <f32>Math.sin(f32x4.extract_lane(x, 2)),
    <f32>Math.sin(f32x4.extract_lane(x, 3)),
  );
}

function cosLanes(x: v128): v128 {
  return f32x4(
    <f32>Math.cos(f32x4.extract_lane(x, 0)),
    <f32>Math.cos(f32x4.extract_lane(x, 1)),
    <f32>Math.cos(f32x4.extract_lane(x, 2)),
    <f32>Math.cos(f32x4.extract_lane(x, 3)),
  );
}
