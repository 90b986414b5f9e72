import { paintMagnitude } from './colours.js';
import { extent } from './scale.js';

/** Rows past this are thinned out: more than there are pixels for them. */
const MOST_LINES = 256;

export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * The cells of a heat map of magnitudes, one column a step. A run adds a column now and then and keeps the others, so
 * each list is looked at once, and coloured once for each range: a thousand layers by two hundred steps are not
 * coloured anew for every frame. Lists are known by identity: hand in the same one for the same step.
 */
export class HeatCells {
  #range: Range = { low: NaN, high: NaN };
  #coloured = new WeakMap<ArrayLike<number>, Uint32Array>();
  readonly #extents = new WeakMap<ArrayLike<number>, Range | typeof empty>();

  /** The decades that the columns' values fill; null where there is none. */
  extent(columns: readonly ArrayLike<number>[]): Range | null {
    let [low, high] = [Infinity, -Infinity];
    for (const column of columns) {
      let known = this.#extents.get(column);
      if (!known) {
        known = extent(column) ?? empty;
        this.#extents.set(column, known);
      }
      if (known.low < low) low = known.low;
      if (known.high > high) high = known.high;
    }
    return low <= high ? { low, high } : null;
  }

  /** The picture, drawn from the bottom up so that the input is at the bottom; null where there is nothing to draw. */
  image(columns: readonly ArrayLike<number>[], range: Range): ImageData | null {
    const rows = columns[0]?.length ?? 0;
    if (rows === 0) return null;
    if (range.low !== this.#range.low || range.high !== this.#range.high) {
      this.#range = range;
      this.#coloured = new WeakMap();
    }
    const lines = Math.min(rows, MOST_LINES);
    const width = columns.length;
    const image = new ImageData(width, lines);
    const pixels = new Uint32Array(image.data.buffer);
    for (let c = 0; c < width; c++) {
      const column = this.#colour(columns[c]!, lines);
      for (let line = 0; line < lines; line++) pixels[line * width + c] = column[line]!;
    }
    return image;
  }

  #colour(column: ArrayLike<number>, lines: number): Uint32Array {
    const known = this.#coloured.get(column);
    if (known?.length === lines) return known;
    const bytes = new Uint8ClampedArray(4 * lines);
    const { low, high } = this.#range;
    for (let line = 0; line < lines; line++) {
      const value = column[Math.floor(((lines - 1 - line) * column.length) / lines)]!;
      paintMagnitude(bytes, 4 * line, value, low, high);
    }
    const coloured = new Uint32Array(bytes.buffer);
    this.#coloured.set(column, coloured);
    return coloured;
  }
}

const empty = { low: Infinity, high: -Infinity } as const;
