// Norms over the last axis of x [rows, cols].
//   layerNorm:   y = (x - mean) · invStd · w + b,  invStd = 1 / sqrt(var + eps), var biased
//   rmsNorm:     y = x · invRms · w,               invRms = 1 / sqrt(mean(x²) + eps)
//   l2Normalize: y = x / max(‖x‖, eps)
// `stats` keeps [mean, invStd] of each row as f64 (mean 0 for rmsNorm). `weight` and `bias` [cols] are 0 where there
// are none. Sources: Ba et al. 2016, arXiv:1607.06450; Zhang and Sennrich 2019, arXiv:1910.07467.
import { high, horizontalSum64, splat } from '../simd';
import { dot, sumSquares } from '../reduce';
import { addMoments, clearMoments, first, varianceOf } from './moments';

export function layerNorm(
  rows: i32,
  cols: i32,
  x: usize,
  weight: usize,
  bias: usize,
  eps: f32,
  y: usize,
  stats: usize,
): void {
  const count = <f64>cols;
  const bytes = <usize>cols << 2;
  for (let r = 0; r < rows; r++, x += bytes, y += bytes, stats += 16) {
    clearMoments();
    addMoments(cols, x);
    const mean = first / count;
    const invStd = 1 / Math.sqrt(varianceOf(count) + <f64>eps);
    store<f64>(stats, mean);
    store<f64>(stats, invStd, 8);
    affine(cols, x, mean, invStd, weight, bias, y);
  }
}

export function rmsNorm(rows: i32, cols: i32, x: usize, weight: usize, eps: f32, y: usize, stats: usize): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < rows; r++, x += bytes, y += bytes, stats += 16) {
    const invRms = 1 / Math.sqrt(sumSquares(cols, x) / <f64>cols + <f64>eps);
    store<f64>(stats, 0);
    store<f64>(stats, invRms, 8);
    affine(cols, x, 0, invRms, weight, 0, y);
  }
}

/** y = (x - mean) · scale · w + b. */
function affine(cols: i32, x: usize, mean: f64, scale: f64, weight: usize, bias: usize, y: usize): void {
  const end = x + (<usize>cols << 2);
  const centre = <f32>mean;
  const shift = <f32>((<f64>centre - mean) * scale);
  const vc = splat(centre);
  const vs = splat(<f32>scale);
  const vt = splat(shift);
  for (; x + 16 <= end; x += 16, y += 16) {
    let v = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), vc), vs), vt);
    if (weight) {
      v = f32x4.mul(v, v128.load(weight));
      weight += 16;
    }
    if (bias) {
      v = f32x4.add(v, v128.load(bias));
      bias += 16;
    }
    v128.store(y, v);
  }
  for (; x < end; x += 4, y += 4) {
    let v = (load<f32>(x) - centre) * <f32>scale + shift;
    if (weight) {
      v *= load<f32>(weight);
      weight += 4;
    }
    if (bias) {
      v += load<f32>(bias);
      bias += 4;
    }
    store<f32>(y, v);
  }
}

/**
 * With g = w · dy and x̂ = (x - mean) · invStd:
 *   dx (+)= invStd · (g - mean(g) - x̂ · mean(g x̂)),  dw (+)= Σ_r dy x̂,  db (+)= Σ_r dy.
 * Any of dx, dw, db may be 0.
 */
export function layerNormGrad(
  rows: i32,
  cols: i32,
  x: usize,
  dy: usize,
  stats: usize,
  weight: usize,
  dx: usize,
  dWeight: usize,
  dBias: usize,
  accX: i32,
  accWeight: i32,
  accBias: i32,
): void {
  normGrad(true, rows, cols, x, dy, stats, weight, dx, dWeight, dBias, accX, accWeight, accBias);
}

/** As layerNormGrad, without the term mean(g): dx (+)= invRms · (g - x̂ · mean(g x̂)). */
export function rmsNormGrad(
  rows: i32,
  cols: i32,
  x: usize,
  dy: usize,
  stats: usize,
  weight: usize,
  dx: usize,
  dWeight: usize,
  accX: i32,
  accWeight: i32,
): void {
  normGrad(false, rows, cols, x, dy, stats, weight, dx, dWeight, 0, accX, accWeight, 0);
}

@inline
function normGrad(
  isCentred: bool,
  rows: i32,
  cols: i32,
  x: usize,
  dy: usize,
  stats: usize,
  weight: usize,
  dx: usize,
  dWeight: usize,
  dBias: usize,
  accX: i32,
  accWeight: i32,
  accBias: i32,
): void {
  const bytes = <usize>cols << 2;
  if (dWeight && !accWeight) memory.fill(dWeight, 0, bytes);
  if (dBias && !accBias) memory.fill(dBias, 0, bytes);
  for (let r = 0; r < rows; r++, x += bytes, dy += bytes, stats += 16) {
    const mean = load<f64>(stats);
    const invStd = load<f64>(stats, 8);
    const centre = <f32>mean;
    const rest = mean - <f64>centre;
    if (dWeight) addScaled(cols, dy, x, centre, <f32>invStd, <f32>(-rest * invStd), dWeight);
    if (dBias) addRow(cols, dy, dBias);
    if (!dx) continue;
    sumProducts(cols, dy, x, centre, weight);
    const products = productSum - rest * plainSum; // Σ g (x - mean)
    const slope = (-invStd * invStd * invStd * products) / <f64>cols;
    const shift = (isCentred ? (-invStd * plainSum) / <f64>cols : 0) - slope * rest;
    put(cols, x, dy, weight, centre, <f32>invStd, <f32>slope, <f32>shift, dx, accX);
    dx += bytes;
  }
}

