// Losses and their gradients. Sums are returned in f64 and undivided: what to divide by is the caller's affair.
// In the gradients `scale` is the upstream gradient, divided by the count for a mean.
import { exp4, log1p4, splat } from './simd';
import { expRow, rowMax } from './softmax';
import { sigmoidPair } from './squash';
import { scale as scaleBy } from './elementwise';

/**
 * Cross entropy of softmax(logits) [rows, cols] against class ids (i32), in PyTorch's definition:
 *   loss(r) = (1 - smoothing) w[t] (-ln p[t]) + smoothing / cols Σ_c w[c] (-ln p[c])
 * Rows whose target is `ignoreIndex` do not count. `classWeights` 0: all weights 1. The softmax is kept in `probs`.
 * out (two f64): [Σ loss, Σ w[t]]; the mean is their quotient.
 */
export function crossEntropy(
  rows: i32,
  cols: i32,
  logits: usize,
  targets: usize,
  classWeights: usize,
  smoothing: f32,
  ignoreIndex: i32,
  probs: usize,
  out: usize,
): void {
  const stride = <usize>cols << 2;
  let loss: f64 = 0;
  let weight: f64 = 0;
  for (let r = 0; r < rows; r++, logits += stride, probs += stride, targets += 4) {
    const shift = rowMax(cols, logits);
    const target = load<i32>(targets);
    const isCounted = target != ignoreIndex;
    // probs may be the logits themselves: what is needed of them is read before they are overwritten.
    const targetLogit = isCounted ? load<f32>(logits + (<usize>target << 2)) : 0;
    const smoothed = isCounted && smoothing > 0 ? weightedSum(cols, logits, classWeights) : 0;
    const total = expRow(cols, logits, probs, shift);
    scaleBy(cols, 1 / total, probs);
    if (!isCounted) continue;
    const logNorm = Math.log(<f64>total) + <f64>shift;
    const w = classWeights ? <f64>load<f32>(classWeights + (<usize>target << 2)) : 1;
    weight += w;
    loss += (1 - <f64>smoothing) * w * (logNorm - <f64>targetLogit);
    if (smoothing > 0) {
      const all = classWeights ? weightTotal(cols, classWeights) : <f64>cols;
      loss += (<f64>smoothing / <f64>cols) * (all * logNorm - smoothed);
    }
  }
  store<f64>(out, loss);
  store<f64>(out, weight, 8);
}

/** Σ_c w[c] x[c]. */
function weightedSum(cols: i32, x: usize, weights: usize): f64 {
  let s: f64 = 0;
  for (let c: usize = 0; c < <usize>cols << 2; c += 4) {
    s += <f64>load<f32>(x + c) * (weights ? <f64>load<f32>(weights + c) : 1);
  }
  return s;
}

function weightTotal(cols: i32, weights: usize): f64 {
  let s: f64 = 0;
  for (let c: usize = 0; c < <usize>cols << 2; c += 4) s += <f64>load<f32>(weights + c);
  return s;
}

/**
 * dlogits (+)= scale [(1 - smoothing) w[t] (p - onehot) + smoothing / cols (p Σ w - w)], 0 in ignored rows.
 */
export function crossEntropyGrad(
  rows: i32,
  cols: i32,
  probs: usize,
  targets: usize,
  scale: f32,
  smoothing: f32,
  ignoreIndex: i32,
  dx: usize,
  acc: i32,
  classWeights: usize,
): void {
  const stride = <usize>cols << 2;
  const all = classWeights ? <f32>weightTotal(cols, classWeights) : <f32>cols;
  const even = smoothing / <f32>cols;
  for (let r = 0; r < rows; r++, probs += stride, dx += stride, targets += 4) {
    const target = load<i32>(targets);
    if (target == ignoreIndex) {
      if (!acc) memory.fill(dx, 0, stride);
      continue;
    }
    const w: f32 = classWeights ? load<f32>(classWeights + (<usize>target << 2)) : 1;
    const own = scale * (1 - smoothing) * w;
    const factor = own + scale * even * all;
    for (let c: usize = 0; c < stride; c += 4) {
      let d = factor * load<f32>(probs + c);
      if (even != 0) d -= scale * even * (classWeights ? load<f32>(classWeights + c) : 1);
      if (c == <usize>target << 2) d -= own;
      store<f32>(dx + c, acc ? load<f32>(dx + c) + d : d);
    }
  }
}

/** Σ (x - t)². */
export function meanSquaredError(n: i32, x: usize, t: usize): f64 {
  let s: f64 = 0;
  for (const end = x + (<usize>n << 2); x < end; x += 4, t += 4) {
    const d = <f64>(load<f32>(x) - load<f32>(t));
    s += d * d;
  }
  return s;
}

