// Counter-based random numbers: Philox4x32-10. Source: Salmon 2011, "Parallel random numbers: as easy as 1, 2, 3".
// Number i of a stream is word i mod 4 of the block with counter [low32(i / 4), high32(i / 4), stream0, stream1] and
// key [key0, key1]: it depends on nothing else, so any range can be drawn in any order, by any vector width.
// Four blocks are computed at a time, one in each lane.
import { log4, madd, nth, nthBits, one, select, splat } from './simd';
import { cosPolynomial, sinPolynomial } from './trigonometry';

const PHILOX = memory.data<i32>([
  0xd2511f53, // multipliers of words 0 and 2
  0xcd9e8d57,
  0x9e3779b9, // steps of the keys: the golden ratio and sqrt 3 - 1
  0xbb67ae85,
]);

/** 16 numbers of the range being drawn, in order. */
const block = memory.data(64, 16);

/** Fills `block` with the 16 words of the blocks first … first + 3. */
function philox(first: u64, key0: i32, key1: i32, stream0: i32, stream1: i32): void {
  let x0 = i32x4.add(i32x4.splat(<i32>first), i32x4(0, 1, 2, 3));
  // Lanes whose low word wrapped carry into the high word.
  const carry = i32x4.lt_u(x0, i32x4.splat(<i32>first));
  let x1 = i32x4.sub(i32x4.splat(<i32>(first >> 32)), carry);
  let x2 = i32x4.splat(stream0);
  let x3 = i32x4.splat(stream1);
  let k0 = i32x4.splat(key0);
  let k1 = i32x4.splat(key1);
  const m0 = nthBits(PHILOX, 0);
  const m1 = nthBits(PHILOX, 1);
  const step0 = nthBits(PHILOX, 2);
  const step1 = nthBits(PHILOX, 3);
  for (let round = 0; round < 10; round++) {
    const a = i64x2.extmul_low_i32x4_u(x0, m0);
    const b = i64x2.extmul_high_i32x4_u(x0, m0);
    const c = i64x2.extmul_low_i32x4_u(x2, m1);
    const d = i64x2.extmul_high_i32x4_u(x2, m1);
    x0 = v128.xor(v128.xor(v128.shuffle<i32>(c, d, 1, 3, 5, 7), x1), k0);
    x2 = v128.xor(v128.xor(v128.shuffle<i32>(a, b, 1, 3, 5, 7), x3), k1);
    x1 = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
    x3 = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
    k0 = i32x4.add(k0, step0);
    k1 = i32x4.add(k1, step1);
  }
  // Lane l holds block l: transpose to get the blocks one after another.
  const p = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
  const q = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
  const r = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
  const s = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
  v128.store(block, v128.shuffle<i64>(p, r, 0, 2));
  v128.store(block, v128.shuffle<i64>(p, r, 1, 3), 16);
  v128.store(block, v128.shuffle<i64>(q, s, 0, 2), 32);
  v128.store(block, v128.shuffle<i64>(q, s, 1, 3), 48);
}

/** What becomes of 16 random words in `block`; F.apply(words) turns four of them into four numbers. */
@inline
function draw<F>(
  n: i32,
  out: usize,
  key0: i32,
  key1: i32,
  stream0: i32,
  stream1: i32,
  offset: f64,
  a: f32,
  b: f32,
): void {
  const f = changetype<F>(0);
  const va = splat(a);
  const vb = splat(b);
  const start = <u64>offset;
  let counter = start >> 2;
  let skip = <i32>(start & 3);
  while (n > 0) {
    philox(counter, key0, key1, stream0, stream1);
    counter += 4;
    const w0 = f.apply(v128.load(block), va, vb);
    const w1 = f.apply(v128.load(block, 16), va, vb);
    const w2 = f.apply(v128.load(block, 32), va, vb);
    const w3 = f.apply(v128.load(block, 48), va, vb);
    if (skip == 0 && n >= 16) {
      v128.store(out, w0);
      v128.store(out, w1, 16);
      v128.store(out, w2, 32);
      v128.store(out, w3, 48);
      out += 64;
      n -= 16;
    } else {
      v128.store(block, w0);
      v128.store(block, w1, 16);
      v128.store(block, w2, 32);
      v128.store(block, w3, 48);
      const count = min(16 - skip, n);
      memory.copy(out, block + (<usize>skip << 2), <usize>count << 2);
      out += <usize>count << 2;
      n -= count;
      skip = 0;
    }
  }
}

