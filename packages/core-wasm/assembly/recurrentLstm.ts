// The LSTM over a whole sequence (Hochreiter 1997, with forget gates: Gers 2000). Gate order i, f, g, o, as PyTorch:
//   a = proj_t + W h_{t-1} + b;  i, f, o = sigmoid(a_i, a_f, a_o);  g = tanh(a_g)
//   c_t = f c_{t-1} + i g;  h_t = o tanh(c_t)
// proj, gates [T, N, 4H]; cells, y [T, N, H]; W [4H, H]; b [4H] or 0; h0, c0 [N, H] or 0.
import { gemm } from './gemm';
import { read, write } from './lanes';
import { transpose } from './pack';
import { biasRows, gather, stepAt } from './recurrent';
import { madd, splat } from './simd';
import { sigmoid4, tanh4 } from './squash';

/** Fills gates (after their activations), cells and y; scratch holds 4H · H floats: Wᵀ, turned once for all steps. */
export function lstm(
  steps: i32,
  n: i32,
  h: i32,
  proj: usize,
  w: usize,
  b: usize,
  h0: usize,
  c0: usize,
  gates: usize,
  cells: usize,
  y: usize,
  scratch: usize,
  reverse: i32,
): void {
  transpose(4 * h, h, w, scratch);
  const step = (<usize>n * <usize>h) << 2;
  let before = h0;
  let cellBefore = c0;
  for (let s = 0; s < steps; s++) {
    const t = stepAt(s, steps, reverse);
    const gate = gates + 4 * t * step;
    biasRows(n, 4 * h, b, gate);
    if (before) gemm(n, 4 * h, h, before, h, scratch, 4 * h, gate, 4 * h, 1);
    before = y + t * step;
    cellForward(n, h, proj + 4 * t * step, gate, cellBefore, cells + t * step, before);
    cellBefore = cells + t * step;
  }
}

function cellForward(
  n: i32,
  h: i32,
  proj: usize,
  gate: usize,
  cellBefore: usize,
  cell: usize,
  y: usize,
): void {
  const wide = (<usize>h) << 2;
  for (let r = 0; r < n; r++, proj += 4 * wide, gate += 4 * wide, cell += wide, y += wide) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) stepForward(false, wide, proj + c, gate + c, cellBefore, c, cell + c, y + c);
    for (; c < wide; c += 4) stepForward(true, wide, proj + c, gate + c, cellBefore, c, cell + c, y + c);
    if (cellBefore) cellBefore += wide;
  }
}

/** Four lanes, or one: `isLane` is a constant at every call, so that the loop over vectors has no branches. */
@inline
function stepForward(
  isLane: bool,
  wide: usize,
  proj: usize,
  gate: usize,
  cellBefore: usize,
  at: usize,
  cell: usize,
  y: usize,
): void {
  const i = sigmoid4(f32x4.add(read(proj, isLane), read(gate, isLane)));
  const f = sigmoid4(f32x4.add(read(proj + wide, isLane), read(gate + wide, isLane)));
  const g = tanh4(f32x4.add(read(proj + 2 * wide, isLane), read(gate + 2 * wide, isLane)));
  const o = sigmoid4(f32x4.add(read(proj + 3 * wide, isLane), read(gate + 3 * wide, isLane)));
  let c = f32x4.mul(i, g);
  if (cellBefore) c = madd(f, read(cellBefore + at, isLane), c);
  write(gate, i, isLane);
  write(gate + wide, f, isLane);
  write(gate + 2 * wide, g, isLane);
  write(gate + 3 * wide, o, isLane);
  write(cell, c, isLane);
  write(y, f32x4.mul(o, tanh4(c)), isLane);
}

/**
 * Back through time. dy [T, N, H], dLast and dcLast [N, H] or 0: gradients from above. Overwrites dh, dc [T, N, H] (the
 * gradient of the loss with respect to each hidden and cell state) and dgates [T, N, 4H] (before the activations);
 * adds to dh0, dc0 where they are not 0.
 */
