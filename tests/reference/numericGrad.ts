/**
 * The gradient of Σ v · f(x) with respect to x by central differences, in float64. At h = 1e-5 the truncation error is
 * about 1e-10, far below what a float32 kernel can miss. `x` is changed and put back.
 */
export function numericGrad(
  x: Float64Array,
  v: ArrayLike<number>,
  f: () => ArrayLike<number>,
  h = 1e-5,
): Float64Array {
  const along = () => {
    const y = f();
    let sum = 0;
    for (let i = 0; i < y.length; i++) sum += v[i]! * y[i]!;
    return sum;
  };
  return x.map((value, i) => {
    x[i] = value + h;
    const above = along();
    x[i] = value - h;
    const below = along();
    x[i] = value;
    return (above - below) / (2 * h);
  });
}
