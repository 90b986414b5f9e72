// The maps that strided.ts takes from tensor to tensor: what each element becomes, over contiguous rows.
import { exp4, select, splat } from './simd';

// What one element of d becomes. In gradients c is dy.
const enum Map {
  copy,
  add,
  subtract,
  multiply,
  divide,
  maximum,
  minimum,
  power,
  where, // a ? b : c
  equal,
  greater,
  greaterOrEqual,
  and,
  or,
  xor,
  modulo, // with the divisor's sign
  remainder, // with the dividend's sign
  clamp, // between alpha and beta
  scale, // alpha a + beta
  square,
  absolute,
  expShifted, // e^(a - b)
  divideGradB, // -c a / b²
  maximumGrad, // c where a > b, half of it where they are equal
  minimumGrad,
  powerGradA, // c b a^(b - 1)
  powerGradB, // c a^b ln a
  clampGrad, // c where alpha <= a <= beta
  equalGrad, // c where a = b
  unitGrad, // c a / b, 0 where b = 0
  signGrad, // c sign a
  expGrad, // c e^(a - b)
  whereGrad, // a ? c : 0
  whereNotGrad, // a ? 0 : c
  nonFinite, // alpha: 0 NaN or infinite, 1 NaN, 2 +inf, 3 -inf, 4 both infinities
}

@inline
function flag(mask: v128): v128 {
  return v128.and(mask, splat(1));
}

@inline
function power4(a: v128, b: v128): v128 {
  return f32x4(
    <f32>Math.pow(<f64>f32x4.extract_lane(a, 0), <f64>f32x4.extract_lane(b, 0)),
    <f32>Math.pow(<f64>f32x4.extract_lane(a, 1), <f64>f32x4.extract_lane(b, 1)),
    <f32>Math.pow(<f64>f32x4.extract_lane(a, 2), <f64>f32x4.extract_lane(b, 2)),
    <f32>Math.pow(<f64>f32x4.extract_lane(a, 3), <f64>f32x4.extract_lane(b, 3)),
  );
}

/** dy a^b ln a; 0 where a is 0 and b is not negative, as PyTorch. */
@inline
function powerGradB(a: f32, b: f32, dy: f32): f32 {
  if (a == 0 && b >= 0) return 0;
  return <f32>(<f64>dy * Math.pow(<f64>a, <f64>b) * Math.log(<f64>a));
}

@inline
function powerGradB4(a: v128, b: v128, c: v128): v128 {
  return f32x4(
    powerGradB(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0), f32x4.extract_lane(c, 0)),
    powerGradB(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1), f32x4.extract_lane(c, 1)),
    powerGradB(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2), f32x4.extract_lane(c, 2)),
    powerGradB(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3), f32x4.extract_lane(c, 3)),
  );
}

/** a - b trunc(a / b), exact in f64 (f32 quotients lose the last bit). */
@inline
function remainderOf(a: f32, b: f32, floors: bool): f32 {
  const x = <f64>a;
  const y = <f64>b;
  const r = x % y;
  if (floors && r != 0 && r < 0 != y < 0) return <f32>(r + y);
  return <f32>r;
}

@inline
function remainder4(a: v128, b: v128, floors: bool): v128 {
  return f32x4(
    remainderOf(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0), floors),
    remainderOf(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1), floors),
    remainderOf(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2), floors),
    remainderOf(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3), floors),
  );
}

@inline
function truth(a: v128): v128 {
  return f32x4.ne(a, splat(0));
}

