// Gated linear units: the first half of each row meets the second. x [rows, 2 · half] → y [rows, half].
// Sources: Dauphin 2016, arXiv 1612.08083 (GLU); Shazeer 2020, arXiv 2002.05202 (SwiGLU).
import { read, write, writeOrAdd } from './lanes';
import { sigmoid4, splat } from './simd';

/** y = a sigmoid(b), a the first half, b the second. */
export function glu(rows: i32, half: i32, x: usize, y: usize): void {
  const wide = (<usize>half) << 2;
  for (let r = 0; r < rows; r++, x += wide) {
    for (const end = x + wide; x < end;) {
      const isLane = x + 16 > end;
      write(y, f32x4.mul(read(x, isLane), sigmoid4(read(x + wide, isLane))), isLane);
      const bytes: usize = isLane ? 4 : 16;
      x += bytes;
      y += bytes;
    }
  }
}

/** da (+)= dy s;  db (+)= dy a s (1 - s), s = sigmoid(b). */
export function gluGrad(rows: i32, half: i32, x: usize, dy: usize, dx: usize, acc: i32): void {
  const wide = (<usize>half) << 2;
  for (let r = 0; r < rows; r++, x += wide, dx += wide) {
    for (const end = x + wide; x < end;) {
      const isLane = x + 16 > end;
      const s = sigmoid4(read(x + wide, isLane));
      const da = f32x4.mul(read(dy, isLane), s);
      const db = f32x4.mul(f32x4.mul(da, read(x, isLane)), f32x4.sub(splat(1), s));
      writeOrAdd(dx, da, isLane, acc);
      writeOrAdd(dx + wide, db, isLane, acc);
      const bytes: usize = isLane ? 4 : 16;
      x += bytes;
      dy += bytes;
      dx += bytes;
    }
  }
}

/** y = a sigmoid(a) b. */
export function swiglu(rows: i32, half: i32, x: usize, y: usize): void {
  const wide = (<usize>half) << 2;
  for (let r = 0; r < rows; r++, x += wide) {
    for (const end = x + wide; x < end;) {
      const isLane = x + 16 > end;
      const a = read(x, isLane);
      write(y, f32x4.mul(f32x4.mul(a, sigmoid4(a)), read(x + wide, isLane)), isLane);
      const bytes: usize = isLane ? 4 : 16;
      x += bytes;
      y += bytes;
    }
  }
}

/** da (+)= dy b s (1 + a (1 - s));  db (+)= dy a s, s = sigmoid(a). */
export function swigluGrad(rows: i32, half: i32, x: usize, dy: usize, dx: usize, acc: i32): void {
  const wide = (<usize>half) << 2;
  for (let r = 0; r < rows; r++, x += wide, dx += wide) {
    for (const end = x + wide; x < end;) {
      const isLane = x + 16 > end;
      const a = read(x, isLane);
      const s = sigmoid4(a);
      const d = f32x4.mul(read(dy, isLane), s);
      const slope = f32x4.add(splat(1), f32x4.mul(a, f32x4.sub(splat(1), s)));
      writeOrAdd(dx, f32x4.mul(f32x4.mul(d, read(x + wide, isLane)), slope), isLane, acc);
      writeOrAdd(dx + wide, f32x4.mul(d, a), isLane, acc);
      const bytes: usize = isLane ? 4 : 16;
      x += bytes;
      dy += bytes;
      dx += bytes;
    }
  }
}
