/** Marks on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

const NICE = [1, 2, 5, 10, 20, 50, 100];

/** Whole powers of ten from `low` to `high`, at most about `most` of them; at least every one where there is room. */
export function decades(low: number, high: number, most: number): number[] {
  const every = NICE.find((step) => (high - low) / step <= most) ?? 100;
  const ticks: number[] = [];
  for (let e = Math.ceil(low / every) * every; e <= high; e += every) ticks.push(e);
  return ticks;
}

/** Round numbers from `low` to `high`, at most about `most` of them. */
export function rounds(low: number, high: number, most: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const unit = 10 ** Math.floor(Math.log10(span / most));
  const step = unit * (NICE.find((factor) => span / (unit * factor) <= most) ?? 10);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * span; i++) ticks.push(i * step);
  return ticks;
}

/** Range of the decades that finite, positive values fill; null where there is none. */
export function extent(
  ...lists: readonly (ArrayLike<number> | null)[]
): { low: number; high: number } | null {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    if (!list) continue;
    for (let i = 0; i < list.length; i++) {
      const value = list[i]!;
      if (!(value > 0 && value < Infinity)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? { low: Math.log10(low), high: Math.log10(high) } : null;
}

/**
 * A logarithmic range that does not tremble: it grows at once to hold all values, on whole decades with room to
 * spare, and shrinks only where less than half of it is still used.
 */
export class SteadyRange {
  #low = 0;
  #high = 0;
  #set = false;

  fit(values: { low: number; high: number } | null): { low: number; high: number } {
    const { low, high } = values ?? { low: -3, high: 0 };
    const wanted = { low: Math.floor(low - 0.15), high: Math.ceil(high + 0.15) };
    if (wanted.high - wanted.low < 2) wanted.low = wanted.high - 2;
    const wasted = wanted.high - wanted.low < 0.5 * (this.#high - this.#low);
    if (!this.#set || wasted) [this.#low, this.#high] = [wanted.low, wanted.high];
    else {
      this.#low = Math.min(this.#low, wanted.low);
      this.#high = Math.max(this.#high, wanted.high);
    }
    this.#set = values !== null || this.#set;
    return { low: this.#low, high: this.#high };
  }
}
