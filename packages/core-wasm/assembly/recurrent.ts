// What the recurrent cells share, and the plain cell (Elman). Sequences are time-major: [T, N, ·], so that one step
// is one block of rows. `reverse` 1 walks from the last step to the first. A cell takes the projections of all steps
// (x W_ihᵀ + b_ih, one product for the whole sequence) and adds the hidden part step by step; h0 = 0: zeros.
import { add, copy } from './elementwise';
import { gemm } from './gemm';
import { transpose } from './pack';
import { read, write } from './lanes';
import { select, splat } from './simd';
import { tanh4 } from './squash';

/** The step walked as number `s` of `steps`. */
@inline
export function stepAt(s: i32, steps: i32, reverse: i32): usize {
  return <usize>(reverse ? steps - 1 - s : s);
}

/** out[rows, cols] = bias[cols], or zeros. */
export function biasRows(rows: i32, cols: i32, bias: usize, out: usize): void {
  const stride = <usize>cols << 2;
  for (let r = 0; r < rows; r++, out += stride) {
    if (bias) copy(cols, bias, out);
    else memory.fill(out, 0, stride);
  }
}

/**
 * h_t = f(proj_t + W h_{t-1} + b), f = tanh, or relu where `isRelu`.
 * proj, y [T, N, H]; W [H, H]; b [H] or 0; h0 [N, H] or 0; scratch holds H · H floats: Wᵀ, turned once for all steps.
 */
export function rnn(
  steps: i32,
  n: i32,
  h: i32,
  proj: usize,
  w: usize,
  b: usize,
  h0: usize,
  y: usize,
  scratch: usize,
  isRelu: i32,
  reverse: i32,
): void {
  transpose(h, h, w, scratch);
  const step = (<usize>n * <usize>h) << 2;
  let before = h0;
  for (let s = 0; s < steps; s++) {
    const at = stepAt(s, steps, reverse) * step;
    const now = y + at;
    biasRows(n, h, b, now);
    if (before) gemm(n, h, h, before, h, scratch, h, now, h, 1);
    activate(n * h, proj + at, now, isRelu);
    before = now;
  }
}

/** y = f(x + y). */
function activate(n: i32, x: usize, y: usize, isRelu: i32): void {
  const end = (<usize>n) << 2;
  let c: usize = 0;
  for (; c + 16 <= end; c += 16) {
    v128.store(y + c, squash(f32x4.add(v128.load(x + c), v128.load(y + c)), isRelu));
  }
  for (; c < end; c += 4) write(y + c, squash(f32x4.add(read(x + c, true), read(y + c, true)), isRelu), true);
}

@inline
function squash(x: v128, isRelu: i32): v128 {
  // max(x, 0) would turn NaN into NaN or 0 depending on the order; a selection passes it on.
  return isRelu ? select(f32x4.le(x, splat(0)), splat(0), x) : tanh4(x);
}

/**
 * Back through time: dh_t = dy_t + W ᵀ dpre_{t+1} (+ dLast at the last step walked), dpre_t = dh_t f'(h_t).
 * dh and dpre [T, N, H] are overwritten; dh0 (+=) where it is not 0.
 */
export function rnnGrad(
  steps: i32,
  n: i32,
  h: i32,
  w: usize,
  y: usize,
  dy: usize,
  dLast: usize,
  dh: usize,
  dpre: usize,
  dh0: usize,
  isRelu: i32,
  reverse: i32,
): void {
  const step = (<usize>n * <usize>h) << 2;
  let after: usize = 0;
  for (let s = steps - 1; s >= 0; s--) {
    const at = stepAt(s, steps, reverse) * step;
    const now = dh + at;
    gather(n * h, dy + at, s == steps - 1 ? dLast : 0, now);
    if (after) gemm(n, h, h, after, h, w, h, now, h, 1);
    slope(n * h, y + at, now, dpre + at, isRelu);
    after = dpre + at;
  }
  if (dh0 && after) gemm(n, h, h, after, h, w, h, dh0, h, 1);
}

/** out = a (+ b). */
@inline
export function gather(n: i32, a: usize, b: usize, out: usize): void {
  if (b) add(n, a, b, out);
  else copy(n, a, out);
}

/** dpre = dh f'(h), the slope taken from y = f. */
function slope(n: i32, y: usize, dh: usize, dpre: usize, isRelu: i32): void {
  const end = (<usize>n) << 2;
  let c: usize = 0;
  for (; c + 16 <= end; c += 16) v128.store(dpre + c, through(v128.load(dh + c), v128.load(y + c), isRelu));
  for (; c < end; c += 4) write(dpre + c, through(read(dh + c, true), read(y + c, true), isRelu), true);
}

@inline
function through(dh: v128, y: v128, isRelu: i32): v128 {
  if (isRelu) return v128.and(dh, f32x4.gt(y, splat(0)));
  return f32x4.mul(dh, f32x4.sub(splat(1), f32x4.mul(y, y)));
}

/** How many of the rows' first `cols` entries lie outside [low, high]; rows are `ld` apart: one gate among several. */
export function columnsOutside(rows: i32, cols: i32, ld: i32, x: usize, low: f32, high: f32): i32 {
  const a = splat(low);
  const b = splat(high);
  const wide = (<usize>cols) << 2;
  let count = rows * cols; // less those inside, so that NaN counts as outside
  for (let r = 0; r < rows; r++, x += (<usize>ld) << 2) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) {
      const v = v128.load(x + c);
      count -= popcnt<i32>(i32x4.bitmask(v128.and(f32x4.ge(v, a), f32x4.le(v, b))));
    }
    for (; c < wide; c += 4) {
      const v = load<f32>(x + c);
      if (v >= low && v <= high) count--;
    }
  }
  return count;
}