/** Four elements; `map` is a constant at every call, so that one branch is left. */
@inline
function apply(map: i32, a: v128, b: v128, c: v128, alpha: v128, beta: v128): v128 {
  if (map == Map.copy) return a;
  if (map == Map.add) return f32x4.add(a, b);
  if (map == Map.subtract) return f32x4.sub(a, b);
  if (map == Map.multiply) return f32x4.mul(a, b);
  if (map == Map.divide) return f32x4.div(a, b);
  if (map == Map.maximum) return f32x4.max(a, b);
  if (map == Map.minimum) return f32x4.min(a, b);
  if (map == Map.power) return power4(a, b);
  if (map == Map.where) return select(truth(a), b, c);
  if (map == Map.equal) return flag(f32x4.eq(a, b));
  if (map == Map.greater) return flag(f32x4.gt(a, b));
  if (map == Map.greaterOrEqual) return flag(f32x4.ge(a, b));
  if (map == Map.and) return flag(v128.and(truth(a), truth(b)));
  if (map == Map.or) return flag(v128.or(truth(a), truth(b)));
  if (map == Map.xor) return flag(v128.xor(truth(a), truth(b)));
  if (map == Map.modulo) return remainder4(a, b, true);
  if (map == Map.remainder) return remainder4(a, b, false);
  if (map == Map.clamp) return f32x4.min(f32x4.max(a, alpha), beta);
  if (map == Map.scale) return f32x4.add(f32x4.mul(a, alpha), beta);
  if (map == Map.square) return f32x4.mul(a, a);
  if (map == Map.absolute) return f32x4.abs(a);
  if (map == Map.expShifted) return exp4(f32x4.sub(a, b));
  if (map == Map.divideGradB) return f32x4.neg(f32x4.div(f32x4.mul(c, f32x4.div(a, b)), b));
  if (map == Map.maximumGrad) {
    const tie = v128.and(f32x4.eq(a, b), f32x4.mul(c, splat(0.5)));
    return v128.or(v128.and(f32x4.gt(a, b), c), tie);
  }
  if (map == Map.minimumGrad) {
    const tie = v128.and(f32x4.eq(a, b), f32x4.mul(c, splat(0.5)));
    return v128.or(v128.and(f32x4.lt(a, b), c), tie);
  }
  if (map == Map.powerGradA) {
    const slope = f32x4.mul(b, power4(a, f32x4.sub(b, splat(1))));
    return f32x4.mul(c, select(f32x4.eq(b, splat(0)), splat(0), slope));
  }
  if (map == Map.powerGradB) return powerGradB4(a, b, c);
  if (map == Map.clampGrad) return v128.and(v128.and(f32x4.ge(a, alpha), f32x4.le(a, beta)), c);
  if (map == Map.equalGrad) return v128.and(f32x4.eq(a, b), c);
  if (map == Map.unitGrad) return select(truth(b), f32x4.mul(c, f32x4.div(a, b)), splat(0));
  if (map == Map.signGrad) {
    const positive = v128.and(f32x4.gt(a, splat(0)), c);
    return v128.or(positive, v128.and(f32x4.lt(a, splat(0)), f32x4.neg(c)));
  }
  if (map == Map.expGrad) return f32x4.mul(c, exp4(f32x4.sub(a, b)));
  if (map == Map.whereGrad) return v128.and(truth(a), c);
  if (map == Map.whereNotGrad) return v128.andnot(c, truth(a));
  return flag(isNonFinite(a, alpha));
}

@inline
function isNonFinite(a: v128, kind: v128): v128 {
  const nan = f32x4.ne(a, a);
  const above = f32x4.eq(a, splat(Infinity));
  const below = f32x4.eq(a, splat(-Infinity));
  const k = f32x4.extract_lane(kind, 0);
  if (k == 1) return nan;
  if (k == 2) return above;
  if (k == 3) return below;
  const infinite = v128.or(above, below);
  return k == 4 ? infinite : v128.or(nan, infinite);
}

/** d = map(a, b, c), all contiguous; the tail runs the same code on one lane. */
@inline
function loop(map: i32, n: i32, a: usize, b: usize, c: usize, d: usize, alpha: f32, beta: f32): void {
  const end = d + (<usize>n << 2);
  const va = splat(alpha);
  const vb = splat(beta);
  for (; d + 16 <= end; d += 16, a += 16, b += 16, c += 16) {
    v128.store(d, apply(map, v128.load(a), v128.load(b), v128.load(c), va, vb));
  }
  for (; d < end; d += 4, a += 4, b += 4, c += 4) {
    const r = apply(map, v128.load_zero<f32>(a), v128.load_zero<f32>(b), v128.load_zero<f32>(c), va, vb);
    v128.store_lane<f32>(d, r, 0);
  }
}

