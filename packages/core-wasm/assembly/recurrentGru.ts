// The GRU over a whole sequence (Cho 2014), gate order r, z, n and the hidden bias inside r · ( ), as PyTorch:
//   r, z = sigmoid(proj + W h_{t-1} + b);  m = W_n h_{t-1} + b_n;  n = tanh(proj_n + r m)
//   h_t = (1 - z) n + z h_{t-1}
// proj, gates [T, N, 3H]; hiddenPart (m), y [T, N, H]; W [3H, H]; b [3H] or 0; h0 [N, H] or 0.
import { gemm } from './gemm';
import { read, write } from './lanes';
import { transpose } from './pack';
import { biasRows, gather, stepAt } from './recurrent';
import { madd, splat } from './simd';
import { sigmoid4, tanh4 } from './squash';

/**
 * Fills gates (after their activations), hiddenPart and y. scratch holds (N + H) · 3H floats: W h + b of one step, and
 * Wᵀ, turned once for all steps.
 */
export function gru(
  steps: i32,
  n: i32,
  h: i32,
  proj: usize,
  w: usize,
  b: usize,
  h0: usize,
  gates: usize,
  hiddenPart: usize,
  y: usize,
  scratch: usize,
  reverse: i32,
): void {
  const step = (<usize>n * <usize>h) << 2;
  const turned = scratch + 3 * step;
  transpose(3 * h, h, w, turned);
  let before = h0;
  for (let s = 0; s < steps; s++) {
    const t = stepAt(s, steps, reverse);
    biasRows(n, 3 * h, b, scratch);
    if (before) gemm(n, 3 * h, h, before, h, turned, 3 * h, scratch, 3 * h, 1);
    cellForward(
      n,
      h,
      proj + 3 * t * step,
      scratch,
      before,
      gates + 3 * t * step,
      hiddenPart + t * step,
      y + t * step,
    );
    before = y + t * step;
  }
}

function cellForward(
  n: i32,
  h: i32,
  proj: usize,
  hidden: usize,
  before: usize,
  gate: usize,
  part: usize,
  y: usize,
): void {
  const wide = (<usize>h) << 2;
  for (let row = 0; row < n; row++) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) stepForward(false, wide, c, proj, hidden, before, gate, part, y);
    for (; c < wide; c += 4) stepForward(true, wide, c, proj, hidden, before, gate, part, y);
    proj += 3 * wide;
    hidden += 3 * wide;
    if (before) before += wide;
    gate += 3 * wide;
    part += wide;
    y += wide;
  }
}

/** Four lanes, or one: `isLane` is a constant at every call, so that the loop over vectors has no branches. */
@inline
function stepForward(
  isLane: bool,
  wide: usize,
  at: usize,
  proj: usize,
  hidden: usize,
  before: usize,
  gate: usize,
  part: usize,
  y: usize,
): void {
  const r = sigmoid4(f32x4.add(read(proj + at, isLane), read(hidden + at, isLane)));
  const z = sigmoid4(f32x4.add(read(proj + wide + at, isLane), read(hidden + wide + at, isLane)));
  const m = read(hidden + 2 * wide + at, isLane);
  const candidate = tanh4(madd(r, m, read(proj + 2 * wide + at, isLane)));
  const previous = before ? read(before + at, isLane) : splat(0);
  write(gate + at, r, isLane);
  write(gate + wide + at, z, isLane);
  write(gate + 2 * wide + at, candidate, isLane);
  write(part + at, m, isLane);
  write(y + at, madd(z, f32x4.sub(previous, candidate), candidate), isLane);
}

/**
 * Back through time. Overwrites dh [T, N, H] (gradient with respect to each hidden state), dproj [T, N, 3H] (gradient of
 * the projections) and dhidden [T, N, 3H] (gradient of W h + b: equal to dproj but for r · in the last third); adds to
 * dh0 where it is not 0.
 */
