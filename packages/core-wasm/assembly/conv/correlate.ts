// The inner part of convolutions: an implicit GEMM that reads its right-hand side through a table of offsets.
//   y[r, p] = init[r] + Σ_k a[k][r] · x[base(p) + offset(k)]
// for up to MR output channels r and two groups of four neighbouring output pixels p. An offset stands for one
// (input channel, kernel row, kernel column), so no column matrix is ever written. Each k's offset stands in front of its
// weights: one pointer instead of two (44 → 52 GFLOP/s).
//
// The order of the stores matters: V8 11 (Node 20) orders the multiply-adds of the loop by the uses of their results
// behind it. Stored in this order they follow the loads, and everything stays in registers (as --print-wasm-code
// shows); in the reverse order all loads of an iteration come first, registers spill, and the speed halves.
import { MR } from '../tile';
import { madd } from '../simd';
import { blockRows, blocksOf } from './geometry';

/** `rows` is a compile-time constant at every call. */
@inline
function tile(
  rows: i32,
  k: i32,
  a: usize,
  x0: usize,
  x1: usize,
  init: usize,
  y0: usize,
  y1: usize,
  step: usize,
): void {
  a &= ~3; // see tile.ts
  let c00 = v128.load_splat<f32>(init);
  let c01 = c00;
  let c10 = rows > 1 ? v128.load_splat<f32>(init, 4) : c00;
  let c11 = c10;
  let c20 = rows > 2 ? v128.load_splat<f32>(init, 8) : c00;
  let c21 = c20;
  let c30 = rows > 3 ? v128.load_splat<f32>(init, 12) : c00;
  let c31 = c30;
  let c40 = rows > 4 ? v128.load_splat<f32>(init, 16) : c00;
  let c41 = c40;
  let c50 = rows > 5 ? v128.load_splat<f32>(init, 20) : c00;
  let c51 = c50;
  for (const end = a + <usize>k * (<usize>(rows + 1) << 2); a != end; ) {
    const offset = <usize>load<u32>(a);
    const b0 = v128.load(x0 + offset);
    const b1 = v128.load(x1 + offset);
    let v = v128.load_splat<f32>(a, 4);
    c00 = madd(v, b0, c00);
    c01 = madd(v, b1, c01);
    if (rows > 1) {
      v = v128.load_splat<f32>(a, 8);
      c10 = madd(v, b0, c10);
      c11 = madd(v, b1, c11);
    }
    if (rows > 2) {
      v = v128.load_splat<f32>(a, 12);
      c20 = madd(v, b0, c20);
      c21 = madd(v, b1, c21);
    }
    if (rows > 3) {
      v = v128.load_splat<f32>(a, 16);
      c30 = madd(v, b0, c30);
      c31 = madd(v, b1, c31);
    }
    if (rows > 4) {
      v = v128.load_splat<f32>(a, 20);
      c40 = madd(v, b0, c40);
      c41 = madd(v, b1, c41);
    }
    if (rows > 5) {
      v = v128.load_splat<f32>(a, 24);
      c50 = madd(v, b0, c50);
      c51 = madd(v, b1, c51);
    }
    a += <usize>(rows + 1) << 2;
  }
  v128.store(y0, c00);
  v128.store(y1, c01);
  if (rows > 1) {
    v128.store(y0 + step, c10);
    v128.store(y1 + step, c11);
  }
  if (rows > 2) {
    v128.store(y0 + 2 * step, c20);
    v128.store(y1 + 2 * step, c21);
  }
  if (rows > 3) {
    v128.store(y0 + 3 * step, c30);
    v128.store(y1 + 3 * step, c31);
  }
  if (rows > 4) {
    v128.store(y0 + 4 * step, c40);
    v128.store(y1 + 4 * step, c41);
  }
  if (rows > 5) {
    v128.store(y0 + 5 * step, c50);
    v128.store(y1 + 5 * step, c51);
  }
}

function tile1(k: i32, a: usize, x0: usize, x1: usize, init: usize, y0: usize, y1: usize, step: usize): void {
  tile(1, k, a, x0, x1, init, y0, y1, step);
}

function tile2(k: i32, a: usize, x0: usize, x1: usize, init: usize, y0: usize, y1: usize, step: usize): void {
  tile(2, k, a, x0, x1, init, y0, y1, step);
}

function tile3(k: i32, a: usize, x0: usize, x1: usize, init: usize, y0: usize, y1: usize, step: usize): void {
  tile(3, k, a, x0, x1, init, y0, y1, step);
}

function tile4(k: i32, a: usize, x0: usize, x1: usize, init: usize, y0: usize, y1: usize, step: usize): void {
  tile(4, k, a, x0, x1, init, y0, y1, step);
}

function tile5(k: i32, a: usize, x0: usize, x1: usize, init: usize, y0: usize, y1: usize, step: usize): void {
  tile(5, k, a, x0, x1, init, y0, y1, step);
}

function tile6(k: i32, a: usize, x0: usize, x1: usize, init: usize, y0: usize, y1: usize, step: usize): void {
  tile(6, k, a, x0, x1, init, y0, y1, step);
}

