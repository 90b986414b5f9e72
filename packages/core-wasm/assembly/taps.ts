// Sparse linear maps along one axis: gathering by index, resizing, padding by reflection, and running sums.
// A tensor is read as [outer, axis, inner].
import { madd, splat } from './simd';

/**
 * y[o, j, i] = Σ_t weight[j, t] x[o, index[j, t], i], t < taps. An index below 0 adds nothing. `weights` 0: all 1.
 */
export function axisTaps(
  outer: i32,
  inAxis: i32,
  inner: i32,
  outAxis: i32,
  taps: i32,
  indices: usize,
  weights: usize,
  x: usize,
  y: usize,
): void {
  const row = <usize>inner << 2;
  const inBytes = <usize>inAxis * row;
  for (let o = 0; o < outer; o++, x += inBytes) {
    let index = indices;
    let weight = weights;
    for (let j = 0; j < outAxis; j++, y += row) {
      for (let t = 0; t < taps; t++, index += 4, weight += 4) {
        const source = load<i32>(index);
        const w: f32 = weights ? load<f32>(weight) : 1;
        if (t == 0) {
          if (source < 0) memory.fill(y, 0, row);
          else if (w == 1) memory.copy(y, x + <usize>source * row, row);
          else scaleRow(inner, w, x + <usize>source * row, y);
        } else if (source >= 0) addRow(inner, w, x + <usize>source * row, y);
      }
    }
  }
}

/** dx[o, index[j, t], i] += weight[j, t] dy[o, j, i]. */
export function axisTapsGrad(
  outer: i32,
  inAxis: i32,
  inner: i32,
  outAxis: i32,
  taps: i32,
  indices: usize,
  weights: usize,
  dy: usize,
  dx: usize,
): void {
  const row = <usize>inner << 2;
  const inBytes = <usize>inAxis * row;
  for (let o = 0; o < outer; o++, dx += inBytes) {
    let index = indices;
    let weight = weights;
    for (let j = 0; j < outAxis; j++, dy += row) {
      for (let t = 0; t < taps; t++, index += 4, weight += 4) {
        const source = load<i32>(index);
        if (source >= 0) addRow(inner, weights ? load<f32>(weight) : 1, dy, dx + <usize>source * row);
      }
    }
  }
}

@inline
function addRow(n: i32, w: f32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  const v = splat(w);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, madd(v, v128.load(x), v128.load(y)));
  for (; x < end; x += 4, y += 4) {
    v128.store_lane<f32>(y, madd(v, v128.load_zero<f32>(x), v128.load_zero<f32>(y)), 0);
  }
}

@inline
function scaleRow(n: i32, w: f32, x: usize, y: usize): void {
  const end = x + (<usize>n << 2);
  const v = splat(w);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f32x4.mul(v, v128.load(x)));
  for (; x < end; x += 4, y += 4) store<f32>(y, w * load<f32>(x));
}

/**
 * Indices made safe: negative ones count from the end, what is still outside is clamped to the axis.
 * `floats` 1 reads f32, 0 reads i32.
 */
export function axisIndices(n: i32, axis: i32, source: usize, floats: i32, out: usize): void {
  for (const end = out + (<usize>n << 2); out < end; out += 4, source += 4) {
    let i = floats ? <i32>load<f32>(source) : load<i32>(source);
    if (i < 0) i += axis;
    store<i32>(out, max(0, min(axis - 1, i)));
  }
}

/** y (+)= running sums of x along the axis; `exclusive` leaves the element itself out, `reverse` runs backwards. */
export function runningSum(
  outer: i32,
  axis: i32,
  inner: i32,
  x: usize,
  y: usize,
  exclusive: i32,
  reverse: i32,
  acc: i32,
): void {
  const row = <usize>inner << 2;
  const block = <usize>axis * row;
  const step = reverse ? -(<isize>row) : <isize>row;
  const first = reverse ? block - row : 0;
  for (let o = 0; o < outer; o++, x += block, y += block) {
    for (let i: usize = 0; i < row; i += 4) {
      let p = x + first + i;
      let q = y + first + i;
      let total: f64 = 0;
      for (let t = 0; t < axis; t++, p += step, q += step) {
        const before = total;
        total += <f64>load<f32>(p);
        const value = <f32>(exclusive ? before : total);
        store<f32>(q, acc ? load<f32>(q) + value : value);
      }
    }
  }
}

/** y = x as f32 (whole numbers up to 2^24 exactly). */
export function toFloats(n: i32, x: usize, y: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, y += 4) store<f32>(y, <f32>load<i32>(x));
}
