// Sigmoid, tanh and what is built on them, of four f32 lanes: computed in f64 and rounded once, which gives the
// correctly rounded value for all but about one in a thousand. In f32 (Cephes' tanhf and the like, 1 to 2 ulp) one
// value in ten is an ulp off, and a deep network multiplies that: twenty tanh layers of gain above 1 made a hundred ulp
// of it. It costs nothing: two f64 lanes at a time need no corrections for what f32 loses (bench/functions.mjs).
import { clamp4, copySign, high, madd64, nth, rounded, select } from './simd';

/** Number i of a table of f64, in both lanes. */
@inline
function wide(table: usize, i: i32): v128 {
  return v128.load_splat<f64>(table + (<usize>i << 3));
}

const EXP = memory.data<f64>([
  1.4426950408889634, // 1 / ln 2
  6755399441055744, // 1.5 · 2^52: adding it rounds to an integer, which the low bits then hold
  -0.6931471805599453,
  2.487616403207873e-5,
  1.9915866926985108e-4,
  1.38888216776035e-3,
  8.333266097949163e-3,
  4.166666689095724e-2,
  0.16666666891045778,
  0.49999999999797934,
  0.9999999999797852,
  1,
  2,
]);

/**
 * e^x in both lanes for |x| <= 700, relative error 2^-39: x = n ln 2 + r, a polynomial (Chebyshev nodes on
 * |r| <= ln 2 / 2), n added to its exponent.
 */
@inline
function exp2(x: v128): v128 {
  const shifted = madd64(x, wide(EXP, 0), wide(EXP, 1));
  const n = f64x2.sub(shifted, wide(EXP, 1));
  const r = madd64(n, wide(EXP, 2), x);
  let p = madd64(wide(EXP, 3), r, wide(EXP, 4));
  p = madd64(p, r, wide(EXP, 5));
  p = madd64(p, r, wide(EXP, 6));
  p = madd64(p, r, wide(EXP, 7));
  p = madd64(p, r, wide(EXP, 8));
  p = madd64(p, r, wide(EXP, 9));
  p = madd64(p, r, wide(EXP, 10));
  p = madd64(p, r, wide(EXP, 11));
  return i64x2.add(p, i64x2.shl(shifted, 52));
}

const BOUNDS = memory.data<f32>([
  -700, // e^700 is within f64; below -700 even x times the sigmoid is 0 in f32
  700,
  20, // tanh 20 is 1 in f32
  0.0625, // where the two formulas for tanh meet
  -0.053968254, // -17 / 315
  0.13333333, // 2 / 15
  -0.33333333,
]);

@inline
function sigmoid2(x: v128): v128 {
  return f64x2.div(wide(EXP, 11), f64x2.add(wide(EXP, 11), exp2(f64x2.neg(x))));
}

/** The sigmoid of x and, in the other lane, of -x, as f64: neither is a difference from 1. */
@inline
export function sigmoidPair(x: f32): v128 {
  const bounded = Math.max(-700, Math.min(700, <f64>x));
  return sigmoid2(f64x2.replace_lane(f64x2.splat(bounded), 1, -bounded));
}

/** 1 / (1 + e^-x). */
@inline
export function sigmoid4(value: v128): v128 {
  const x = clamp4(value, nth(BOUNDS, 0), nth(BOUNDS, 1));
  return rounded(sigmoid2(f64x2.promote_low_f32x4(x)), sigmoid2(f64x2.promote_low_f32x4(high(x))));
}

/** x / (1 + e^-x), rounded once. */
@inline
export function silu4(value: v128): v128 {
  const x = clamp4(value, nth(BOUNDS, 0), nth(BOUNDS, 1));
  const low = f64x2.mul(f64x2.promote_low_f32x4(value), sigmoid2(f64x2.promote_low_f32x4(x)));
  const up = f64x2.mul(f64x2.promote_low_f32x4(high(value)), sigmoid2(f64x2.promote_low_f32x4(high(x))));
  return rounded(low, up);
}

/** dy s (1 + x (1 - s)) of two lanes, s the sigmoid of x bounded. */
@inline
function siluGrad2(dy: v128, x: v128, bounded: v128): v128 {
  const s = sigmoid2(f64x2.promote_low_f32x4(bounded));
  const inner = madd64(f64x2.promote_low_f32x4(x), f64x2.sub(wide(EXP, 11), s), wide(EXP, 11));
  return f64x2.mul(f64x2.promote_low_f32x4(dy), f64x2.mul(s, inner));
}

/** dy times the derivative of x / (1 + e^-x), rounded once. */
@inline
export function siluGrad4(dy: v128, x: v128): v128 {
  const bounded = clamp4(x, nth(BOUNDS, 0), nth(BOUNDS, 1));
  return rounded(siluGrad2(dy, x, bounded), siluGrad2(high(dy), high(x), high(bounded)));
}

/** 1 - 2 / (e^2t + 1), for t >= 0. */
@inline
function tanh2(t: v128): v128 {
  const e = exp2(f64x2.add(t, t));
  return f64x2.sub(wide(EXP, 11), f64x2.div(wide(EXP, 12), f64x2.add(e, wide(EXP, 11))));
}

/** tanh x: the Taylor series below 1/16, where all but x itself is small; above, through e^2|x| in f64. */
@inline
export function tanh4(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let p = f32x4.add(f32x4.mul(nth(BOUNDS, 4), z), nth(BOUNDS, 5));
  p = f32x4.add(f32x4.mul(p, z), nth(BOUNDS, 6));
  p = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const t = f32x4.abs(x);
  const bounded = f32x4.pmin(t, nth(BOUNDS, 2));
  const y = rounded(tanh2(f64x2.promote_low_f32x4(bounded)), tanh2(f64x2.promote_low_f32x4(high(bounded))));
  return select(f32x4.lt(t, nth(BOUNDS, 3)), p, copySign(y, x));
}