@inline
function tileOf(
  rows: i32,
  k: i32,
  a: usize,
  x0: usize,
  x1: usize,
  init: usize,
  y0: usize,
  y1: usize,
  step: usize,
): void {
  if (rows == MR) {
    if (ASC_FEATURE_RELAXED_SIMD) tile6(k, a, x0, x1, init, y0, y1, step);
    else tile5(k, a, x0, x1, init, y0, y1, step);
  } else if (rows == 1) tile1(k, a, x0, x1, init, y0, y1, step);
  else if (rows == 2) tile2(k, a, x0, x1, init, y0, y1, step);
  else if (rows == 3) tile3(k, a, x0, x1, init, y0, y1, step);
  else if (rows == 4) tile4(k, a, x0, x1, init, y0, y1, step);
  else tile5(k, a, x0, x1, init, y0, y1, step);
}

const beside = memory.data(6 * 32, 64);

/**
 * All output channels and pixels of one image (of one group): y[rows, height, width].
 *
 * `panels` holds the weights block by block as [k][byte offset, rows of the block]; x is read at
 * x + (i · pitch + j) · 4 + offset. Where the width is no multiple of 4 the last group of a row is moved back to end
 * with the row, and some pixels are computed twice.
 */
export function correlate(
  rows: i32,
  k: i32,
  panels: usize,
  init: usize,
  x: usize,
  pitch: i32,
  height: i32,
  width: i32,
  y: usize,
): void {
  const blocks = blocksOf(rows);
  const step = <usize>(height * width) << 2;
  for (let block = 0; block < blocks; block++) {
    const count = blockRows(rows, blocks, block);
    if (count == 1 && width >= 16) single(k, panels, init, x, pitch, height, width, y);
    else if (width < 4) narrow(count, k, panels, init, x, pitch, height, width, y, step);
    else wide(count, k, panels, init, x, pitch, height, width, y, step);
    panels += (<usize>(count + 1) * <usize>k) << 2;
    init += <usize>count << 2;
    y += <usize>count * step;
  }
}

@inline
function wide(
  rows: i32,
  k: i32,
  a: usize,
  init: usize,
  x: usize,
  pitch: i32,
  height: i32,
  width: i32,
  y: usize,
  step: usize,
): void {
  const last = width - 4;
  let waiting = false; // a group waits for a second one to make a tile
  let x0: usize = 0;
  let y0: usize = 0;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j += 4) {
      const column = <usize>min(j, last) << 2;
      const x1 = x + column;
      const y1 = y + column;
      if (waiting) tileOf(rows, k, a, x0, x1, init, y0, y1, step);
      x0 = x1;
      y0 = y1;
      waiting = !waiting;
    }
    x += <usize>pitch << 2;
    y += <usize>width << 2;
  }
  if (waiting) tileOf(rows, k, a, x0, x0, init, y0, y0, step);
}

/** Rows of fewer than 4 pixels: two rows a tile, computed beside, then copied. */
@inline
function narrow(
  rows: i32,
  k: i32,
  a: usize,
  init: usize,
  x: usize,
  pitch: i32,
  height: i32,
  width: i32,
  y: usize,
  step: usize,
): void {
  for (let i = 0; i < height; i += 2) {
    const isPair = i + 1 < height;
    const x1 = isPair ? x + (<usize>pitch << 2) : x;
    tileOf(rows, k, a, x, x1, init, beside, beside + 16, 32);
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < width; j++) {
        const to = y + <usize>r * step + (<usize>j << 2);
        const from = beside + (<usize>r << 5) + (<usize>j << 2);
        store<f32>(to, load<f32>(from));
        if (isPair) store<f32>(to + (<usize>width << 2), load<f32>(from, 16));
      }
    }
    x += <usize>pitch << 3;
    y += <usize>width << 3;
  }
}

/** One output channel (depthwise convolutions): 2 rows of 16 pixels at a time, or the multipliers would wait. */
function single(
  k: i32,
  panel: usize,
  init: usize,
  x: usize,
  pitch: i32,
  height: i32,
  width: i32,
  y: usize,
): void {
  const start = v128.load_splat<f32>(init);
  const last = width - 16;
  for (let i = 0; i < height; i += 2) {
    const isPair = i + 1 < height;
    const nextX = isPair ? <usize>pitch << 2 : 0;
    const nextY = isPair ? <usize>width << 2 : 0;
    for (let j = 0; j < width; j += 16) {
      const column = <usize>min(j, last) << 2;
      let c0 = start;
      let c1 = start;
      let c2 = start;
      let c3 = start;
      let d0 = start;
      let d1 = start;
      let d2 = start;
      let d3 = start;
      let a = panel;
      for (let left = k; left > 0; left--, a += 8) {
        const v = v128.load_splat<f32>(a, 4);
        const p = x + column + <usize>load<u32>(a);
        const q = p + nextX;
        c0 = madd(v, v128.load(p), c0);
        c1 = madd(v, v128.load(p, 16), c1);
        c2 = madd(v, v128.load(p, 32), c2);
        c3 = madd(v, v128.load(p, 48), c3);
        d0 = madd(v, v128.load(q), d0);
        d1 = madd(v, v128.load(q, 16), d1);
        d2 = madd(v, v128.load(q, 32), d2);
        d3 = madd(v, v128.load(q, 48), d3);
      }
      const to = y + column;
      v128.store(to, c0);
      v128.store(to, c1, 16);
      v128.store(to, c2, 32);
      v128.store(to, c3, 48);
      v128.store(to + nextY, d0);
      v128.store(to + nextY, d1, 16);
      v128.store(to + nextY, d2, 32);
      v128.store(to + nextY, d3, 48);
    }
    x += <usize>pitch << 3;
    y += <usize>width << 3;
  }
}