export function gruGrad(
  steps: i32,
  n: i32,
  h: i32,
  w: usize,
  h0: usize,
  gates: usize,
  hiddenPart: usize,
  y: usize,
  dy: usize,
  dLast: usize,
  dh: usize,
  dproj: usize,
  dhidden: usize,
  dh0: usize,
  reverse: i32,
): void {
  const step = (<usize>n * <usize>h) << 2;
  let after: usize = 0;
  for (let s = steps - 1; s >= 0; s--) {
    const t = stepAt(s, steps, reverse);
    const isLast = s == steps - 1;
    const now = dh + t * step;
    gather(n * h, dy + t * step, isLast ? dLast : 0, now);
    if (!isLast)
      passBack(n, h, w, gates + 3 * after * step, dh + after * step, dhidden + 3 * after * step, now);
    const before = s > 0 ? y + stepAt(s - 1, steps, reverse) * step : h0;
    cellBackward(
      n,
      h,
      gates + 3 * t * step,
      hiddenPart + t * step,
      before,
      now,
      dproj + 3 * t * step,
      dhidden + 3 * t * step,
    );
    after = t;
  }
  if (steps == 0 || !dh0) return;
  passBack(n, h, w, gates + 3 * after * step, dh + after * step, dhidden + 3 * after * step, dh0);
}

/** d h_{t-1} += z dh_t + Wᵀ dhidden_t. */
function passBack(n: i32, h: i32, w: usize, gate: usize, dh: usize, dhidden: usize, to: usize): void {
  gemm(n, h, 3 * h, dhidden, 3 * h, w, h, to, h, 1);
  const wide = (<usize>h) << 2;
  gate += wide;
  for (let row = 0; row < n; row++, gate += 3 * wide, dh += wide, to += wide) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) {
      v128.store(to + c, madd(v128.load(gate + c), v128.load(dh + c), v128.load(to + c)));
    }
    for (; c < wide; c += 4) {
      write(to + c, madd(read(gate + c, true), read(dh + c, true), read(to + c, true)), true);
    }
  }
}

function cellBackward(
  n: i32,
  h: i32,
  gate: usize,
  part: usize,
  before: usize,
  dh: usize,
  dproj: usize,
  dhidden: usize,
): void {
  const wide = (<usize>h) << 2;
  for (let row = 0; row < n; row++) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) stepBackward(false, wide, c, gate, part, before, dh, dproj, dhidden);
    for (; c < wide; c += 4) stepBackward(true, wide, c, gate, part, before, dh, dproj, dhidden);
    gate += 3 * wide;
    part += wide;
    if (before) before += wide;
    dh += wide;
    dproj += 3 * wide;
    dhidden += 3 * wide;
  }
}

@inline
function stepBackward(
  isLane: bool,
  wide: usize,
  at: usize,
  gate: usize,
  part: usize,
  before: usize,
  dh: usize,
  dproj: usize,
  dhidden: usize,
): void {
  const one = splat(1);
  const r = read(gate + at, isLane);
  const z = read(gate + wide + at, isLane);
  const candidate = read(gate + 2 * wide + at, isLane);
  const previous = before ? read(before + at, isLane) : splat(0);
  const d = read(dh + at, isLane);
  const dz = f32x4.mul(f32x4.mul(d, f32x4.sub(previous, candidate)), f32x4.mul(z, f32x4.sub(one, z)));
  const slope = f32x4.sub(one, f32x4.mul(candidate, candidate));
  const dn = f32x4.mul(f32x4.mul(d, f32x4.sub(one, z)), slope);
  const dr = f32x4.mul(f32x4.mul(dn, read(part + at, isLane)), f32x4.mul(r, f32x4.sub(one, r)));
  write(dproj + at, dr, isLane);
  write(dproj + wide + at, dz, isLane);
  write(dproj + 2 * wide + at, dn, isLane);
  write(dhidden + at, dr, isLane);
  write(dhidden + wide + at, dz, isLane);
  write(dhidden + 2 * wide + at, f32x4.mul(dn, r), isLane);
}
