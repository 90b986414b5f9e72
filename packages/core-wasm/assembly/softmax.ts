// Softmax over the rows of a matrix [rows, cols].
import { exp4, horizontalMax, horizontalSum, splat } from './simd';

/** The largest value of a row, NaN passed over: it comes back in the sum of the exponentials. */
export function rowMax(cols: i32, x: usize): f32 {
  const end = x + ((<usize>cols) << 2);
  let m = splat(-Infinity);
  for (; x + 16 <= end; x += 16) m = f32x4.pmax(m, v128.load(x));
  let best = horizontalMax(m);
  for (; x < end; x += 4) {
    const v = load<f32>(x);
    if (v > best) best = v;
  }
  return best;
}

/** y = e^(x - shift) over a row; returns Σ y. */
export function expRow(cols: i32, x: usize, y: usize, shift: f32): f32 {
  const end = x + ((<usize>cols) << 2);
  const s = splat(shift);
  let total = splat(0);
  for (; x + 16 <= end; x += 16, y += 16) {
    const e = exp4(f32x4.sub(v128.load(x), s));
    total = f32x4.add(total, e);
    v128.store(y, e);
  }
  let result = horizontalSum(total);
  for (; x < end; x += 4, y += 4) {
    const e = f32x4.extract_lane(exp4(splat(load<f32>(x) - shift)), 0);
    result += e;
    store<f32>(y, e);
  }
  return result;
}

function scaleRow(cols: i32, y: usize, factor: f32): void {
  const end = y + ((<usize>cols) << 2);
  const f = splat(factor);
  for (; y + 16 <= end; y += 16) v128.store(y, f32x4.mul(v128.load(y), f));
  for (; y < end; y += 4) store<f32>(y, load<f32>(y) * factor);
}

/** y[r, c] = e^x[r, c] / Σ e^x[r, :]. */
export function softmax(rows: i32, cols: i32, x: usize, y: usize): void {
  const stride = (<usize>cols) << 2;
  for (let r = 0; r < rows; r++, x += stride, y += stride) {
    const total = expRow(cols, x, y, rowMax(cols, x));
    scaleRow(cols, y, 1 / total);
  }
}

/** dx (+)= y (dy - Σ dy y). */
export function softmaxGrad(rows: i32, cols: i32, y: usize, dy: usize, dx: usize, acc: i32): void {
  for (let r = 0; r < rows; r++) {
    const inner = rowDot(cols, y, dy);
    const s = splat(inner);
    const end = y + ((<usize>cols) << 2);
    for (; y + 16 <= end; y += 16, dy += 16, dx += 16) {
      const d = f32x4.mul(v128.load(y), f32x4.sub(v128.load(dy), s));
      v128.store(dx, acc ? f32x4.add(v128.load(dx), d) : d);
    }
    for (; y < end; y += 4, dy += 4, dx += 4) {
      const d = load<f32>(y) * (load<f32>(dy) - inner);
      store<f32>(dx, acc ? load<f32>(dx) + d : d);
    }
  }
}

function rowDot(cols: i32, a: usize, b: usize): f32 {
  const end = a + ((<usize>cols) << 2);
  let s = splat(0);
  for (; a + 16 <= end; a += 16, b += 16) s = f32x4.add(s, f32x4.mul(v128.load(a), v128.load(b)));
  let total = horizontalSum(s);
  for (; a < end; a += 4, b += 4) total += load<f32>(a) * load<f32>(b);
  return total;
}

/** Σ e^(x - shift), nothing stored. */
function expSum(cols: i32, x: usize, shift: f32): f32 {
  const end = x + ((<usize>cols) << 2);
  const s = splat(shift);
  let total = splat(0);
  for (; x + 16 <= end; x += 16) total = f32x4.add(total, exp4(f32x4.sub(v128.load(x), s)));
  let result = horizontalSum(total);
  for (; x < end; x += 4) result += f32x4.extract_lane(exp4(splat(load<f32>(x) - shift)), 0);
  return result;
}

/** y = x - ln Σ e^x. */
export function logSoftmax(rows: i32, cols: i32, x: usize, y: usize): void {
  for (let r = 0; r < rows; r++) {
    const shift = rowMax(cols, x);
    const logSum = <f32>Math.log(<f64>expSum(cols, x, shift));
    const a = splat(shift);
    const b = splat(logSum);
    const end = x + ((<usize>cols) << 2);
    for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f32x4.sub(f32x4.sub(v128.load(x), a), b));
    for (; x < end; x += 4, y += 4) store<f32>(y, load<f32>(x) - shift - logSum);
  }
}

/** dx (+)= dy - e^y Σ dy. */
export function logSoftmaxGrad(rows: i32, cols: i32, y: usize, dy: usize, dx: usize, acc: i32): void {
  for (let r = 0; r < rows; r++) {
    let total: f32 = 0;
    for (let c = 0; c < cols; c++) total += load<f32>(dy + ((<usize>c) << 2));
    const s = splat(total);
    const end = y + ((<usize>cols) << 2);
    for (; y + 16 <= end; y += 16, dy += 16, dx += 16) {
      const d = f32x4.sub(v128.load(dy), f32x4.mul(exp4(v128.load(y)), s));
      v128.store(dx, acc ? f32x4.add(v128.load(dx), d) : d);
    }
    for (; y < end; y += 4, dy += 4, dx += 4) {
      const d = load<f32>(dy) - f32x4.extract_lane(exp4(splat(load<f32>(y))), 0) * total;
      store<f32>(dx, acc ? load<f32>(dx) + d : d);
    }
  }
}
