/** An ellipse in pixels, turned by the angle whose cosine and sine it has; `value` is added inside. */
export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly a: number;
  readonly b: number;
  readonly cos: number;
  readonly sin: number;
  readonly value: number;
}

/** Adds an ellipse to an image of `size` × `size` pixels; calls `mark` for every pixel inside. */
export function addEllipse(
  image: Float32Array,
  size: number,
  { x, y, a, b, cos, sin, value }: Ellipse,
  mark?: (pixel: number) => void,
): void {
  const reach = Math.max(a, b);
  const [top, bottom] = [Math.max(0, Math.floor(y - reach)), Math.min(size - 1, Math.ceil(y + reach))];
  const [left, right] = [Math.max(0, Math.floor(x - reach)), Math.min(size - 1, Math.ceil(x + reach))];
  for (let i = top; i <= bottom; i++) {
    for (let j = left; j <= right; j++) {
      const [dx, dy] = [j - x, i - y];
      const [u, v] = [(dx * cos + dy * sin) / a, (dy * cos - dx * sin) / b];
      if (u * u + v * v > 1) continue;
      const pixel = i * size + j;
      image[pixel] = image[pixel]! + value;
      mark?.(pixel);
    }
  }
}

/** Smooths an image by the binomial kernel [1 2 1] / 4 along both axes, `times` times; edges are repeated. */
export function blur(image: Float32Array, size: number, times: number, beside: Float32Array): void {
  for (let pass = 0; pass < 2 * times; pass++) {
    const step = pass % 2 === 0 ? 1 : size;
    const across = step === 1 ? size : 1;
    for (let line = 0; line < size; line++) {
      for (let at = 0; at < size; at++) {
        const here = line * across + at * step;
        const before = at > 0 ? here - step : here;
        const after = at < size - 1 ? here + step : here;
        beside[here] = 0.25 * image[before]! + 0.5 * image[here]! + 0.25 * image[after]!;
      }
    }
    image.set(beside);
  }
}
