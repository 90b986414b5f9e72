// One fused pass over a parameter for each optimiser, in PyTorch's formulas and its order of operations (torch.optim,
// single-tensor versions). Scalars arrive in f64, are combined in f64 and rounded to f32 once, as PyTorch does.
// All four lanes' loads come before the store; the tail runs the same code on one lane. For SGD and Adam the two are
// separate loops (`isLane` a compile-time constant): asking at every load costs as much as the step itself.
import { madd, splat } from './simd';

@inline
function narrow(value: f64): v128 {
  return splat(<f32>value);
}

@inline
function read(p: usize, isLane: bool): v128 {
  return isLane ? v128.load_zero<f32>(p) : v128.load(p);
}

@inline
function write(p: usize, v: v128, isLane: bool): void {
  if (isLane) v128.store_lane<f32>(p, v, 0);
  else v128.store(p, v);
}

/** m + (1 - beta) (g - m). */
@inline
function lerp(m: v128, g: v128, rest: v128): v128 {
  return madd(rest, f32x4.sub(g, m), m);
}

/** beta v + (1 - beta) g². */
@inline
function decaySquares(v: v128, g: v128, beta: v128, rest: v128): v128 {
  return madd(f32x4.mul(rest, g), g, f32x4.mul(beta, v));
}

/**
 * g += weightDecay w;  v = momentum v + (1 - dampening) g (v = g on the first step);
 * w -= lr (nesterov ? g + momentum v : v).  velocity = 0: no momentum.
 */
export function sgdStep(
  n: i32,
  w: usize,
  g: usize,
  velocity: usize,
  lr: f64,
  momentum: f64,
  dampening: f64,
  weightDecay: f64,
  nesterov: i32,
  firstStep: i32,
): void {
  const decay = narrow(weightDecay);
  const rate = narrow(-lr);
  const mu = narrow(momentum);
  const rest = narrow(1 - dampening);
  const end = w + (<usize>n << 2);
  if (!velocity) {
    for (; w + 16 <= end; w += 16, g += 16) plainSgd(false, w, g, decay, rate);
    for (; w < end; w += 4, g += 4) plainSgd(true, w, g, decay, rate);
    return;
  }
  for (; w + 16 <= end; w += 16, g += 16, velocity += 16) {
    momentumSgd(false, w, g, velocity, decay, rate, mu, rest, nesterov, firstStep);
  }
  for (; w < end; w += 4, g += 4, velocity += 4) {
    momentumSgd(true, w, g, velocity, decay, rate, mu, rest, nesterov, firstStep);
  }
}

@inline
function plainSgd(isLane: bool, w: usize, g: usize, decay: v128, rate: v128): void {
  const weight = read(w, isLane);
  write(w, madd(rate, madd(decay, weight, read(g, isLane)), weight), isLane);
}

@inline
function momentumSgd(
  isLane: bool,
  w: usize,
  g: usize,
  velocity: usize,
  decay: v128,
  rate: v128,
  mu: v128,
  rest: v128,
  nesterov: i32,
  firstStep: i32,
): void {
  const weight = read(w, isLane);
  const d = madd(decay, weight, read(g, isLane));
  // A first step overwrites: what was in the buffer, even NaN, must not leak in through 0 · v.
  const v = firstStep ? d : madd(mu, read(velocity, isLane), f32x4.mul(rest, d));
  write(velocity, v, isLane);
  write(w, madd(rate, nesterov ? madd(mu, v, d) : v, weight), isLane);
}

/**
 * Adam and AdamW. m = lerp(m, g, 1 - beta1); v = beta2 v + (1 - beta2) g²; AMSGrad (vmax ≠ 0): v̂ = max(vmax, v);
 * w -= lr / c1 · m / (sqrt(v̂) / sqrt(c2) + eps), with c = biasCorrection = 1 - beta^t.
 * decoupled: w *= 1 - lr weightDecay instead of g += weightDecay w. Source: Kingma 2014, arXiv 1412.6980;
 * Loshchilov 2017, arXiv 1711.05101.
 */
export function adamStep(
  n: i32,
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  vmax: usize,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  decoupled: i32,
  biasCorrection1: f64,
  biasCorrection2: f64,
): void {
  const shrink = narrow(decoupled ? 1 - lr * weightDecay : 1);
  const decay = narrow(decoupled ? 0 : weightDecay);
  const rest1 = narrow(1 - beta1);
  const keep2 = narrow(beta2);
  const rest2 = narrow(1 - beta2);
  const rate = narrow(-lr / biasCorrection1);
  const root = narrow(1 / Math.sqrt(biasCorrection2));
  const epsilon = narrow(eps);
  const end = w + (<usize>n << 2);
  for (; w + 16 <= end; w += 16, g += 16, m += 16, v += 16) {
    adamLanes(false, w, g, m, v, vmax, shrink, decay, rest1, keep2, rest2, rate, root, epsilon);
    if (vmax) vmax += 16;
  }
  for (; w < end; w += 4, g += 4, m += 4, v += 4) {
    adamLanes(true, w, g, m, v, vmax, shrink, decay, rest1, keep2, rest2, rate, root, epsilon);
    if (vmax) vmax += 4;
  }
}

