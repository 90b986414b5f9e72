import type { Terminal } from '../terminal.js';

/** A logarithmic axis over whole decades, drawn in so many character cells. */
export interface LogScale {
  readonly low: number;
  readonly high: number;
  readonly cells: number;
  /** Position of a value in cells, 0 … cells; values past the ends stay at the ends. */
  at(value: number): number;
}

/** Narrowest range that is shown: three decades, so that a flat profile looks flat. */
const LEAST_DECADES = 3;

/** The scale that holds all finite values above 0, in whole decades. */
export function logScale(values: readonly number[], cells: number): LogScale {
  const shown = values.filter((value) => Number.isFinite(value) && value > 0).map(Math.log10);
  let low = Math.floor(Math.min(...shown, Infinity));
  let high = Math.ceil(Math.max(...shown, -Infinity));
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = [-3, 0];
  const missing = LEAST_DECADES - (high - low);
  if (missing > 0) [low, high] = [low - Math.ceil(missing / 2), high + Math.floor(missing / 2)];
  // The smallest value still gets a bar one can see.
  if (shown.some((value) => value - low < (0.8 * (high - low)) / cells)) low--;
  const perCell = cells / (high - low);
  return {
    low,
    high,
    cells,
    at: (value) => {
      if (!(value > 0)) return 0;
      return Math.max(0, Math.min(cells, (Math.log10(value) - low) * perCell));
    },
  };
}

const digits: Record<string, string> = {
  '-': '⁻',
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
};

/** `10⁻⁴`, or `1e-4` where the terminal has no superscripts. */
export function powerOfTen(exponent: number, { unicode }: Terminal): string {
  return unicode ? `10${[...String(exponent)].map((digit) => digits[digit]!).join('')}` : `1e${exponent}`;
}

/** Decades that get a label: as many as fit, evenly spaced, the highest among them. */
export function ticks({ low, high, cells }: LogScale): number[] {
  const room = 9; // a label and some air
  const span = high - low;
  const step = [1, 2, 3, 4, 5, 10, 20, 50, 100].find((each) => (cells * each) / span >= room) ?? 200;
  const found: number[] = [];
  for (let decade = high; decade >= low; decade -= step) found.unshift(decade);
  return found;
}
