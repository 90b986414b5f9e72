// Squashing functions and their piecewise linear stand-ins. At the kinks the subgradients are PyTorch's.
// `NAME(n, x, y, alpha, beta)` and `NAMEGrad(n, x, y, dy, dx, alpha, beta, acc)`: dx (+)= dy · f'.
import { backward, forward } from './map';
import { clamp4, erf4, exp4, log1p4, splat } from '../simd';
import { sigmoid4, tanh4 } from '../squash';

class Sigmoid {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return sigmoid4(x);
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(splat(1), y)));
  }
}
/** 1 / (1 + e^-x); f' = y (1 - y). */
export function sigmoid(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Sigmoid>(n, x, y, alpha, beta);
}
export function sigmoidGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Sigmoid>(n, y, dy, dx, alpha, beta, acc);
}

class Tanh {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return tanh4(x);
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return f32x4.mul(dy, f32x4.sub(splat(1), f32x4.mul(y, y)));
  }
}
/** tanh x; f' = 1 - y². */
export function tanh(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Tanh>(n, x, y, alpha, beta);
}
export function tanhGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Tanh>(n, y, dy, dx, alpha, beta, acc);
}

class Softsign {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.div(x, f32x4.add(splat(1), f32x4.abs(x)));
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    const r = f32x4.sub(splat(1), f32x4.abs(y));
    return f32x4.mul(dy, f32x4.mul(r, r));
  }
}
/** x / (1 + |x|); f' = (1 - |y|)². */
export function softsign(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Softsign>(n, x, y, alpha, beta);
}
export function softsignGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Softsign>(n, y, dy, dx, alpha, beta, acc);
}

class HardSigmoid {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.div(clamp4(f32x4.add(x, splat(3)), splat(0), splat(6)), splat(6));
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    const outside = v128.or(f32x4.le(y, splat(0)), f32x4.ge(y, splat(1)));
    return v128.andnot(f32x4.mul(dy, splat(0.16666666666666666)), outside);
  }
}
/** min(max(x + 3, 0), 6) / 6; f' = 1/6 strictly inside. */
export function hardSigmoid(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<HardSigmoid>(n, x, y, alpha, beta);
}
export function hardSigmoidGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<HardSigmoid>(n, y, dy, dx, alpha, beta, acc);
}

class Erf {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return erf4(x);
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    const e = exp4(f32x4.neg(f32x4.mul(x, x)));
    return f32x4.mul(dy, f32x4.mul(splat(1.1283791670955126), e));
  }
}
/** erf x; f' = 2 / sqrt(pi) e^-x². */
export function erf(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Erf>(n, x, y, alpha, beta);
}
export function erfGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Erf>(n, x, dy, dx, alpha, beta, acc);
}

class LogSigmoid {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    const e = exp4(f32x4.neg(f32x4.abs(x)));
    return f32x4.sub(f32x4.pmin(x, splat(0)), log1p4(e));
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.mul(dy, sigmoid4(f32x4.neg(x)));
  }
}
/** ln(1 / (1 + e^-x)) = min(x, 0) - ln(1 + e^-|x|); f' = sigmoid(-x). */
export function logSigmoid(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<LogSigmoid>(n, x, y, alpha, beta);
}
export function logSigmoidGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<LogSigmoid>(n, x, dy, dx, alpha, beta, acc);
}

class TanhShrink {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.sub(x, tanh4(x));
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    const t = tanh4(x);
    return f32x4.mul(dy, f32x4.mul(t, t));
  }
}
/** x - tanh x; f' = tanh² x. */
export function tanhShrink(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<TanhShrink>(n, x, y, alpha, beta);
}
export function tanhShrinkGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<TanhShrink>(n, x, dy, dx, alpha, beta, acc);
}
