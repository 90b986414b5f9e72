// Sine and cosine of four f32 lanes, within 2 ulp up to 8192 in absolute value; beyond, the scalar functions.
import { madd, nmadd, nth, one, select, splat } from './simd';

const SIN = memory.data<f32>([
  -1.9515295891e-4,
  8.3321608736e-3,
  -1.6666654611e-1,
]);

/** sin r on |r| <= pi / 4. Source: Cephes, sinf.c. */
@inline
export function sinPolynomial(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let p = madd(nth(SIN, 0), z, nth(SIN, 1));
  p = madd(p, z, nth(SIN, 2));
  return madd(f32x4.mul(p, z), r, r);
}

const COS = memory.data<f32>([
  2.443315711809948e-5,
  -1.388731625493765e-3,
  4.166664568298827e-2,
  -0.5,
]);

/** cos r on |r| <= pi / 4. Source: Cephes, sinf.c. */
@inline
export function cosPolynomial(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let p = madd(nth(COS, 0), z, nth(COS, 1));
  p = madd(p, z, nth(COS, 2));
  return f32x4.add(madd(f32x4.mul(p, z), z, f32x4.mul(z, nth(COS, 3))), one());
}

const QUADRANT = memory.data<f32>([
  0.63661977236758134, // 2 / pi
  1.5703125, // pi / 2 in three parts, each exact when multiplied by a number below 2^13 or so
  4.837512969970703125e-4,
  7.549789948768648e-8,
  8192, // beyond this the scalar functions take over
]);

/** sin(x + quarter · pi / 2). */
@inline
function sine(x: v128, quarter: i32): v128 {
  const n = f32x4.nearest(f32x4.mul(x, nth(QUADRANT, 0)));
  let r = nmadd(n, nth(QUADRANT, 1), x);
  r = nmadd(n, nth(QUADRANT, 2), r);
  r = nmadd(n, nth(QUADRANT, 3), r);
  const quadrant = i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(quarter));
  const takesCos = i32x4.ne(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(0));
  const y = select(takesCos, cosPolynomial(r), sinPolynomial(r));
  return v128.xor(y, i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30));
}

/** sin x. */
@inline
export function sin4(x: v128): v128 {
  if (v128.any_true(f32x4.gt(f32x4.abs(x), nth(QUADRANT, 4)))) return sinLanes(x);
  return sine(x, 0);
}

/** cos x. */
@inline
export function cos4(x: v128): v128 {
  if (v128.any_true(f32x4.gt(f32x4.abs(x), nth(QUADRANT, 4)))) return cosLanes(x);
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
