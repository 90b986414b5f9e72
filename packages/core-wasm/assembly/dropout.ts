// Dropout with random words drawn beforehand (randomBits): a number is dropped where its word, as an unsigned
// integer, is below `threshold` = rate · 2³². Source: Srivastava et al. 2014.
import { select, splat } from './simd';

/** y = scale · x where kept, 0 where dropped; scale = 1 / (1 - rate). */
export function dropout(n: i32, bits: usize, threshold: i32, scale: f32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  const t = i32x4.splat(threshold);
  const s = splat(scale);
  for (; x + 16 <= end; x += 16, y += 16, bits += 16) {
    v128.store(y, select(i32x4.lt_u(v128.load(bits), t), splat(0), f32x4.mul(v128.load(x), s)));
  }
  for (; x < end; x += 4, y += 4, bits += 4) {
    store<f32>(y, load<u32>(bits) < <u32>threshold ? 0 : load<f32>(x) * scale);
  }
}

/** dx (+)= scale · dy where kept. */
export function dropoutGrad(
  n: i32,
  bits: usize,
  threshold: i32,
  scale: f32,
  dy: usize,
  dx: usize,
  acc: i32,
): void {
  if (!acc) return dropout(n, bits, threshold, scale, dy, dx);
  const end = dx + (<usize>n << 2);
  const t = i32x4.splat(threshold);
  const s = splat(scale);
  for (; dx + 16 <= end; dx += 16, dy += 16, bits += 16) {
    const g = select(i32x4.lt_u(v128.load(bits), t), splat(0), f32x4.mul(v128.load(dy), s));
    v128.store(dx, f32x4.add(v128.load(dx), g));
  }
  for (; dx < end; dx += 4, dy += 4, bits += 4) {
    if (load<u32>(bits) >= <u32>threshold) store<f32>(dx, load<f32>(dx) + load<f32>(dy) * scale);
  }
}
