/** Sums over the numbers of one tensor, as the kernel left them. */
export interface Sums {
  count: number;
  sum: number;
  sumSquares: number;
  min: number;
  max: number;
  zeros: number;
  nonFinite: number;
  sumAbs: number;
}

/** All that was measured at one site in one step; probes turn it into numbers. Reused from site to site. */
export interface Reading {
  /** The site's output. */
  readonly activation: Sums;
  /** Gradient of the loss with respect to the site's output. */
  readonly gradient: Sums;
  /** The same before the activation; equal to `gradient` where there is none. */
  readonly preactivationGradient: Sums;
  /** Gradient with respect to the site's input; count 0 where it has none. */
  readonly inputGradient: Sums;
  /** Share of outputs in the flat part of the activation; NaN where it has none. */
  saturated: number;
  /** Share of units at exactly 0 for every sample of the window; NaN where they cannot die. */
  dead: number;
  /** Euclidean norms over the site's parameters; count 0 where it has none. */
  readonly parameters: { count: number; norm: number; gradNorm: number; updateNorm: number };
}

/** One number read at a site. Colour, axis and format follow from what it says of itself. */
export interface Probe {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly scale: 'log' | 'linear';
  readonly source?: string;
  readonly read: (reading: Reading) => number;
}

/** Root mean square over the finite numbers; NaN where there is none: a gradient that is lost is not a gradient of 0. */
export function rms({ sumSquares, count, nonFinite }: Sums): number {
  return count === nonFinite ? NaN : Math.sqrt(sumSquares / (count - nonFinite));
}

/** Mean over the finite numbers; NaN where there is none. */
export function mean({ sum, count, nonFinite }: Sums): number {
  return count === nonFinite ? NaN : sum / (count - nonFinite);
}

/** Standard deviation over the finite numbers. */
export function deviation(sums: Sums): number {
  const m = mean(sums);
  const r = rms(sums);
  return Math.sqrt(Math.max(0, r * r - m * m));
}