let plainSum: f64 = 0;
let productSum: f64 = 0;

/** plainSum = Σ w dy, productSum = Σ w dy (x - centre). */
function sumProducts(cols: i32, dy: usize, x: usize, centre: f32, weight: usize): void {
  const end = x + (<usize>cols << 2);
  const vc = splat(centre);
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  for (; x + 16 <= end; x += 16, dy += 16) {
    let g = v128.load(dy);
    if (weight) {
      g = f32x4.mul(g, v128.load(weight));
      weight += 16;
    }
    const p = f32x4.mul(g, f32x4.sub(v128.load(x), vc));
    a = f64x2.add(a, f64x2.add(f64x2.promote_low_f32x4(g), f64x2.promote_low_f32x4(high(g))));
    b = f64x2.add(b, f64x2.add(f64x2.promote_low_f32x4(p), f64x2.promote_low_f32x4(high(p))));
  }
  let sum = horizontalSum64(a);
  let products = horizontalSum64(b);
  for (; x < end; x += 4, dy += 4) {
    let g = load<f32>(dy);
    if (weight) {
      g *= load<f32>(weight);
      weight += 4;
    }
    sum += <f64>g;
    products += <f64>(g * (load<f32>(x) - centre));
  }
  plainSum = sum;
  productSum = products;
}

/** dw += dy · ((x - centre) · scale + shift). */
function addScaled(cols: i32, dy: usize, x: usize, centre: f32, scale: f32, shift: f32, dWeight: usize): void {
  const end = x + (<usize>cols << 2);
  const vc = splat(centre);
  const vs = splat(scale);
  const vt = splat(shift);
  for (; x + 16 <= end; x += 16, dy += 16, dWeight += 16) {
    const hat = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), vc), vs), vt);
    v128.store(dWeight, f32x4.add(v128.load(dWeight), f32x4.mul(v128.load(dy), hat)));
  }
  for (; x < end; x += 4, dy += 4, dWeight += 4) {
    const hat = (load<f32>(x) - centre) * scale + shift;
    store<f32>(dWeight, load<f32>(dWeight) + load<f32>(dy) * hat);
  }
}

function addRow(cols: i32, dy: usize, dBias: usize): void {
  const end = dy + (<usize>cols << 2);
  for (; dy + 16 <= end; dy += 16, dBias += 16) v128.store(dBias, f32x4.add(v128.load(dBias), v128.load(dy)));
  for (; dy < end; dy += 4, dBias += 4) store<f32>(dBias, load<f32>(dBias) + load<f32>(dy));
}

/** dx (+)= w dy · a + (x - centre) · b + c. */
function put(
  cols: i32,
  x: usize,
  dy: usize,
  weight: usize,
  centre: f32,
  a: f32,
  b: f32,
  c: f32,
  dx: usize,
  acc: i32,
): void {
  const end = x + (<usize>cols << 2);
  const vm = splat(centre);
  const va = splat(a);
  const vb = splat(b);
  const vc = splat(c);
  for (; x + 16 <= end; x += 16, dy += 16, dx += 16) {
    let g = v128.load(dy);
    if (weight) {
      g = f32x4.mul(g, v128.load(weight));
      weight += 16;
    }
    const t = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x), vm), vb), vc);
    const v = f32x4.add(f32x4.mul(g, va), t);
    v128.store(dx, acc ? f32x4.add(v128.load(dx), v) : v);
  }
  for (; x < end; x += 4, dy += 4, dx += 4) {
    let g = load<f32>(dy);
    if (weight) {
      g *= load<f32>(weight);
      weight += 4;
    }
    const v = g * a + ((load<f32>(x) - centre) * b + c);
    store<f32>(dx, acc ? load<f32>(dx) + v : v);
  }
}

/** `stats` keeps [0, 1 / max(‖x‖, eps)] of each row, negative where eps is the larger. */
export function l2Normalize(rows: i32, cols: i32, x: usize, eps: f32, y: usize, stats: usize): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < rows; r++, x += bytes, y += bytes, stats += 16) {
    const norm = Math.sqrt(sumSquares(cols, x));
    const inverse = 1 / max(norm, <f64>eps);
    store<f64>(stats, 0);
    store<f64>(stats, norm < <f64>eps ? -inverse : inverse, 8);
    affine(cols, x, 0, inverse, 0, 0, y);
  }
}

/** dx (+)= (dy - y (y · dy)) / ‖x‖, or dy / eps where the norm is below eps. */
export function l2NormalizeGrad(rows: i32, cols: i32, x: usize, dy: usize, stats: usize, dx: usize, acc: i32): void {
  const bytes = <usize>cols << 2;
  for (let r = 0; r < rows; r++, x += bytes, dy += bytes, dx += bytes, stats += 16) {
    const inverse = load<f64>(stats, 8);
    const slope = inverse < 0 ? 0 : -inverse * inverse * inverse * dot(cols, dy, x);
    put(cols, x, dy, 0, 0, <f32>abs(inverse), <f32>slope, 0, dx, acc);
  }
}
