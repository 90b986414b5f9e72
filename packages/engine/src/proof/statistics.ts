/** Median of a non-empty list. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Up to so many values every resample is listed (6⁶ = 46 656); beyond, so many are drawn. */
const LISTED = 6;
const DRAWN = 20_000;

/**
 * Bootstrap interval of the median: the middle `share` of the medians of resamples with replacement.
 *
 * Exact for up to six values, where every resample is listed; beyond that resamples are drawn from a fixed stream, so
 * the interval is the same every time.
 * Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", §13.3 (percentile interval)
 */
export function bootstrapInterval(values: readonly number[], share = 0.95): readonly [number, number] {
  const n = values.length;
  if (n === 0) return [NaN, NaN];
  const medians: number[] = [];
  if (n <= LISTED) {
    for (let code = 0; code < n ** n; code++) {
      let rest = code;
      const resample = values.map(() => {
        const pick = rest % n;
        rest = Math.floor(rest / n);
        return values[pick]!;
      });
      medians.push(medianOf(resample));
    }
  } else {
    const draw = stream();
    for (let i = 0; i < DRAWN; i++) medians.push(medianOf(values.map(() => values[Math.floor(draw() * n)]!)));
  }
  medians.sort((a, b) => a - b);
  const at = (quantile: number) =>
    medians[Math.min(medians.length - 1, Math.max(0, Math.floor(quantile * medians.length)))]!;
  return [at((1 - share) / 2), at((1 + share) / 2)];
}

/** Up to so many pairs all signs are listed (2¹⁶); beyond, signs are drawn. */
const SIGNED = 16;

/**
 * Exact paired permutation test of "the differences tend to be below 0": the share of all ways to flip their signs
 * whose sum is as low as the one observed. One-sided; the least it can give for n pairs is 2⁻ⁿ (0.03 for five).
 *
 * Source: Fisher 1935, "The Design of Experiments", §21
 */
export function permutationTest(differences: readonly number[]): number {
  const n = differences.length;
  if (n === 0) return NaN;
  const observed = differences.reduce((sum, value) => sum + value, 0);
  const slack = 1e-12 * differences.reduce((sum, value) => sum + Math.abs(value), 0);
  const draw = stream();
  const total = n <= SIGNED ? 2 ** n : DRAWN;
  let asLow = 0;
  for (let code = 0; code < total; code++) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const flipped = n <= SIGNED ? (code >>> i) & 1 : draw() < 0.5 ? 1 : 0;
      sum += flipped ? -Math.abs(differences[i]!) : Math.abs(differences[i]!);
    }
    if (sum <= observed + slack) asLow++;
  }
  return asLow / total;
}

/** Numbers in [0, 1[ from a fixed seed (Mulberry32): the same interval in every run. */
function stream(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
