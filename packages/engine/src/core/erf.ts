/**
 * erf x to about 1e-15, in plain float64: a series below 2.5, a continued fraction of erfc above.
 * For definitions that the theory integrates and the tests compare with; training runs the kernel.
 *
 * Source: Abramowitz & Stegun, 7.1.6 and 7.1.14.
 */
export function erf(x: number): number {
  const t = Math.abs(x);
  if (!(t < 6)) return t >= 6 ? Math.sign(x) : x;
  const square = x * x;
  if (t < 2.5) {
    let term = x;
    let total = x;
    for (let k = 1; k < 80; k++) {
      term *= (2 * square) / (2 * k + 1);
      total += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * total;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = (0.5 * k) / (t + fraction);
  const complement = Math.exp(-square) / Math.sqrt(Math.PI) / (t + fraction);
  return x > 0 ? 1 - complement : complement - 1;
}

/** Φ(x), the standard normal distribution function. */
export function normalCdf(x: number): number {
  return 0.5 * (1 + erf(x / Math.SQRT2));
}

/** φ(x), the standard normal density. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}
