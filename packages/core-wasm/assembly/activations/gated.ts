// Functions of the form x · gate(x), and softplus.
// `NAME(n, x, y, alpha, beta)` and `NAMEGrad(n, x, y, dy, dx, alpha, beta, acc)`: dx (+)= dy · f'.
import { backward, forward } from './map';
import { clamp4, erf4, exp4, select, softplus4, splat } from '../simd';
import { sigmoid4, silu4, siluGrad4, tanh4 } from '../squash';

const INV_SQRT_2PI: f32 = 0.39894228040143267794;
const SQRT_2_OVER_PI: f32 = 0.79788456080286535588;
const GELU_CUBIC: f32 = 0.044715;

@inline
function normalCdf(x: v128): v128 {
  return f32x4.mul(splat(0.5), f32x4.add(splat(1), erf4(f32x4.mul(x, splat(0.70710678118654752)))));
}

@inline
function geluArgument(x: v128): v128 {
  const cubic = f32x4.mul(splat(GELU_CUBIC), f32x4.mul(f32x4.mul(x, x), x));
  return f32x4.mul(splat(SQRT_2_OVER_PI), f32x4.add(x, cubic));
}

class Silu {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return silu4(x);
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    return siluGrad4(dy, x);
  }
}
/** x s with s = sigmoid x; f' = s (1 + x (1 - s)). */
export function silu(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Silu>(n, x, y, alpha, beta);
}
export function siluGrad(n: i32, x: usize, y: usize, dy: usize, dx: usize, alpha: f32, beta: f32, acc: i32): void {
  backward<Silu>(n, x, dy, dx, alpha, beta, acc);
}

class Gelu {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.mul(x, normalCdf(x));
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    const density = f32x4.mul(splat(INV_SQRT_2PI), exp4(f32x4.mul(splat(-0.5), f32x4.mul(x, x))));
    return f32x4.mul(dy, f32x4.add(normalCdf(x), f32x4.mul(x, density)));
  }
}
/** x Φ(x), Φ(x) = (1 + erf(x / sqrt 2)) / 2; f' = Φ(x) + x φ(x). Source: Hendrycks 2016, arXiv 1606.08415. */
export function gelu(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Gelu>(n, x, y, alpha, beta);
}
export function geluGrad(n: i32, x: usize, y: usize, dy: usize, dx: usize, alpha: f32, beta: f32, acc: i32): void {
  backward<Gelu>(n, x, dy, dx, alpha, beta, acc);
}

class GeluTanh {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    const half = f32x4.mul(splat(0.5), x);
    return f32x4.add(half, f32x4.mul(half, tanh4(geluArgument(x))));
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    const t = tanh4(geluArgument(x));
    const inner = f32x4.mul(splat(SQRT_2_OVER_PI), f32x4.add(splat(1), f32x4.mul(splat(3 * GELU_CUBIC), f32x4.mul(x, x))));
    const left = f32x4.mul(splat(0.5), f32x4.add(splat(1), t));
    const right = f32x4.mul(f32x4.mul(splat(0.5), x), f32x4.mul(f32x4.sub(splat(1), f32x4.mul(t, t)), inner));
    return f32x4.mul(dy, f32x4.add(left, right));
  }
}
/** x (1 + tanh u) / 2, u = sqrt(2 / pi) (x + 0.044715 x³). */
export function geluTanh(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<GeluTanh>(n, x, y, alpha, beta);
}
export function geluTanhGrad(n: i32, x: usize, y: usize, dy: usize, dx: usize, alpha: f32, beta: f32, acc: i32): void {
  backward<GeluTanh>(n, x, dy, dx, alpha, beta, acc);
}

class Mish {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.mul(x, tanh4(softplus4(x)));
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    const t = tanh4(softplus4(x));
    const slope = f32x4.mul(f32x4.mul(x, sigmoid4(x)), f32x4.sub(splat(1), f32x4.mul(t, t)));
    return f32x4.mul(dy, f32x4.add(t, slope));
  }
}
/** x t with t = tanh(ln(1 + e^x)); f' = t + x sigmoid(x) (1 - t²). Source: Misra 2019, arXiv 1908.08681. */
export function mish(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Mish>(n, x, y, alpha, beta);
}
export function mishGrad(n: i32, x: usize, y: usize, dy: usize, dx: usize, alpha: f32, beta: f32, acc: i32): void {
  backward<Mish>(n, x, dy, dx, alpha, beta, acc);
}

class HardSwish {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    const gate = clamp4(f32x4.add(x, splat(3)), splat(0), splat(6));
    return f32x4.div(f32x4.mul(x, gate), splat(6));
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    const slope = f32x4.add(f32x4.div(x, splat(3)), splat(0.5));
    const d = select(f32x4.ge(x, splat(3)), dy, f32x4.mul(dy, slope));
    return v128.andnot(d, f32x4.le(x, splat(-3)));
  }
}
/** x min(max(x + 3, 0), 6) / 6; f' = x / 3 + 1/2 between -3 and 3. */
export function hardSwish(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<HardSwish>(n, x, y, alpha, beta);
}
export function hardSwishGrad(n: i32, x: usize, y: usize, dy: usize, dx: usize, alpha: f32, beta: f32, acc: i32): void {
  backward<HardSwish>(n, x, dy, dx, alpha, beta, acc);
}

class Softplus {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    const z = f32x4.mul(alpha, x);
    return select(f32x4.gt(z, beta), x, f32x4.div(softplus4(z), alpha));
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    const z = f32x4.mul(alpha, x);
    return select(f32x4.gt(z, beta), dy, f32x4.mul(dy, sigmoid4(z)));
  }
}
/** ln(1 + e^(alpha x)) / alpha, and x itself where alpha x > beta; f' = sigmoid(alpha x). */
export function softplus(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Softplus>(n, x, y, alpha, beta);
}
export function softplusGrad(n: i32, x: usize, y: usize, dy: usize, dx: usize, alpha: f32, beta: f32, acc: i32): void {
  backward<Softplus>(n, x, dy, dx, alpha, beta, acc);
}
