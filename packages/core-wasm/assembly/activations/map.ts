// The three loops all activations share. An activation is a class F without state:
//   forward(x, alpha, beta) = f(x)            four lanes
//   grad(dy, v, alpha, beta) = dy · f'(x)     v is x or y, whichever the rule needs
// `changetype<F>(0)` gives the compiler a receiver to call through; nothing is ever read from it. The tail runs the
// same vector code on one lane, so a value does not depend on its place in the tensor.
import { splat } from '../simd';

/** y = f(x). */
@inline
export function forward<F>(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  const f = changetype<F>(0);
  const end = x + (<usize>n << 2);
  const a = splat(alpha);
  const b = splat(beta);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, f.forward(v128.load(x), a, b));
  for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, f.forward(v128.load_zero<f32>(x), a, b), 0);
}

/** dx (+)= dy · f', with `v` the input or the output of the activation. */
@inline
export function backward<F>(
  n: i32,
  v: usize,
  dy: usize,
  dx: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  const f = changetype<F>(0);
  const end = v + (<usize>n << 2);
  const a = splat(alpha);
  const b = splat(beta);
  for (; v + 16 <= end; v += 16, dy += 16, dx += 16) {
    const d = f.grad(v128.load(dy), v128.load(v), a, b);
    v128.store(dx, acc ? f32x4.add(v128.load(dx), d) : d);
  }
  for (; v < end; v += 4, dy += 4, dx += 4) {
    const d = f.grad(v128.load_zero<f32>(dy), v128.load_zero<f32>(v), a, b);
    v128.store_lane<f32>(dx, acc ? f32x4.add(v128.load_zero<f32>(dx), d) : d, 0);
  }
}
