// Pooling over planes [planes, H, W] → [planes, OH, OW]; a plane is one channel of one image.
import { fill } from './elementwise';
import { select, splat } from './simd';

/**
 * y = the largest of each window; `at` keeps where it was (index within the plane). The first of equals counts, and
 * NaN counts as largest, both as in PyTorch. Padding is never chosen.
 */
export function maxPool2d(
  planes: i32,
  h: i32,
  w: i32,
  oh: i32,
  ow: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  pt: i32,
  pl: i32,
  dh: i32,
  dw: i32,
  x: usize,
  y: usize,
  at: usize,
): void {
  const isHalving = kh == 2 && kw == 2 && sh == 2 && sw == 2 && dh == 1 && dw == 1 && pt == 0 && pl == 0;
  const fast = isHalving && 2 * oh <= h && 2 * ow <= w ? ow & ~3 : 0;
  for (let p = 0; p < planes; p++, x += <usize>(h * w) << 2) {
    for (let i = 0; i < oh; i++) {
      if (fast) {
        halveRow(fast, w, 2 * i * w, x, y, at);
        y += <usize>fast << 2;
        at += <usize>fast << 2;
      }
      const top = i * sh - pt;
      const from = max(0, top < 0 ? ((-top + dh - 1) / dh) * dh + top : top);
      const to = min(h, top + (kh - 1) * dh + 1);
      for (let j = fast; j < ow; j++, y += 4, at += 4) {
        const left = j * sw - pl;
        const start = left < 0 ? ((-left + dw - 1) / dw) * dw + left : left;
        const end = min(w, left + (kw - 1) * dw + 1);
        let best: f32 = -Infinity;
        let index = from * w + start;
        for (let r = from; r < to; r += dh) {
          for (let c = start; c < end; c += dw) {
            const v = load<f32>(x + (<usize>(r * w + c) << 2));
            if (v > best || v != v) {
              best = v;
              index = r * w + c;
            }
          }
        }
        store<f32>(y, best);
        store<i32>(at, index);
      }
    }
  }
}

/** `n` outputs (a multiple of 4) of 2 × 2 windows side by side; `row` is the index of the first row's start. */
@inline
function halveRow(n: i32, w: i32, row: i32, x: usize, y: usize, at: usize): void {
  const above = x + (<usize>row << 2);
  const below = above + (<usize>w << 2);
  let index = i32x4.add(i32x4.splat(row), i32x4(0, 2, 4, 6));
  for (let j: usize = 0; j < <usize>n << 2; j += 16) {
    const a = v128.load(above + 2 * j);
    const b = v128.load(above + 2 * j, 16);
    const c = v128.load(below + 2 * j);
    const d = v128.load(below + 2 * j, 16);
    let best = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
    let where = index;
    let v = v128.shuffle<i32>(a, b, 1, 3, 5, 7);
    let wins = v128.or(f32x4.gt(v, best), f32x4.ne(v, v));
    best = select(wins, v, best);
    where = select(wins, i32x4.add(index, i32x4.splat(1)), where);
    v = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
    wins = v128.or(f32x4.gt(v, best), f32x4.ne(v, v));
    best = select(wins, v, best);
    where = select(wins, i32x4.add(index, i32x4.splat(w)), where);
    v = v128.shuffle<i32>(c, d, 1, 3, 5, 7);
    wins = v128.or(f32x4.gt(v, best), f32x4.ne(v, v));
    best = select(wins, v, best);
    where = select(wins, i32x4.add(index, i32x4.splat(w + 1)), where);
    v128.store(y + j, best);
    v128.store(at + j, where);
    index = i32x4.add(index, i32x4.splat(8));
  }
}

/** dx (+)= dy where each maximum was; `inner` = H · W, `outer` = OH · OW. */
export function maxPool2dGrad(planes: i32, inner: i32, outer: i32, at: usize, dy: usize, dx: usize, acc: i32): void {
  if (!acc) fill(planes * inner, dx, 0);
  for (let p = 0; p < planes; p++, dx += <usize>inner << 2) {
    const end = dy + (<usize>outer << 2);
    for (; dy < end; dy += 4, at += 4) {
      const to = dx + (<usize>load<i32>(at) << 2);
      store<f32>(to, load<f32>(to) + load<f32>(dy));
    }
  }
}