/** dx (+)= 2 scale (x - t). */
export function meanSquaredErrorGrad(n: i32, x: usize, t: usize, scale: f32, dx: usize, acc: i32): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, t += 4, dx += 4) {
    const d = scale * 2 * (load<f32>(x) - load<f32>(t));
    store<f32>(dx, acc ? load<f32>(dx) + d : d);
  }
}

/** Σ |x - t|. */
export function meanAbsoluteError(n: i32, x: usize, t: usize): f64 {
  let s: f64 = 0;
  for (const end = x + (<usize>n << 2); x < end; x += 4, t += 4) s += <f64>abs(load<f32>(x) - load<f32>(t));
  return s;
}

/** dx (+)= scale sign(x - t). */
export function meanAbsoluteErrorGrad(n: i32, x: usize, t: usize, scale: f32, dx: usize, acc: i32): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, t += 4, dx += 4) {
    const d = scale * sign(load<f32>(x) - load<f32>(t));
    store<f32>(dx, acc ? load<f32>(dx) + d : d);
  }
}

/** -1, 0 or 1; NaN stays NaN. */
@inline
function sign(v: f32): f32 {
  return v > 0 ? 1 : v < 0 ? -1 : v;
}

/** Σ huber(x - t): d² / 2 up to delta, delta (|d| - delta / 2) beyond. */
export function huber(n: i32, x: usize, t: usize, delta: f32): f64 {
  let s: f64 = 0;
  for (const end = x + (<usize>n << 2); x < end; x += 4, t += 4) {
    const d = abs(load<f32>(x) - load<f32>(t));
    s += <f64>(d <= delta ? 0.5 * d * d : delta * (d - 0.5 * delta));
  }
  return s;
}

/** dx (+)= scale · clamp(x - t, -delta, delta). */
export function huberGrad(n: i32, x: usize, t: usize, delta: f32, scale: f32, dx: usize, acc: i32): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, t += 4, dx += 4) {
    const d = scale * max(min(load<f32>(x) - load<f32>(t), delta), -delta);
    store<f32>(dx, acc ? load<f32>(dx) + d : d);
  }
}

/** Σ smoothL1(x - t): d² / (2 beta) below beta, |d| - beta / 2 beyond; beta = 0 is the absolute error. */
export function smoothL1(n: i32, x: usize, t: usize, beta: f32): f64 {
  let s: f64 = 0;
  for (const end = x + (<usize>n << 2); x < end; x += 4, t += 4) {
    const d = abs(load<f32>(x) - load<f32>(t));
    s += <f64>(d < beta ? (0.5 * d * d) / beta : d - 0.5 * beta);
  }
  return s;
}

/** dx (+)= scale · (|d| < beta ? d / beta : sign d). */
export function smoothL1Grad(n: i32, x: usize, t: usize, beta: f32, scale: f32, dx: usize, acc: i32): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, t += 4, dx += 4) {
    const e = load<f32>(x) - load<f32>(t);
    const d = scale * (abs(e) < beta ? e / beta : sign(e));
    store<f32>(dx, acc ? load<f32>(dx) + d : d);
  }
}

/**
 * Σ binary cross entropy of sigmoid(logits) against t in [0, 1], weight posWeight on the positives:
 *   (1 - t) x + (1 + (posWeight - 1) t) (ln(1 + e^-|x|) + max(-x, 0))
 */
export function binaryCrossEntropy(n: i32, logits: usize, t: usize, posWeight: f32): f64 {
  let s: f64 = 0;
  for (const end = logits + (<usize>n << 2); logits < end; logits += 4, t += 4) {
    const x = load<f32>(logits);
    const y = load<f32>(t);
    const tail = f32x4.extract_lane(log1p4(exp4(splat(-abs(x)))), 0) + max(-x, 0);
    s += <f64>((1 - y) * x + (1 + (posWeight - 1) * y) * tail);
  }
  return s;
}

/** dx (+)= scale · ((1 - t) sigmoid(x) - posWeight t sigmoid(-x)): where the label is sure, nothing cancels. */
export function binaryCrossEntropyGrad(
  n: i32,
  logits: usize,
  t: usize,
  posWeight: f32,
  scale: f32,
  dx: usize,
  acc: i32,
): void {
  for (const end = logits + (<usize>n << 2); logits < end; logits += 4, t += 4, dx += 4) {
    const y = <f64>load<f32>(t);
    const s = sigmoidPair(load<f32>(logits));
    const slope = (1 - y) * f64x2.extract_lane(s, 0) - <f64>posWeight * y * f64x2.extract_lane(s, 1);
    const d = <f32>(<f64>scale * slope);
    store<f32>(dx, acc ? load<f32>(dx) + d : d);
  }
}
