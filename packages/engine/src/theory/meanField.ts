import type { Activation } from '../activations/activation.js';
import { gaussianMean } from './quadrature.js';

/** A pointwise function with its slope, options filled in: what the theory integrates. */
export interface Nonlinearity {
  /** φ(x). */
  readonly f: (x: number) => number;
  /** φ′(x). */
  readonly slope: (x: number) => number;
  /** Where f or its slope jumps. */
  readonly kinks: readonly number[];
}

/** The activation as a function of one number, or null where it is not one (softmax, gated units). */
export function nonlinearityOf(
  activation: Activation,
  options: Readonly<Record<string, unknown>>,
): Nonlinearity | null {
  if (!activation.f || !activation.slope) return null;
  return {
    f: (x) => activation.f!(x, options),
    slope: (x) => activation.slope!(x, options),
    kinks: activation.kinks ?? [],
  };
}

/** Gaussian averages of φ at a preactivation N(0, q). */
export interface Moments {
  /** E φ */
  readonly mean: number;
  /** E φ² */
  readonly square: number;
  /** E φ′² */
  readonly slopeSquare: number;
  /** E φ′⁴ */
  readonly slopeFourth: number;
}

/**
 * Gaussian averages of φ(√q z) and its slope.
 *
 * Below 10⁻³⁰⁰ the preactivation counts as 0.
 */
export function moments({ f, slope, kinks }: Nonlinearity, q: number): Moments {
  const scale = Math.sqrt(Math.max(0, q));
  // A one-sided limit does not exist at q = 0 for a kink at 0: there the limit q → 0⁺ is what matters.
  const width = Math.max(scale, 1e-150);
  const splits = kinks.map((kink) => kink / width);
  const average = (g: (x: number) => number) => gaussianMean((z) => g(width * z), splits, scale);
  return {
    mean: average(f),
    square: average((x) => f(x) ** 2),
    slopeSquare: average((x) => slope(x) ** 2),
    slopeFourth: average((x) => slope(x) ** 4),
  };
}

/** Weights of variance sw2 / fanIn and biases of variance sb2. */
export interface Ensemble {
  readonly sw2: number;
  readonly sb2: number;
}

/** The variance map: q' = sw2 E φ(√q z)² + sb2. Poole et al. 2016, arXiv:1606.05340, eq. 3 */
export function nextVariance(phi: Nonlinearity, { sw2, sb2 }: Ensemble, q: number): number {
  return sw2 * moments(phi, q).square + sb2;
}

/**
 * χ(q) = sw2 E φ′(√q z)²: what one layer multiplies the mean squared gradient by, in a network of constant width.
 * Below 1 gradients vanish, above 1 they explode. Schoenholz et al. 2017, arXiv:1611.01232, eq. 5
 */
export function chi(phi: Nonlinearity, sw2: number, q: number): number {
  return sw2 * moments(phi, q).slopeSquare;
}

/**
 * The variance that stays as it is, by iterating the map; null where none is reached in `rounds` (it grows without
 * end, or creeps on the critical line).
 */
export function fixedVariance(
  phi: Nonlinearity,
  ensemble: Ensemble,
  start = 1,
  rounds = 4000,
): number | null {
  let q = start;
  for (let round = 0; round < rounds; round++) {
    const next = nextVariance(phi, ensemble, q);
    if (!(next < 1e12)) return null;
    if (next < 1e-12) return 0;
    if (Math.abs(next - q) < 1e-13 * next) return next;
    q = next;
  }
  return null;
}

/**
 * The correlation map: preactivations of two inputs with variance q and correlation c have the correlation
 * (sw2 E φ(u₁) φ(u₂) + sb2) / q' one layer on. Poole et al. 2016, eq. 5
 */
export function nextCorrelation(phi: Nonlinearity, ensemble: Ensemble, q: number, c: number): number {
  const scale = Math.sqrt(q);
  const rest = Math.sqrt(Math.max(0, 1 - c * c));
  const splits = phi.kinks.map((kink) => kink / scale);
  const joint = gaussianMean(
    (z) => {
      const first = phi.f(scale * z);
      if (first === 0) return 0;
      if (rest < 1e-12) return first * phi.f(scale * c * z);
      const inner = phi.kinks.map((kink) => (kink / scale - c * z) / rest);
      return first * gaussianMean((y) => phi.f(scale * (c * z + rest * y)), inner, scale);
    },
    splits,
    scale,
  );
  return (ensemble.sw2 * joint + ensemble.sb2) / nextVariance(phi, ensemble, q);
}

/** Number of layers over which a gradient changes by a factor e: 1 / |ln χ|. Schoenholz et al. 2017, §5 */
export function gradientDepthScale(chiAtFixedPoint: number): number {
  return 1 / Math.abs(Math.log(chiAtFixedPoint));
}
