// Enlarging planes [planes, H, W] → [planes, OH, OW].
import { fill } from './elementwise';

/** y[i, j] = x[⌊i · H / OH⌋, ⌊j · W / OW⌋]. */
export function upsampleNearest(planes: i32, h: i32, w: i32, oh: i32, ow: i32, x: usize, y: usize): void {
  const isDoubling = ow == 2 * w;
  for (let p = 0; p < planes; p++, x += <usize>(h * w) << 2) {
    let before = -1;
    for (let i = 0; i < oh; i++, y += <usize>ow << 2) {
      const row = <i32>((<i64>i * <i64>h) / <i64>oh);
      if (row == before) {
        memory.copy(y, y - (<usize>ow << 2), <usize>ow << 2);
        continue;
      }
      before = row;
      const from = x + (<usize>(row * w) << 2);
      if (isDoubling) doubleRow(w, from, y);
      else {
        for (let j = 0; j < ow; j++) {
          const column = <i32>((<i64>j * <i64>w) / <i64>ow);
          store<f32>(y + (<usize>j << 2), load<f32>(from + (<usize>column << 2)));
        }
      }
    }
  }
}

@inline
function doubleRow(w: i32, x: usize, y: usize): void {
  let j = 0;
  for (; j + 4 <= w; j += 4, x += 16, y += 32) {
    const v = v128.load(x);
    v128.store(y, v128.shuffle<i32>(v, v, 0, 0, 1, 1));
    v128.store(y, v128.shuffle<i32>(v, v, 2, 2, 3, 3), 16);
  }
  for (; j < w; j++, x += 4, y += 8) {
    const v = load<f32>(x);
    store<f32>(y, v);
    store<f32>(y, v, 4);
  }
}

/** dx[r, c] (+)= Σ dy over the pixels that were copied from it. */
export function upsampleNearestGrad(
  planes: i32,
  h: i32,
  w: i32,
  oh: i32,
  ow: i32,
  dy: usize,
  dx: usize,
  acc: i32,
): void {
  if (!acc) fill(planes * h * w, dx, 0);
  const isDoubling = ow == 2 * w;
  for (let p = 0; p < planes; p++, dx += <usize>(h * w) << 2) {
    for (let i = 0; i < oh; i++, dy += <usize>ow << 2) {
      const row = <i32>((<i64>i * <i64>h) / <i64>oh);
      const to = dx + (<usize>(row * w) << 2);
      if (isDoubling) addPairs(w, dy, to);
      else {
        for (let j = 0; j < ow; j++) {
          const at = to + (<usize>((<i64>j * <i64>w) / <i64>ow) << 2);
          store<f32>(at, load<f32>(at) + load<f32>(dy + (<usize>j << 2)));
        }
      }
    }
  }
}

@inline
function addPairs(w: i32, dy: usize, dx: usize): void {
  let j = 0;
  for (; j + 4 <= w; j += 4, dy += 32, dx += 16) {
    const a = v128.load(dy);
    const b = v128.load(dy, 16);
    const pairs = f32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(a, b, 1, 3, 5, 7));
    v128.store(dx, f32x4.add(v128.load(dx), pairs));
  }
  for (; j < w; j++, dy += 8, dx += 4) store<f32>(dx, load<f32>(dx) + (load<f32>(dy) + load<f32>(dy, 4)));
}

/** The two source indices of an output and the weight of the second. */
let lower: i32 = 0;
let upper: i32 = 0;
let part: f32 = 0;

/** Source position of output `i`: i · ratio with aligned corners, else pixel centres: (i + 1/2) ratio - 1/2, at least 0. */
@inline
function locate(i: i32, size: i32, ratio: f64, isAligned: i32): void {
  const position = isAligned ? <f64>i * ratio : max(0, (<f64>i + 0.5) * ratio - 0.5);
  lower = min(<i32>position, size - 1);
  upper = min(lower + 1, size - 1);
  part = <f32>(position - <f64>lower);
}

/**
 * Bilinear interpolation. `ratioH`, `ratioW`: steps in the source a step in the output: H / OH, or (H - 1) / (OH - 1)
 * with aligned corners.
 */
export function upsampleBilinear(
  planes: i32,
  h: i32,
  w: i32,
  oh: i32,
  ow: i32,
  ratioH: f64,
  ratioW: f64,
  isAligned: i32,
  x: usize,
  y: usize,
): void {
  for (let p = 0; p < planes; p++, x += <usize>(h * w) << 2) {
    for (let i = 0; i < oh; i++) {
      locate(i, h, ratioH, isAligned);
      const above = x + (<usize>(lower * w) << 2);
      const below = x + (<usize>(upper * w) << 2);
      const v = part;
      for (let j = 0; j < ow; j++, y += 4) {
        locate(j, w, ratioW, isAligned);
        const l = <usize>lower << 2;
        const r = <usize>upper << 2;
        const a = load<f32>(above + l) * (1 - part) + load<f32>(above + r) * part;
        const b = load<f32>(below + l) * (1 - part) + load<f32>(below + r) * part;
        store<f32>(y, a * (1 - v) + b * v);
      }
    }
  }
}

export function upsampleBilinearGrad(
  planes: i32,
  h: i32,
  w: i32,
  oh: i32,
  ow: i32,
  ratioH: f64,
  ratioW: f64,
  isAligned: i32,
  dy: usize,
  dx: usize,
  acc: i32,
): void {
  if (!acc) fill(planes * h * w, dx, 0);
  for (let p = 0; p < planes; p++, dx += <usize>(h * w) << 2) {
    for (let i = 0; i < oh; i++) {
      locate(i, h, ratioH, isAligned);
      const above = dx + (<usize>(lower * w) << 2);
      const below = dx + (<usize>(upper * w) << 2);
      const v = part;
      for (let j = 0; j < ow; j++, dy += 4) {
        locate(j, w, ratioW, isAligned);
        const l = <usize>lower << 2;
        const r = <usize>upper << 2;
        const g = load<f32>(dy);
        add(above + l, g * (1 - v) * (1 - part));
        add(above + r, g * (1 - v) * part);
        add(below + l, g * v * (1 - part));
        add(below + r, g * v * part);
      }
    }
  }
}

@inline
function add(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}
