// Steps along the gradient, or along its running mean.
// The loops over four lanes and over one are separate (`isLane` a compile-time constant): asking at every load costs
// as much as the step itself.
import { narrow, read, write } from './lanes';
import { madd } from '../simd';

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