export function lstmGrad(
  steps: i32,
  n: i32,
  h: i32,
  w: usize,
  c0: usize,
  gates: usize,
  cells: usize,
  dy: usize,
  dLast: usize,
  dcLast: usize,
  dh: usize,
  dc: usize,
  dgates: usize,
  dh0: usize,
  dc0: usize,
  reverse: i32,
): void {
  const step = (<usize>n * <usize>h) << 2;
  let after: usize = 0; // the step walked after this one, as an index
  for (let s = steps - 1; s >= 0; s--) {
    const t = stepAt(s, steps, reverse);
    const isLast = s == steps - 1;
    const now = dh + t * step;
    gather(n * h, dy + t * step, isLast ? dLast : 0, now);
    if (!isLast) gemm(n, h, 4 * h, dgates + 4 * after * step, 4 * h, w, h, now, h, 1);
    const cellBefore = s > 0 ? cells + stepAt(s - 1, steps, reverse) * step : c0;
    cellBackward(
      n,
      h,
      gates + 4 * t * step,
      cellBefore,
      cells + t * step,
      now,
      isLast ? dcLast : dc + after * step,
      isLast ? 0 : gates + 4 * after * step,
      dc + t * step,
      dgates + 4 * t * step,
    );
    after = t;
  }
  if (steps == 0) return;
  if (dh0) gemm(n, h, 4 * h, dgates + 4 * after * step, 4 * h, w, h, dh0, h, 1);
  if (dc0) addThroughForget(n, h, gates + 4 * after * step, dc + after * step, dc0);
}

/** dc_t = dh o (1 - tanh² c) + what comes from above: f_{t+1} dc_{t+1}, or dcLast itself where gateAfter = 0. */
function cellBackward(
  n: i32,
  h: i32,
  gate: usize,
  cellBefore: usize,
  cell: usize,
  dh: usize,
  dcAbove: usize,
  gateAfter: usize,
  dc: usize,
  dgate: usize,
): void {
  const wide = (<usize>h) << 2;
  for (let r = 0; r < n; r++) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) {
      stepBackward(false, wide, c, gate, cellBefore, cell, dh, dcAbove, gateAfter, dc, dgate);
    }
    for (; c < wide; c += 4) {
      stepBackward(true, wide, c, gate, cellBefore, cell, dh, dcAbove, gateAfter, dc, dgate);
    }
    gate += 4 * wide;
    dgate += 4 * wide;
    if (cellBefore) cellBefore += wide;
    cell += wide;
    dh += wide;
    if (dcAbove) dcAbove += wide;
    if (gateAfter) gateAfter += 4 * wide;
    dc += wide;
  }
}

@inline
function stepBackward(
  isLane: bool,
  wide: usize,
  at: usize,
  gate: usize,
  cellBefore: usize,
  cell: usize,
  dh: usize,
  dcAbove: usize,
  gateAfter: usize,
  dc: usize,
  dgate: usize,
): void {
  const one = splat(1);
  const i = read(gate + at, isLane);
  const f = read(gate + wide + at, isLane);
  const g = read(gate + 2 * wide + at, isLane);
  const o = read(gate + 3 * wide + at, isLane);
  const squashed = tanh4(read(cell + at, isLane));
  const d = read(dh + at, isLane);
  let carried = f32x4.mul(f32x4.mul(d, o), f32x4.sub(one, f32x4.mul(squashed, squashed)));
  if (dcAbove) {
    const above = read(dcAbove + at, isLane);
    if (gateAfter) carried = madd(read(gateAfter + wide + at, isLane), above, carried);
    else carried = f32x4.add(carried, above);
  }
  const previous = cellBefore ? read(cellBefore + at, isLane) : splat(0);
  write(dc + at, carried, isLane);
  write(dgate + at, f32x4.mul(f32x4.mul(carried, g), f32x4.mul(i, f32x4.sub(one, i))), isLane);
  write(dgate + wide + at, f32x4.mul(f32x4.mul(carried, previous), f32x4.mul(f, f32x4.sub(one, f))), isLane);
  write(dgate + 2 * wide + at, f32x4.mul(f32x4.mul(carried, i), f32x4.sub(one, f32x4.mul(g, g))), isLane);
  write(dgate + 3 * wide + at, f32x4.mul(f32x4.mul(d, squashed), f32x4.mul(o, f32x4.sub(one, o))), isLane);
}

/** dc0 += f dc, once a sequence. */
function addThroughForget(n: i32, h: i32, gate: usize, dc: usize, dc0: usize): void {
  const wide = (<usize>h) << 2;
  gate += wide;
  for (let r = 0; r < n; r++, gate += 4 * wide, dc += wide, dc0 += wide) {
    for (let c: usize = 0; c < wide; c += c + 16 <= wide ? 16 : 4) {
      const isLane = c + 16 > wide;
      write(dc0 + c, madd(read(gate + c, isLane), read(dc + c, isLane), read(dc0 + c, isLane)), isLane);
    }
  }
}
