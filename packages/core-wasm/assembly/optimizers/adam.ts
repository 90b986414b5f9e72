// Adam: a running mean of the gradient over the root of a running mean of its squares.
// The loops over four lanes and over one are separate (`isLane` a compile-time constant): asking at every load costs
// as much as the step itself.
import { decaySquares, lerp, narrow, read, write } from './lanes';
import { madd } from '../simd';

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
