/** Finite values only, sorted. */
function finite(values: readonly number[]): number[] {
  return values.filter(Number.isFinite).sort((a, b) => a - b);
}

/** The value below which a share `p` of the sorted values lies, between neighbours in proportion. */
function quantile(sorted: readonly number[], p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}

/** Median of the finite values; NaN where there are none. */
export function median(values: readonly number[]): number {
  const sorted = finite(values);
  return sorted.length === 0 ? NaN : quantile(sorted, 0.5);
}

/** Middle and interval over repeats. */
export interface Interval {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly count: number;
}

const FEW = 6;
const RESAMPLES = 400;

/**
 * The median over repeats and how far it can be trusted: below six repeats their whole range, from six on the 95 %
 * bootstrap interval of the median. Null where nothing is finite.
 */
export function intervalOf(values: readonly number[]): Interval | null {
  const sorted = finite(values);
  const count = sorted.length;
  if (count === 0) return null;
  const middle = quantile(sorted, 0.5);
  if (count < FEW) return { low: sorted[0]!, middle, high: sorted[count - 1]!, count };
  let state = 1;
  const next = () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const medians: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const drawn = Array.from({ length: count }, () => sorted[Math.floor(next() * count)]!);
    medians.push(median(drawn));
  }
  medians.sort((a, b) => a - b);
  return { low: quantile(medians, 0.025), middle, high: quantile(medians, 0.975), count };
}

/** Quartiles and median of the finite values. */
export function quartiles(values: readonly number[]): { low: number; middle: number; high: number } | null {
  const sorted = finite(values);
  if (sorted.length === 0) return null;
  return { low: quantile(sorted, 0.25), middle: quantile(sorted, 0.5), high: quantile(sorted, 0.75) };
}

/** The most frequent word, or null. */
export function mostFrequent(words: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  let best: string | null = null;
  for (const [word, count] of counts) if (best === null || count > counts.get(best)!) best = word;
  return best;
}