@inline
function adamLanes(
  isLane: bool,
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  vmax: usize,
  shrink: v128,
  decay: v128,
  rest1: v128,
  keep2: v128,
  rest2: v128,
  rate: v128,
  root: v128,
  epsilon: v128,
): void {
  const weight = read(w, isLane);
  const grad = madd(decay, weight, read(g, isLane));
  const first = lerp(read(m, isLane), grad, rest1);
  let second = decaySquares(read(v, isLane), grad, keep2, rest2);
  write(m, first, isLane);
  write(v, second, isLane);
  if (vmax) {
    second = f32x4.max(read(vmax, isLane), second);
    write(vmax, second, isLane);
  }
  const denominator = madd(f32x4.sqrt(second), root, epsilon);
  write(w, madd(rate, f32x4.div(first, denominator), f32x4.mul(weight, shrink)), isLane);
}

/**
 * sq = alpha sq + (1 - alpha) g²; centred (avg ≠ 0): avg = lerp(avg, g, 1 - alpha), denominator
 * sqrt(sq - avg²) + eps, else sqrt(sq) + eps; with momentum (buf ≠ 0) buf = momentum buf + g / denominator.
 */
export function rmspropStep(
  n: i32,
  w: usize,
  g: usize,
  sq: usize,
  buf: usize,
  avg: usize,
  lr: f64,
  alpha: f64,
  eps: f64,
  weightDecay: f64,
  momentum: f64,
): void {
  const decay = narrow(weightDecay);
  const keep = narrow(alpha);
  const rest = narrow(1 - alpha);
  const epsilon = narrow(eps);
  const mu = narrow(momentum);
  const rate = narrow(-lr);
  const end = w + (<usize>n << 2);
  while (w < end) {
    const isLane = w + 16 > end;
    const weight = read(w, isLane);
    const grad = madd(decay, weight, read(g, isLane));
    const square = decaySquares(read(sq, isLane), grad, keep, rest);
    write(sq, square, isLane);
    let variance = square;
    if (avg) {
      const mean = lerp(read(avg, isLane), grad, rest);
      write(avg, mean, isLane);
      variance = f32x4.sub(square, f32x4.mul(mean, mean));
    }
    let d = f32x4.div(grad, f32x4.add(f32x4.sqrt(variance), epsilon));
    if (buf) {
      d = madd(mu, read(buf, isLane), d);
      write(buf, d, isLane);
    }
    write(w, madd(rate, d, weight), isLane);
    const step: usize = isLane ? 4 : 16;
    w += step;
    g += step;
    sq += step;
    if (buf) buf += step;
    if (avg) avg += step;
  }
}

/** sum += g²; w -= lr g / (sqrt(sum) + eps). The caller decays lr. Source: Duchi 2011. */
export function adagradStep(n: i32, w: usize, g: usize, sum: usize, lr: f64, eps: f64, weightDecay: f64): void {
  const decay = narrow(weightDecay);
  const epsilon = narrow(eps);
  const rate = narrow(-lr);
  const end = w + (<usize>n << 2);
  while (w < end) {
    const isLane = w + 16 > end;
    const weight = read(w, isLane);
    const grad = madd(decay, weight, read(g, isLane));
    const total = madd(grad, grad, read(sum, isLane));
    write(sum, total, isLane);
    const d = f32x4.div(grad, f32x4.add(f32x4.sqrt(total), epsilon));
    write(w, madd(rate, d, weight), isLane);
    const step: usize = isLane ? 4 : 16;
    w += step;
    g += step;
    sum += step;
  }
}

/**
 * sq = rho sq + (1 - rho) g²; d = sqrt(moved + eps) / sqrt(sq + eps) g; moved = rho moved + (1 - rho) d²;
 * w -= lr d. Source: Zeiler 2012, arXiv 1212.5701.
 */
export function adadeltaStep(
  n: i32,
  w: usize,
  g: usize,
  sq: usize,
  moved: usize,
  lr: f64,
  rho: f64,
  eps: f64,
  weightDecay: f64,
): void {
  const decay = narrow(weightDecay);
  const keep = narrow(rho);
  const rest = narrow(1 - rho);
  const epsilon = narrow(eps);
  const rate = narrow(-lr);
  const end = w + (<usize>n << 2);
  while (w < end) {
    const isLane = w + 16 > end;
    const weight = read(w, isLane);
    const grad = madd(decay, weight, read(g, isLane));
    const square = decaySquares(read(sq, isLane), grad, keep, rest);
    write(sq, square, isLane);
    const before = read(moved, isLane);
    const ratio = f32x4.div(f32x4.sqrt(f32x4.add(before, epsilon)), f32x4.sqrt(f32x4.add(square, epsilon)));
    const d = f32x4.mul(ratio, grad);
    write(moved, decaySquares(before, d, keep, rest), isLane);
    write(w, madd(rate, d, weight), isLane);
    const step: usize = isLane ? 4 : 16;
    w += step;
    g += step;
    sq += step;
    moved += step;
  }
}

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
