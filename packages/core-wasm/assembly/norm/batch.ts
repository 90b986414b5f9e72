// Batch normalisation of x [N, C, inner] over N and inner, channel by channel.
//   y = (x - mean) · invStd · w + b,  invStd = 1 / sqrt(var + eps), var biased
// `stats` keeps [mean, invStd] of each channel as f64. The mean is subtracted as a f32 first (exact where x is near
// it), its rest goes into the shift. `weight` and `bias` are 0 where there are none.
// Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
import {
  addMoments,
  addProducts,
  addSums,
  clearMoments,
  first,
  put,
  rescale,
  rescaleGrad,
  second,
  varianceOf,
} from './moments';

@inline
function at(base: usize, image: i32, channels: i32, channel: i32, inner: i32): usize {
  return base + (((<usize>image * <usize>channels + <usize>channel) * <usize>inner) << 2);
}

/**
 * Statistics of a batch, and PyTorch's running update: running = (1 - momentum) running + momentum · batch, with the
 * unbiased variance. `runningMean` 0: no update.
 */
export function batchNormStats(
  n: i32,
  channels: i32,
  inner: i32,
  x: usize,
  eps: f32,
  momentum: f32,
  stats: usize,
  runningMean: usize,
  runningVar: usize,
): void {
  const count = <f64>n * <f64>inner;
  for (let c = 0; c < channels; c++, stats += 16) {
    clearMoments();
    if (inner == 1) addColumn(n, channels, x + (<usize>c << 2));
    else for (let i = 0; i < n; i++) addMoments(inner, at(x, i, channels, c, inner));
    const mean = first / count;
    const variance = varianceOf(count);
    store<f64>(stats, mean);
    store<f64>(stats, 1 / Math.sqrt(variance + <f64>eps), 8);
    if (runningMean) {
      const m = <f64>momentum;
      const unbiased = variance * (count / max(1, count - 1));
      const p = runningMean + (<usize>c << 2);
      const q = runningVar + (<usize>c << 2);
      store<f32>(p, <f32>((1 - m) * <f64>load<f32>(p) + m * mean));
      store<f32>(q, <f32>((1 - m) * <f64>load<f32>(q) + m * unbiased));
    }
  }
}

/** The same layout from running statistics, for evaluation. */
export function batchNormRunning(channels: i32, runningMean: usize, runningVar: usize, eps: f32, stats: usize): void {
  for (let c = 0; c < channels; c++, stats += 16, runningMean += 4, runningVar += 4) {
    store<f64>(stats, <f64>load<f32>(runningMean));
    store<f64>(stats, 1 / Math.sqrt(<f64>load<f32>(runningVar) + <f64>eps), 8);
  }
}

export function batchNorm(
  n: i32,
  channels: i32,
  inner: i32,
  x: usize,
  stats: usize,
  weight: usize,
  bias: usize,
  y: usize,
): void {
  for (let c = 0; c < channels; c++, stats += 16) {
    const mean = load<f64>(stats);
    const centre = <f32>mean;
    const scale = load<f64>(stats, 8) * (weight ? <f64>load<f32>(weight + (<usize>c << 2)) : 1);
    const shift = (bias ? <f64>load<f32>(bias + (<usize>c << 2)) : 0) + (<f64>centre - mean) * scale;
    if (inner == 1) {
      rescaleColumn(n, channels, x + (<usize>c << 2), centre, scale, shift, y + (<usize>c << 2));
      continue;
    }
    for (let i = 0; i < n; i++) {
      rescale(inner, at(x, i, channels, c, inner), centre, scale, shift, at(y, i, channels, c, inner));
    }
  }
}

/**
 * With g = w · invStd · dy and x̂ = (x - mean) · invStd:
 *   dx (+)= g - mean(g) - x̂ · mean(g x̂),  dw (+)= Σ dy x̂,  db (+)= Σ dy.
 * `isFixed` 1: the statistics did not come from x (evaluation), and dx = g. Any of dx, dw, db may be 0.
 */
export function batchNormGrad(
  n: i32,
  channels: i32,
  inner: i32,
  x: usize,
  dy: usize,
  stats: usize,
  weight: usize,
  isFixed: i32,
  dx: usize,
  dWeight: usize,
  dBias: usize,
  accX: i32,
  accWeight: i32,
  accBias: i32,
): void {
  const count = <f64>n * <f64>inner;
  for (let c = 0; c < channels; c++, stats += 16) {
    const mean = load<f64>(stats);
    const invStd = load<f64>(stats, 8);
    const centre = <f32>mean;
    const rest = mean - <f64>centre;
    const offset = <usize>c << 2;
    clearMoments();
    if (inner == 1) addProductColumn(n, channels, dy + offset, x + offset, centre);
    else {
      for (let i = 0; i < n; i++) {
        addProducts(inner, at(dy, i, channels, c, inner), at(x, i, channels, c, inner), centre);
      }
    }
    const sum = first;
    const products = second - rest * sum; // Σ dy (x - mean)
    if (dWeight) put(dWeight + offset, products * invStd, accWeight);
    if (dBias) put(dBias + offset, sum, accBias);
    if (!dx) continue;
    const scale = invStd * (weight ? <f64>load<f32>(weight + offset) : 1);
    const slope = isFixed ? 0 : (-scale * products * invStd * invStd) / count;
    const shift = isFixed ? 0 : (-scale * sum) / count - slope * rest;
    if (inner == 1) {
      rescaleColumnGrad(n, channels, x + offset, dy + offset, centre, scale, slope, shift, dx + offset, accX);
      continue;
    }
    for (let i = 0; i < n; i++) {
      rescaleGrad(
        inner,
        at(x, i, channels, c, inner),
        at(dy, i, channels, c, inner),
        centre,
        scale,
        slope,
        shift,
        at(dx, i, channels, c, inner),
        accX,
      );
    }
  }
}

/** The functions of moments.ts for one column of a matrix [n, stride]. */
function addColumn(n: i32, stride: i32, x: usize): void {
  let a: f64 = 0;
  let b: f64 = 0;
  for (let i = 0; i < n; i++, x += <usize>stride << 2) {
    const v = <f64>load<f32>(x);
    a += v;
    b += v * v;
  }
  addSums(a, b);
}

function addProductColumn(n: i32, stride: i32, dy: usize, x: usize, centre: f32): void {
  const step = <usize>stride << 2;
  let a: f64 = 0;
  let b: f64 = 0;
  for (let i = 0; i < n; i++, x += step, dy += step) {
    const v = load<f32>(dy);
    a += <f64>v;
    b += <f64>v * <f64>(load<f32>(x) - centre);
  }
  addSums(a, b);
}

function rescaleColumn(n: i32, stride: i32, x: usize, centre: f32, scale: f64, shift: f64, y: usize): void {
  const step = <usize>stride << 2;
  for (let i = 0; i < n; i++, x += step, y += step) store<f32>(y, <f32>(<f64>(load<f32>(x) - centre) * scale + shift));
}

function rescaleColumnGrad(
  n: i32,
  stride: i32,
  x: usize,
  dy: usize,
  centre: f32,
  a: f64,
  b: f64,
  c: f64,
  dx: usize,
  acc: i32,
): void {
  const step = <usize>stride << 2;
  for (let i = 0; i < n; i++, x += step, dy += step, dx += step) {
    const v = <f32>(<f64>load<f32>(dy) * a + <f64>(load<f32>(x) - centre) * b + c);
    store<f32>(dx, acc ? load<f32>(dx) + v : v);
  }
}
