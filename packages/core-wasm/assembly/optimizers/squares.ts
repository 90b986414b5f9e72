// Each number's step divided by a root of what its squared gradients come to.
import { decaySquares, lerp, narrow, read, write } from './lanes';
import { madd } from '../simd';

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
