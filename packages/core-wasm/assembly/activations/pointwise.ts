// Elementary functions as layers of a network.
// `NAME(n, x, y, alpha, beta)` and `NAMEGrad(n, x, y, dy, dx, alpha, beta, acc)`: dx (+)= dy · f'.
import { backward, forward } from './map';
import { exp4, log4, splat } from '../simd';
import { cos4, sin4 } from '../trigonometry';

class Exp {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return exp4(x);
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return f32x4.mul(dy, y);
  }
}
/** e^x; f' = y. */
export function exp(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Exp>(n, x, y, alpha, beta);
}
export function expGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Exp>(n, y, dy, dx, alpha, beta, acc);
}

class Log {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return log4(x);
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.div(dy, x);
  }
}
/** ln x; f' = 1 / x. */
export function log(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Log>(n, x, y, alpha, beta);
}
export function logGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Log>(n, x, dy, dx, alpha, beta, acc);
}

class Sqrt {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.sqrt(x);
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return f32x4.div(dy, f32x4.add(y, y));
  }
}
/** sqrt x; f' = 1 / (2 y). */
export function sqrt(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Sqrt>(n, x, y, alpha, beta);
}
export function sqrtGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Sqrt>(n, y, dy, dx, alpha, beta, acc);
}

class Abs {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.abs(x);
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    const signed = v128.xor(dy, v128.and(x, i32x4.splat(0x80000000)));
    return v128.andnot(signed, f32x4.eq(x, splat(0)));
  }
}
/** |x|; f'(0) = 0. */
export function abs(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Abs>(n, x, y, alpha, beta);
}
export function absGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Abs>(n, x, dy, dx, alpha, beta, acc);
}

class Sin {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return sin4(x);
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.mul(dy, cos4(x));
  }
}
/** sin x; f' = cos x. */
export function sin(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Sin>(n, x, y, alpha, beta);
}
export function sinGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Sin>(n, x, dy, dx, alpha, beta, acc);
}

class Cos {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return cos4(x);
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.neg(f32x4.mul(dy, sin4(x)));
  }
}
/** cos x; f' = -sin x. */
export function cos(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Cos>(n, x, y, alpha, beta);
}
export function cosGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Cos>(n, x, dy, dx, alpha, beta, acc);
}

class Reciprocal {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.div(splat(1), x);
  }
  @inline grad(dy: v128, y: v128, alpha: v128, beta: v128): v128 {
    return f32x4.neg(f32x4.mul(dy, f32x4.mul(y, y)));
  }
}
/** 1 / x; f' = -y². */
export function reciprocal(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Reciprocal>(n, x, y, alpha, beta);
}
export function reciprocalGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Reciprocal>(n, y, dy, dx, alpha, beta, acc);
}

class Square {
  @inline forward(x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.mul(x, x);
  }
  @inline grad(dy: v128, x: v128, alpha: v128, beta: v128): v128 {
    return f32x4.mul(dy, f32x4.add(x, x));
  }
}
/** x²; f' = 2 x. */
export function square(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  forward<Square>(n, x, y, alpha, beta);
}
export function squareGrad(
  n: i32,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  backward<Square>(n, x, dy, dx, alpha, beta, acc);
}