/** First index, and index after the last, of window `i` on an axis: clipped to the axis and (`padded`) to its padding. */
let from: i32 = 0;
let to: i32 = 0;
let padded: i32 = 0;

/** `kernel` 0: the axis is cut into `output` parts as equal as possible (adaptive pooling). */
@inline
function placeWindow(i: i32, size: i32, output: i32, kernel: i32, stride: i32, before: i32, after: i32): void {
  if (kernel == 0) {
    from = (i * size) / output;
    to = ((i + 1) * size + output - 1) / output;
    padded = to - from;
    return;
  }
  const start = i * stride - before;
  const end = min(start + kernel, size + after);
  padded = end - start;
  from = max(0, start);
  to = min(size, end);
}

/**
 * y = the mean of each window. `countPad` 1 divides by the window's size within the padded plane, else by the number
 * of its entries within the plane. Kernel 0: adaptive.
 */
export function avgPool2d(
  planes: i32,
  h: i32,
  w: i32,
  oh: i32,
  ow: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  pt: i32,
  pl: i32,
  pb: i32,
  pr: i32,
  countPad: i32,
  x: usize,
  y: usize,
): void {
  for (let p = 0; p < planes; p++, x += <usize>(h * w) << 2) {
    for (let i = 0; i < oh; i++) {
      placeWindow(i, h, oh, kh, sh, pt, pb);
      const r0 = from;
      const r1 = to;
      const rows = padded;
      for (let j = 0; j < ow; j++, y += 4) {
        placeWindow(j, w, ow, kw, sw, pl, pr);
        let sum: f32 = 0;
        for (let r = r0; r < r1; r++) {
          for (let c = from; c < to; c++) sum += load<f32>(x + (<usize>(r * w + c) << 2));
        }
        const count = countPad ? rows * padded : (r1 - r0) * (to - from);
        store<f32>(y, sum / <f32>count);
      }
    }
  }
}

/** dx (+)= each window's dy, spread evenly. */
export function avgPool2dGrad(
  planes: i32,
  h: i32,
  w: i32,
  oh: i32,
  ow: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  pt: i32,
  pl: i32,
  pb: i32,
  pr: i32,
  countPad: i32,
  dy: usize,
  dx: usize,
  acc: i32,
): void {
  if (!acc) fill(planes * h * w, dx, 0);
  for (let p = 0; p < planes; p++, dx += <usize>(h * w) << 2) {
    for (let i = 0; i < oh; i++) {
      placeWindow(i, h, oh, kh, sh, pt, pb);
      const r0 = from;
      const r1 = to;
      const rows = padded;
      for (let j = 0; j < ow; j++, dy += 4) {
        placeWindow(j, w, ow, kw, sw, pl, pr);
        const count = countPad ? rows * padded : (r1 - r0) * (to - from);
        const part = load<f32>(dy) / <f32>count;
        for (let r = r0; r < r1; r++) {
          for (let c = from; c < to; c++) {
            const at = dx + (<usize>(r * w + c) << 2);
            store<f32>(at, load<f32>(at) + part);
          }
        }
      }
    }
  }
}

/** y[p] = mean of plane p of `inner` numbers. */
export function globalAvgPool(planes: i32, inner: i32, x: usize, y: usize): void {
  for (let p = 0; p < planes; p++, y += 4) {
    const end = x + (<usize>inner << 2);
    let s = splat(0);
    for (; x + 16 <= end; x += 16) s = f32x4.add(s, v128.load(x));
    let sum =
      f32x4.extract_lane(s, 0) +
      f32x4.extract_lane(s, 1) +
      (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
    for (; x < end; x += 4) sum += load<f32>(x);
    store<f32>(y, sum / <f32>inner);
  }
}

/** dx[p, :] (+)= dy[p] / inner. */
export function globalAvgPoolGrad(planes: i32, inner: i32, dy: usize, dx: usize, acc: i32): void {
  for (let p = 0; p < planes; p++, dy += 4) {
    const end = dx + (<usize>inner << 2);
    const part = load<f32>(dy) / <f32>inner;
    const v = splat(part);
    for (; dx + 16 <= end; dx += 16) v128.store(dx, acc ? f32x4.add(v128.load(dx), v) : v);
    for (; dx < end; dx += 4) store<f32>(dx, acc ? load<f32>(dx) + part : part);
  }
}
