// The two loops all activations share. An activation is a class F without state:
//   forward(x, alpha, beta) = f(x)            four lanes
//   grad(dy, v, alpha, beta) = dy · f'(x)     v is x or y, whichever the rule needs
// `changetype<F>(0)` gives the compiler a receiver to call through; nothing is ever read from it. The last one to
// three elements are moved to a spare vector and back, so the (long) body of the loop exists once and a value does not
// depend on its place in the tensor.
import { splat } from '../simd';

const spareX = memory.data(16, 16);
const spareY = memory.data(16, 16);
const spareDx = memory.data(16, 16);

@inline
function move(count: i32, from: usize, to: usize): void {
  for (let i = 0; i < count; i++, from += 4, to += 4) store<u32>(to, load<u32>(from));
}

/** y = f(x). */
@inline
export function forward<F>(n: i32, x: usize, y: usize, alpha: f32, beta: f32): void {
  const f = changetype<F>(0);
  const a = splat(alpha);
  const b = splat(beta);
  let end = x + (<usize>(n & ~3) << 2);
  let rest = n & 3;
  let home: usize = 0;
  while (true) {
    for (; x < end; x += 16, y += 16) v128.store(y, f.forward(v128.load(x), a, b));
    if (home) move(rest, spareY, home);
    if (home || !rest) return;
    move(rest, x, spareX);
    home = y;
    x = spareX;
    y = spareY;
    end = spareX + 16;
  }
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
  const a = splat(alpha);
  const b = splat(beta);
  let end = v + (<usize>(n & ~3) << 2);
  let rest = n & 3;
  let home: usize = 0;
  while (true) {
    for (; v < end; v += 16, dy += 16, dx += 16) {
      const d = f.grad(v128.load(dy), v128.load(v), a, b);
      v128.store(dx, acc ? f32x4.add(v128.load(dx), d) : d);
    }
    if (home) move(rest, spareDx, home);
    if (home || !rest) return;
    move(rest, v, spareX);
    move(rest, dy, spareY);
    if (acc) move(rest, dx, spareDx);
    home = dx;
    v = spareX;
    dy = spareY;
    dx = spareDx;
    end = spareX + 16;
  }
}
