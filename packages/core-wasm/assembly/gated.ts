// Gated linear units: the first half of each row meets the second. x [rows, 2 · half] → y [rows, half].
// Sources: Dauphin 2016, arXiv 1612.08083 (GLU); Shazeer 2020, arXiv 2002.05202 (SwiGLU).
// `isLane` is a constant at every call: four lanes, or one where a row ends.
import { read, write, writeOrAdd } from './lanes';
import { splat } from './simd';
import { sigmoid4 } from './squash';

/** y = a sigmoid(b), a the first half, b the second. */
export function glu(rows: i32, half: i32, x: usize, y: usize): void {
  const wide = (<usize>half) << 2;
  for (let r = 0; r < rows; r++, x += 2 * wide, y += wide) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) gluLanes(false, wide, x + c, y + c);
    for (; c < wide; c += 4) gluLanes(true, wide, x + c, y + c);
  }
}

@inline
function gluLanes(isLane: bool, wide: usize, x: usize, y: usize): void {
  write(y, f32x4.mul(read(x, isLane), sigmoid4(read(x + wide, isLane))), isLane);
}

/** da (+)= dy s;  db (+)= dy a s (1 - s), s = sigmoid(b). */
export function gluGrad(rows: i32, half: i32, x: usize, dy: usize, dx: usize, acc: i32): void {
  const wide = (<usize>half) << 2;
  for (let r = 0; r < rows; r++, x += 2 * wide, dy += wide, dx += 2 * wide) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) gluGradLanes(false, wide, x + c, dy + c, dx + c, acc);
    for (; c < wide; c += 4) gluGradLanes(true, wide, x + c, dy + c, dx + c, acc);
  }
}

@inline
function gluGradLanes(isLane: bool, wide: usize, x: usize, dy: usize, dx: usize, acc: i32): void {
  const s = sigmoid4(read(x + wide, isLane));
  const da = f32x4.mul(read(dy, isLane), s);
  const db = f32x4.mul(f32x4.mul(da, read(x, isLane)), f32x4.sub(splat(1), s));
  writeOrAdd(dx, da, isLane, acc);
  writeOrAdd(dx + wide, db, isLane, acc);
}

/** y = a sigmoid(a) b. */
export function swiglu(rows: i32, half: i32, x: usize, y: usize): void {
  const wide = (<usize>half) << 2;
  for (let r = 0; r < rows; r++, x += 2 * wide, y += wide) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) swigluLanes(false, wide, x + c, y + c);
    for (; c < wide; c += 4) swigluLanes(true, wide, x + c, y + c);
  }
}

@inline
function swigluLanes(isLane: bool, wide: usize, x: usize, y: usize): void {
  const a = read(x, isLane);
  write(y, f32x4.mul(f32x4.mul(a, sigmoid4(a)), read(x + wide, isLane)), isLane);
}

/** da (+)= dy b s (1 + a (1 - s));  db (+)= dy a s, s = sigmoid(a). */
export function swigluGrad(rows: i32, half: i32, x: usize, dy: usize, dx: usize, acc: i32): void {
  const wide = (<usize>half) << 2;
  for (let r = 0; r < rows; r++, x += 2 * wide, dy += wide, dx += 2 * wide) {
    let c: usize = 0;
    for (; c + 16 <= wide; c += 16) swigluGradLanes(false, wide, x + c, dy + c, dx + c, acc);
    for (; c < wide; c += 4) swigluGradLanes(true, wide, x + c, dy + c, dx + c, acc);
  }
}

@inline
function swigluGradLanes(isLane: bool, wide: usize, x: usize, dy: usize, dx: usize, acc: i32): void {
  const a = read(x, isLane);
  const s = sigmoid4(a);
  const d = f32x4.mul(read(dy, isLane), s);
  const slope = f32x4.add(splat(1), f32x4.mul(a, f32x4.sub(splat(1), s)));
  writeOrAdd(dx, f32x4.mul(f32x4.mul(d, read(x + wide, isLane)), slope), isLane, acc);
  writeOrAdd(dx + wide, f32x4.mul(d, a), isLane, acc);
}