class Bits {
  @inline apply(words: v128, a: v128, b: v128): v128 {
    return words;
  }
}

const NORMAL = memory.data<f32>([
  2.3283064365386963e-10, // 2^-32
  1.1641532182693481e-10, // 2^-33
  -2,
  1.4629180792671596e-9, // 2 pi / 2^32
  5.9604644775390625e-8, // 2^-24
]);
// Odd lanes turned by a quarter; an eighth of a turn, the rest of a quadrant, and the bits of a quadrant.
const TURN = memory.data<i32>([0, 0x40000000, 0, 0x40000000, 0x20000000, 0x3fffffff, 1, 2], 16);

class Uniform {
  /** low + (high - low) · (upper 24 bits) / 2^24. */
  @inline apply(words: v128, low: v128, width: v128): v128 {
    const u = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), nth(NORMAL, 4));
    return madd(u, width, low);
  }
}

class Normal {
  /**
   * Box and Muller 1958: words (w0, w1) give r cos t and r sin t with r = sqrt(-2 ln((w0 + 1/2) / 2^32)) and
   * t = 2 pi w1 / 2^32. The quadrant is taken from the upper bits of w1, so the reduction is exact.
   */
  @inline apply(words: v128, mean: v128, std: v128): v128 {
    const w0 = v128.shuffle<i32>(words, words, 0, 0, 2, 2);
    const w1 = v128.shuffle<i32>(words, words, 1, 1, 3, 3);
    const u = madd(f32x4.convert_i32x4_u(w0), nth(NORMAL, 0), nth(NORMAL, 1));
    const radius = f32x4.sqrt(f32x4.mul(nth(NORMAL, 2), log4(f32x4.pmin(u, one()))));
    // Odd lanes take the sine: cos(t - pi / 2).
    const turned = i32x4.sub(w1, v128.load(TURN));
    // The nearest quadrant, and the rest in [-pi / 4, pi / 4).
    const shifted = i32x4.add(turned, nthBits(TURN, 4));
    const quadrant = i32x4.shr_u(shifted, 30);
    const rest = i32x4.sub(v128.and(shifted, nthBits(TURN, 5)), nthBits(TURN, 4));
    const angle = f32x4.mul(f32x4.convert_i32x4_s(rest), nth(NORMAL, 3));
    const takesSin = i32x4.ne(v128.and(quadrant, nthBits(TURN, 6)), i32x4.splat(0));
    const y = select(takesSin, sinPolynomial(angle), cosPolynomial(angle));
    // cos in the quadrants 0 … 3: cos, -sin, -cos, sin.
    const sign = i32x4.shl(v128.and(i32x4.add(quadrant, nthBits(TURN, 6)), nthBits(TURN, 7)), 30);
    return madd(f32x4.mul(radius, v128.xor(y, sign)), std, mean);
  }
}

/** n words of the stream from number `offset` on (an integer up to 2^53). */
export function randomBits(
  n: i32,
  out: usize,
  key0: i32,
  key1: i32,
  stream0: i32,
  stream1: i32,
  offset: f64,
): void {
  draw<Bits>(n, out, key0, key1, stream0, stream1, offset, 0, 0);
}

/** Uniform in [low, high), 24 bits of it. */
export function randomUniform(
  n: i32,
  out: usize,
  key0: i32,
  key1: i32,
  stream0: i32,
  stream1: i32,
  offset: f64,
  low: f32,
  high: f32,
): void {
  draw<Uniform>(n, out, key0, key1, stream0, stream1, offset, low, high - low);
}

/** Normal with the given mean and standard deviation; |z| <= 6.66 standard deviations. */
export function randomNormal(
  n: i32,
  out: usize,
  key0: i32,
  key1: i32,
  stream0: i32,
  stream1: i32,
  offset: f64,
  mean: f32,
  std: f32,
): void {
  draw<Normal>(n, out, key0, key1, stream0, stream1, offset, mean, std);
}
