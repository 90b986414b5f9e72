// Scalar f64 mathematics for JavaScript: ECMAScript leaves Math.exp and its like to each engine, these are compiled
// code (ports of musl, in AssemblyScript's standard library) and give the same bits everywhere.

export function mathExp(x: f64): f64 {
  return Math.exp(x);
}

export function mathLog(x: f64): f64 {
  return Math.log(x);
}

export function mathTanh(x: f64): f64 {
  return Math.tanh(x);
}

export function mathSin(x: f64): f64 {
  return Math.sin(x);
}

export function mathCos(x: f64): f64 {
  return Math.cos(x);
}

export function mathPow(x: f64, y: f64): f64 {
  return Math.pow(x, y);
}

/**
 * erf x to about 1e-15: a series below 2.5, a continued fraction of erfc above.
 * Source: Abramowitz and Stegun, 7.1.6 and 7.1.14.
 */
export function mathErf(x: f64): f64 {
  const t = Math.abs(x);
  if (!(t < 6)) return t >= 6 ? Math.sign(x) : x;
  const square = x * x;
  if (t < 2.5) {
    // 2 / sqrt(pi) e^-x² Σ 2^k x^(2k+1) / (2k+1)!!: all terms positive, nothing cancels.
    let term = x;
    let total = x;
    for (let k = 1; k < 80; k++) {
      term *= (2 * square) / <f64>(2 * k + 1);
      total += term;
      if (Math.abs(term) < 1e-17 * Math.abs(total)) break;
    }
    return 1.1283791670955126 * Math.exp(-square) * total;
  }
  let fraction: f64 = 0;
  for (let k = 60; k > 0; k--) fraction = (0.5 * <f64>k) / (t + fraction);
  const complement = (0.5641895835477563 * Math.exp(-square)) / (t + fraction);
  return x > 0 ? 1 - complement : complement - 1;
}
