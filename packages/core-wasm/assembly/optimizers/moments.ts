// Relatives of Adam: by the largest gradient, with a look ahead, and rectified.
import { decaySquares, lerp, narrow, read, write } from './lanes';
import { madd } from '../simd';

/** m = lerp(m, g, 1 - beta1); u = max(beta2 u, |g| + eps); w -= lr / biasCorrection1 · m / u. Source: Kingma 2014, §7. */
export function adamaxStep(
  n: i32,
  w: usize,
  g: usize,
  m: usize,
  u: usize,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  biasCorrection1: f64,
): void {
  const decay = narrow(weightDecay);
  const rest1 = narrow(1 - beta1);
  const keep2 = narrow(beta2);
  const epsilon = narrow(eps);
  const rate = narrow(-lr / biasCorrection1);
  const end = w + (<usize>n << 2);
  while (w < end) {
    const isLane = w + 16 > end;
    const weight = read(w, isLane);
    const grad = madd(decay, weight, read(g, isLane));
    const first = lerp(read(m, isLane), grad, rest1);
    const norm = f32x4.max(f32x4.mul(keep2, read(u, isLane)), f32x4.add(f32x4.abs(grad), epsilon));
    write(m, first, isLane);
    write(u, norm, isLane);
    write(w, madd(rate, f32x4.div(first, norm), weight), isLane);
    const step: usize = isLane ? 4 : 16;
    w += step;
    g += step;
    m += step;
    u += step;
  }
}

/**
 * Adam with Nesterov momentum: d = sqrt(v / biasCorrection2) + eps;
 * w -= lr (1 - mu) / (1 - muProduct) · g / d + lr muNext / (1 - muProduct muNext) · m / d,
 * where mu is this step's momentum, muNext the next one's and muProduct the product up to this step.
 * Source: Dozat 2016.
 */
export function nadamStep(
  n: i32,
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  decoupled: i32,
  biasCorrection2: f64,
  mu: f64,
  muNext: f64,
  muProduct: f64,
): void {
  const shrink = narrow(decoupled ? 1 - lr * weightDecay : 1);
  const decay = narrow(decoupled ? 0 : weightDecay);
  const rest1 = narrow(1 - beta1);
  const keep2 = narrow(beta2);
  const rest2 = narrow(1 - beta2);
  const correction = narrow(biasCorrection2);
  const epsilon = narrow(eps);
  const gradRate = narrow((-lr * (1 - mu)) / (1 - muProduct));
  const momentumRate = narrow((-lr * muNext) / (1 - muProduct * muNext));
  const end = w + (<usize>n << 2);
  while (w < end) {
    const isLane = w + 16 > end;
    let weight = read(w, isLane);
    const grad = madd(decay, weight, read(g, isLane));
    weight = f32x4.mul(weight, shrink);
    const first = lerp(read(m, isLane), grad, rest1);
    const second = decaySquares(read(v, isLane), grad, keep2, rest2);
    write(m, first, isLane);
    write(v, second, isLane);
    const denominator = f32x4.add(f32x4.sqrt(f32x4.div(second, correction)), epsilon);
    weight = madd(gradRate, f32x4.div(grad, denominator), weight);
    write(w, madd(momentumRate, f32x4.div(first, denominator), weight), isLane);
    const step: usize = isLane ? 4 : 16;
    w += step;
    g += step;
    m += step;
    v += step;
  }
}

/**
 * Rectified Adam: w -= lr m / c1 · (rectification > 0 ? rectification sqrt(c2) / (sqrt(v) + eps) : 1).
 * The caller computes the rectification; 0 where the variance is not tractable yet. Source: Liu 2019, arXiv 1908.03265.
 */
export function radamStep(
  n: i32,
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  decoupled: i32,
  biasCorrection1: f64,
  biasCorrection2: f64,
  rectification: f64,
): void {
  const shrink = narrow(decoupled ? 1 - lr * weightDecay : 1);
  const decay = narrow(decoupled ? 0 : weightDecay);
  const rest1 = narrow(1 - beta1);
  const keep2 = narrow(beta2);
  const rest2 = narrow(1 - beta2);
  const correction1 = narrow(biasCorrection1);
  const epsilon = narrow(eps);
  const isRectified = rectification > 0;
  const rate = narrow(isRectified ? -lr * rectification * Math.sqrt(biasCorrection2) : -lr);
  const end = w + (<usize>n << 2);
  while (w < end) {
    const isLane = w + 16 > end;
    let weight = read(w, isLane);
    const grad = madd(decay, weight, read(g, isLane));
    weight = f32x4.mul(weight, shrink);
    const first = lerp(read(m, isLane), grad, rest1);
    const second = decaySquares(read(v, isLane), grad, keep2, rest2);
    write(m, first, isLane);
    write(v, second, isLane);
    let d = f32x4.div(first, correction1);
    if (isRectified) d = f32x4.div(d, f32x4.add(f32x4.sqrt(second), epsilon));
    write(w, madd(rate, d, weight), isLane);
    const step: usize = isLane ? 4 : 16;
    w += step;
    g += step;
    m += step;
    v += step;
  }
}
