// Functions that networks seldom use, one element at a time in f64.

export const enum Rare {
  floor,
  ceil,
  round, // half to even
  sign,
  tan,
  sinh,
  cosh,
  asin,
  acos,
  atan,
  asinh,
  acosh,
  atanh,
}

/** y = f(x). */
export function rare(f: i32, n: i32, x: usize, y: usize): void {
  for (const end = x + (<usize>n << 2); x < end; x += 4, y += 4) {
    store<f32>(y, <f32>value(f, <f64>load<f32>(x)));
  }
}

/** dx += dy f'(x); 0 for the functions that are constant almost everywhere. */
export function rareGrad(f: i32, n: i32, x: usize, dy: usize, dx: usize): void {
  if (f <= Rare.sign) return;
  for (const end = x + (<usize>n << 2); x < end; x += 4, dy += 4, dx += 4) {
    store<f32>(dx, load<f32>(dx) + <f32>(<f64>load<f32>(dy) * slope(f, <f64>load<f32>(x))));
  }
}

@inline
function value(f: i32, x: f64): f64 {
  switch (f) {
    case Rare.floor:
      return Math.floor(x);
    case Rare.ceil:
      return Math.ceil(x);
    case Rare.round:
      return nearest(x);
    case Rare.sign:
      return Math.sign(x);
    case Rare.tan:
      return Math.tan(x);
    case Rare.sinh:
      return Math.sinh(x);
    case Rare.cosh:
      return Math.cosh(x);
    case Rare.asin:
      return Math.asin(x);
    case Rare.acos:
      return Math.acos(x);
    case Rare.atan:
      return Math.atan(x);
    case Rare.asinh:
      return Math.asinh(x);
    case Rare.acosh:
      return Math.acosh(x);
    default:
      return Math.atanh(x);
  }
}

@inline
function slope(f: i32, x: f64): f64 {
  switch (f) {
    case Rare.tan: {
      const t = Math.tan(x);
      return 1 + t * t;
    }
    case Rare.sinh:
      return Math.cosh(x);
    case Rare.cosh:
      return Math.sinh(x);
    case Rare.asin:
      return 1 / Math.sqrt(1 - x * x);
    case Rare.acos:
      return -1 / Math.sqrt(1 - x * x);
    case Rare.atan:
      return 1 / (1 + x * x);
    case Rare.asinh:
      return 1 / Math.sqrt(x * x + 1);
    case Rare.acosh:
      return 1 / Math.sqrt(x * x - 1);
    default:
      return 1 / (1 - x * x);
  }
}
