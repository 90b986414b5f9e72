// Rectifiers: piecewise linear, or exponential on the negative side. At the kinks the subgradients are PyTorch's.
// `NAME(n, x, y, alpha, beta)` and `NAMEGrad(n, x, y, dy, dx, alpha, beta, acc)`: dx (+)= dy · f'.
import { backward, forward } from './map';
import { clamp4, expm14, select, splat } from '../simd';

const SELU_SCALE: f32 = 1.0507009873554804934193349852946;
const SELU_ALPHA: f32 = 1.6732632423543772848170429916717;

class Relu {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.pmax(x, splat(0));
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return v128.andnot(dy, f32x4.le(y, splat(0)));
  }
}
/** max(x, 0); f'(0) = 0. */
export function relu(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Relu>(n, x, y, alpha, beta);
}
export function reluGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Relu>(n, y, dy, dx, alpha, beta, acc);
}

class LeakyRelu {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return select(f32x4.gt(x, splat(0)), x, f32x4.mul(x, alpha));
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return select(f32x4.gt(y, splat(0)), dy, f32x4.mul(dy, alpha));
  }
}
/** x > 0 ? x : alpha x, alpha >= 0; f'(0) = alpha. */
export function leakyRelu(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<LeakyRelu>(n, x, y, alpha, beta);
}
export function leakyReluGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<LeakyRelu>(n, y, dy, dx, alpha, beta, acc);
}

class Elu {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return select(f32x4.le(x, splat(0)), f32x4.mul(alpha, expm14(x)), x);
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return select(f32x4.le(y, splat(0)), f32x4.mul(dy, f32x4.add(y, alpha)), dy);
  }
}
/** x > 0 ? x : alpha (e^x - 1). On the negative side f' = y + alpha. */
export function elu(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Elu>(n, x, y, alpha, beta);
}
export function eluGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Elu>(n, y, dy, dx, alpha, beta, acc);
}

class Selu {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    const negative = f32x4.mul(splat(SELU_SCALE * SELU_ALPHA), expm14(x));
    return select(f32x4.le(x, splat(0)), negative, f32x4.mul(splat(SELU_SCALE), x));
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    const slope = select(
      f32x4.le(y, splat(0)),
      f32x4.add(y, splat(SELU_SCALE * SELU_ALPHA)),
      splat(SELU_SCALE),
    );
    return f32x4.mul(dy, slope);
  }
}
/** SCALE (x > 0 ? x : ALPHA (e^x - 1)). Source: Klambauer 2017, arXiv 1706.02515. */
export function selu(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Selu>(n, x, y, alpha, beta);
}
export function seluGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Selu>(n, y, dy, dx, alpha, beta, acc);
}

class Celu {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return select(f32x4.le(x, splat(0)), f32x4.mul(alpha, expm14(f32x4.div(x, alpha))), x);
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    const slope = f32x4.div(f32x4.add(y, alpha), alpha);
    return select(f32x4.le(y, splat(0)), f32x4.mul(dy, slope), dy);
  }
}
/** x > 0 ? x : alpha (e^(x / alpha) - 1). On the negative side f' = y / alpha + 1. */
export function celu(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Celu>(n, x, y, alpha, beta);
}
export function celuGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Celu>(n, y, dy, dx, alpha, beta, acc);
}

class Relu6 {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return clamp4(x, splat(0), splat(6));
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return v128.andnot(dy, v128.or(f32x4.le(y, splat(0)), f32x4.ge(y, splat(6))));
  }
}
/** min(max(x, 0), 6); f' = 0 at both borders. */
export function relu6(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Relu6>(n, x, y, alpha, beta);
}
export function relu6Grad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Relu6>(n, y, dy, dx, alpha, beta, acc);
}

class HardTanh {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return clamp4(x, alpha, beta);
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return v128.andnot(dy, v128.or(f32x4.le(y, alpha), f32x4.ge(y, beta)));
  }
}
/** min(max(x, alpha), beta); f' = 0 at both borders. */
export function hardTanh(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<HardTanh>(n, x, y, alpha, beta);
}
export function hardTanhGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<HardTanh>(n, y, dy, dx, alpha, beta, acc);
}

class ReluSquared {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    const r = f32x4.pmax(x, splat(0));
    return f32x4.mul(r, r);
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    const r = f32x4.pmax(x, splat(0));
    return f32x4.mul(dy, f32x4.add(r, r));
  }
}
/** max(x, 0)². Source: So 2021, arXiv 2109.08668. */
export function reluSquared(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<ReluSquared>(n, x, y, alpha, beta);
}
export function reluSquaredGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<ReluSquared>(n, x, dy, dx, alpha, beta, acc);
}

class Threshold {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return select(f32x4.le(x, alpha), beta, x);
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    return v128.andnot(dy, f32x4.le(x, alpha));
  }
}
/** x > alpha ? x : beta. */
export function threshold(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Threshold>(n, x, y, alpha, beta);
}
export function thresholdGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Threshold>(n, x, dy, dx, alpha, beta, acc);
}

class SoftShrink {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.sub(x, clamp4(x, f32x4.neg(alpha), alpha));
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    return v128.andnot(dy, f32x4.le(f32x4.abs(x), alpha));
  }
}
/** x moved towards 0 by alpha, 0 within alpha of it. */
export function softShrink(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<SoftShrink>(n, x, y, alpha, beta);
}
export function softShrinkGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<SoftShrink>(n, x, dy, dx, alpha, beta, acc);
}

class HardShrink {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return v128.andnot(x, f32x4.le(f32x4.abs(x), alpha));
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    return v128.andnot(dy, f32x4.le(f32x4.abs(x), alpha));
  }
}
/** x, and 0 within alpha of 0. */
export function hardShrink(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<HardShrink>(n, x, y, alpha, beta);
}
export function hardShrinkGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<HardShrink>(n, x, dy, dx, alpha, beta, acc);
}
