// Element by element over tensors of any rank and layout: broadcasting, transposing, slicing, reducing.
//
// A table (i32) says how to walk: rank, then `rank` axis lengths, then for each of the operands a, b, c and of the
// result d `rank` strides, in elements; the last axis is the innermost. A stride of 0 repeats an operand along an
// axis (broadcasting); a stride of 0 of d sums along it, and d must hold what to add to. The table's maker merges
// axes, so that the innermost loop is long, and keeps rank between 1 and MAX_RANK.
import { sum } from './reduce';
import { exp4, select, splat } from './simd';

const MAX_RANK: i32 = 12;
const counters = memory.data(MAX_RANK * 4, 16);

/** Elements worked on at a time: operands that are not contiguous are first copied into these buffers. */
const CHUNK: i32 = 512;
const stageA = memory.data(CHUNK * 4, 16);
const stageB = memory.data(CHUNK * 4, 16);
const stageC = memory.data(CHUNK * 4, 16);
const stageD = memory.data(CHUNK * 4, 16);

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

function mapRow(map: i32, n: i32, a: usize, b: usize, c: usize, d: usize, alpha: f32, beta: f32): void {
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
function readsB(map: i32): bool {
  return !(
    map == Map.copy ||
    (map >= Map.clamp && map <= Map.absolute) ||
    map == Map.clampGrad ||
    map == Map.signGrad ||
    map >= Map.whereGrad
  );
}

@inline
function readsC(map: i32): bool {
  return map == Map.where || (map >= Map.divideGradB && map != Map.nonFinite);
}

/** The next n elements of an operand as a contiguous row: its own memory, or a copy in `stage`. */
function staged(n: i32, p: usize, step: isize, stage: usize): usize {
  if (step == 4) return p;
  const end = stage + (<usize>n << 2);
  let q = stage;
  if (step == 0) {
    const value = v128.load32_splat(p);
    for (; q + 16 <= end; q += 16) v128.store(q, value);
    for (; q < end; q += 4) v128.store_lane<f32>(q, value, 0);
  } else {
    for (; q < end; q += 4, p += step) store<f32>(q, load<f32>(p));
  }
  return stage;
}

/** d[i] (+)= row[i], with a stride of d's own. */
function deliver(n: i32, row: usize, d: usize, step: isize, acc: i32): void {
  if (step == 0) {
    store<f32>(d, <f32>(<f64>load<f32>(d) + sum(n, row)));
    return;
  }
  const end = row + (<usize>n << 2);
  if (step == 4 && acc) {
    for (; row + 16 <= end; row += 16, d += 16) v128.store(d, f32x4.add(v128.load(d), v128.load(row)));
  }
  for (; row < end; row += 4, d += step) store<f32>(d, acc ? load<f32>(d) + load<f32>(row) : load<f32>(row));
}

/**
 * d (+)= map(a, b, c) over the table's axes. Operands that a map does not read may be any address.
 * `acc` is ignored along axes where d's stride is 0: there the map is summed onto d.
 */
export function stridedMap(
  map: i32,
  table: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  const rank = load<i32>(table);
  const bytes = <usize>rank << 2;
  const dims = table + 4;
  const ta = dims + bytes;
  const tb = ta + bytes;
  const tc = tb + bytes;
  const td = tc + bytes;
  const last = bytes - 4;
  const n = load<i32>(dims + last);
  const sa = <isize>load<i32>(ta + last) << 2;
  const sb = <isize>load<i32>(tb + last) << 2;
  const sc = <isize>load<i32>(tc + last) << 2;
  const sd = <isize>load<i32>(td + last) << 2;
  const hasB = readsB(map);
  const hasC = readsC(map);
  const isDirect = sd == 4 && !acc;
  memory.fill(counters, 0, bytes);
  while (true) {
    for (let from = 0; from < n; from += CHUNK) {
      const count = min(CHUNK, n - from);
      const offset = <isize>from;
      const x = staged(count, a + offset * sa, sa, stageA);
      const y = hasB ? staged(count, b + offset * sb, sb, stageB) : x;
      const z = hasC ? staged(count, c + offset * sc, sc, stageC) : x;
      const to = d + offset * sd;
      if (isDirect) mapRow(map, count, x, y, z, to, alpha, beta);
      else {
        mapRow(map, count, x, y, z, stageD, alpha, beta);
        deliver(count, stageD, to, sd, acc);
      }
    }
    let axis = <isize>last - 4;
    for (; axis >= 0; axis -= 4) {
      const length = load<i32>(dims + axis);
      const count = load<i32>(counters + axis) + 1;
      const wraps = count == length;
      // One step forward, or back to the start of the axis.
      const steps = <isize>(wraps ? 1 - length : 1) << 2;
      a += steps * <isize>load<i32>(ta + axis);
      b += steps * <isize>load<i32>(tb + axis);
      c += steps * <isize>load<i32>(tc + axis);
      d += steps * <isize>load<i32>(td + axis);
      store<i32>(counters + axis, wraps ? 0 : count);
      if (!wraps) break;
    }
    if (axis < 0) return;
  }
}

/**
 * d = fold(d, a) along the axes where d's stride is 0; `kind` 0 largest, 1 smallest, 2 product. d must hold the
 * start (-inf, inf, 1). The table is as above; b and c are not read.
 */
export function stridedFold(kind: i32, table: usize, a: usize, d: usize): void {
  const rank = load<i32>(table);
  const bytes = <usize>rank << 2;
  const dims = table + 4;
  const ta = dims + bytes;
  const td = ta + 3 * bytes;
  const last = bytes - 4;
  const n = load<i32>(dims + last);
  const sa = <isize>load<i32>(ta + last) << 2;
  const sd = <isize>load<i32>(td + last) << 2;
  memory.fill(counters, 0, bytes);
  while (true) {
    let p = a;
    let q = d;
    for (let i = 0; i < n; i++, p += sa, q += sd) {
      const x = load<f32>(p);
      const y = load<f32>(q);
      store<f32>(q, kind == 0 ? max<f32>(x, y) : kind == 1 ? min<f32>(x, y) : x * y);
    }
    let axis = <isize>last - 4;
    for (; axis >= 0; axis -= 4) {
      const length = load<i32>(dims + axis);
      const count = load<i32>(counters + axis) + 1;
      const wraps = count == length;
      const steps = <isize>(wraps ? 1 - length : 1) << 2;
      a += steps * <isize>load<i32>(ta + axis);
      d += steps * <isize>load<i32>(td + axis);
      store<i32>(counters + axis, wraps ? 0 : count);
      if (!wraps) break;
    }
    if (axis < 0) return;
  }
}