/** A row of d = map(a, b, c). */
export function mapRow(map: i32, n: i32, a: usize, b: usize, c: usize, d: usize, alpha: f32, beta: f32): void {
  switch (map) {
    case Map.copy:
      return loop(Map.copy, n, a, b, c, d, alpha, beta);
    case Map.add:
      return loop(Map.add, n, a, b, c, d, alpha, beta);
    case Map.subtract:
      return loop(Map.subtract, n, a, b, c, d, alpha, beta);
    case Map.multiply:
      return loop(Map.multiply, n, a, b, c, d, alpha, beta);
    case Map.divide:
      return loop(Map.divide, n, a, b, c, d, alpha, beta);
    case Map.maximum:
      return loop(Map.maximum, n, a, b, c, d, alpha, beta);
    case Map.minimum:
      return loop(Map.minimum, n, a, b, c, d, alpha, beta);
    case Map.power:
      return loop(Map.power, n, a, b, c, d, alpha, beta);
    case Map.where:
      return loop(Map.where, n, a, b, c, d, alpha, beta);
    case Map.equal:
      return loop(Map.equal, n, a, b, c, d, alpha, beta);
    case Map.greater:
      return loop(Map.greater, n, a, b, c, d, alpha, beta);
    case Map.greaterOrEqual:
      return loop(Map.greaterOrEqual, n, a, b, c, d, alpha, beta);
    case Map.and:
      return loop(Map.and, n, a, b, c, d, alpha, beta);
    case Map.or:
      return loop(Map.or, n, a, b, c, d, alpha, beta);
    case Map.xor:
      return loop(Map.xor, n, a, b, c, d, alpha, beta);
    case Map.modulo:
      return loop(Map.modulo, n, a, b, c, d, alpha, beta);
    case Map.remainder:
      return loop(Map.remainder, n, a, b, c, d, alpha, beta);
    case Map.clamp:
      return loop(Map.clamp, n, a, b, c, d, alpha, beta);
    case Map.scale:
      return loop(Map.scale, n, a, b, c, d, alpha, beta);
    case Map.square:
      return loop(Map.square, n, a, b, c, d, alpha, beta);
    case Map.absolute:
      return loop(Map.absolute, n, a, b, c, d, alpha, beta);
    case Map.expShifted:
      return loop(Map.expShifted, n, a, b, c, d, alpha, beta);
    case Map.divideGradB:
      return loop(Map.divideGradB, n, a, b, c, d, alpha, beta);
    case Map.maximumGrad:
      return loop(Map.maximumGrad, n, a, b, c, d, alpha, beta);
    case Map.minimumGrad:
      return loop(Map.minimumGrad, n, a, b, c, d, alpha, beta);
    case Map.powerGradA:
      return loop(Map.powerGradA, n, a, b, c, d, alpha, beta);
    case Map.powerGradB:
      return loop(Map.powerGradB, n, a, b, c, d, alpha, beta);
    case Map.clampGrad:
      return loop(Map.clampGrad, n, a, b, c, d, alpha, beta);
    case Map.equalGrad:
      return loop(Map.equalGrad, n, a, b, c, d, alpha, beta);
    case Map.unitGrad:
      return loop(Map.unitGrad, n, a, b, c, d, alpha, beta);
    case Map.signGrad:
      return loop(Map.signGrad, n, a, b, c, d, alpha, beta);
    case Map.expGrad:
      return loop(Map.expGrad, n, a, b, c, d, alpha, beta);
    case Map.whereGrad:
      return loop(Map.whereGrad, n, a, b, c, d, alpha, beta);
    case Map.whereNotGrad:
      return loop(Map.whereNotGrad, n, a, b, c, d, alpha, beta);
    case Map.nonFinite:
      return loop(Map.nonFinite, n, a, b, c, d, alpha, beta);
  }
}

/** Whether a map reads b or c; what it does not read is given as a's row. */
@inline
export function readsB(map: i32): bool {
  return !(
    map == Map.copy ||
    (map >= Map.clamp && map <= Map.absolute) ||
    map == Map.clampGrad ||
    map == Map.signGrad ||
    map >= Map.whereGrad
  );
}

@inline
export function readsC(map: i32): bool {
  return map == Map.where || (map >= Map.divideGradB && map != Map.nonFinite);
}
