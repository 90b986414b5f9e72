// Likelihood losses whose input is already a probability or its logarithm. Sums are in f64 and undivided; `scale` is
// the upstream gradient, divided by the count for a mean.
import { exp4, splat } from './simd';

/** PyTorch's bound on ln p and ln(1 - p) in its binary cross entropy. */
const LOWEST: f64 = -100;

/** Σ -(t ln p + (1 - t) ln(1 - p)), logarithms bounded below by -100. */
export function binaryLikelihood(n: i32, p: usize, t: usize): f64 {
  let s: f64 = 0;
  for (const end = p + (<usize>n << 2); p < end; p += 4, t += 4) {
    const x = <f64>load<f32>(p);
    const y = <f64>load<f32>(t);
    s -= y * max(Math.log(x), LOWEST) + (1 - y) * max(Math.log(1 - x), LOWEST);
  }
  return s;
}

/** dp (+)= scale (p - t) / max(p (1 - p), 1e-12). */
export function binaryLikelihoodGrad(n: i32, p: usize, t: usize, scale: f32, dp: usize, acc: i32): void {
  for (const end = p + (<usize>n << 2); p < end; p += 4, t += 4, dp += 4) {
    const x = load<f32>(p);
    const d = (scale * (x - load<f32>(t))) / max<f32>(x * (1 - x), 1e-12);
    store<f32>(dp, acc ? load<f32>(dp) + d : d);
  }
}

/** Σ t (ln t - x) where t > 0: x holds ln of the approximating distribution (Kullback & Leibler 1951). */
export function divergence(n: i32, x: usize, t: usize): f64 {
  let s: f64 = 0;
  for (const end = x + (<usize>n << 2); x < end; x += 4, t += 4) {
    const y = <f64>load<f32>(t);
    if (y > 0) s += y * (Math.log(y) - <f64>load<f32>(x));
  }
  return s;
}

/** dx (+)= -scale t: of the divergence, and of Σ -t x. */
export function divergenceGrad(n: i32, x: usize, t: usize, scale: f32, dx: usize, acc: i32): void {
  for (const end = dx + (<usize>n << 2); dx < end; t += 4, dx += 4) {
    const d = -scale * load<f32>(t);
    store<f32>(dx, acc ? load<f32>(dx) + d : d);
  }
}

/** Σ over rows of Σ_c t[c] (ln Σ e^x - x[c]): cross entropy against a distribution; the softmax is kept in `probs`. */
export function softCrossEntropy(rows: i32, cols: i32, x: usize, t: usize, probs: usize): f64 {
  const stride = <usize>cols << 2;
  let s: f64 = 0;
  for (let r = 0; r < rows; r++, x += stride, t += stride, probs += stride) {
    let shift: f32 = -Infinity;
    for (let c: usize = 0; c < stride; c += 4) shift = max(shift, load<f32>(x + c));
    let total: f64 = 0;
    for (let c: usize = 0; c < stride; c += 4) {
      const e = f32x4.extract_lane(exp4(splat(load<f32>(x + c) - shift)), 0);
      total += <f64>e;
      store<f32>(probs + c, e);
    }
    const logNorm = Math.log(total) + <f64>shift;
    for (let c: usize = 0; c < stride; c += 4) {
      store<f32>(probs + c, <f32>(<f64>load<f32>(probs + c) / total));
      s += <f64>load<f32>(t + c) * (logNorm - <f64>load<f32>(x + c));
    }
  }
  return s;
}

/** dx (+)= scale (p Σ t - t). */
export function softCrossEntropyGrad(
  rows: i32,
  cols: i32,
  probs: usize,
  t: usize,
  scale: f32,
  dx: usize,
  acc: i32,
): void {
  const stride = <usize>cols << 2;
  for (let r = 0; r < rows; r++, probs += stride, t += stride, dx += stride) {
    let total: f32 = 0;
    for (let c: usize = 0; c < stride; c += 4) total += load<f32>(t + c);
    for (let c: usize = 0; c < stride; c += 4) {
      const d = scale * (load<f32>(probs + c) * total - load<f32>(t + c));
      store<f32>(dx + c, acc ? load<f32>(dx + c) + d : d);
    }
  }
}
