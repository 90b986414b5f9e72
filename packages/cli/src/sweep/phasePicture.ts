import type { Sweep } from '@fuga/engine';

const MOST_ROWS = 8;
const MOST_COLUMNS = 48;

/**
 * A small picture of a running sweep: one cell for each pair of values of its first two axes, shaded by how many
 * decades the gradient loses (▁ none … █ many) or gains (△) on its way back, the mean over what is done in it.
 */
export class PhasePicture {
  readonly #rows: { path: string; keys: string[] };
  readonly #columns: { path: string; keys: string[] };
  readonly #cells = new Map<string, { sum: number; count: number }>();
  readonly #color: boolean;

  constructor(sweep: Sweep, color: boolean) {
    this.#color = color;
    const axes = sweep.axes
      .filter(({ path, random, length }) => !random && length > 1 && path !== 'seed')
      .map(({ path }) => ({
        path,
        keys: sweep.valuesOf(path, MOST_COLUMNS).map((value) => JSON.stringify(value)),
      }));
    this.#rows = axes[0] ?? { path: '', keys: [] };
    this.#columns = axes[1] ?? { path: '', keys: [''] };
  }

  add(values: object, gradientDecades: number): void {
    const at = values as Record<string, unknown>;
    const key = `${JSON.stringify(at[this.#rows.path])}/${this.#columns.path ? JSON.stringify(at[this.#columns.path]) : ''}`;
    const cell = this.#cells.get(key) ?? { sum: 0, count: 0 };
    cell.sum += Number.isFinite(gradientDecades) ? gradientDecades : 0;
    cell.count++;
    this.#cells.set(key, cell);
  }

  lines(width: number): string[] {
    const { keys } = this.#rows;
    if (keys.length === 0 || this.#cells.size === 0) return [];
    const label = Math.min(18, Math.max(...keys.map((key) => key.length)) + 1);
    const step = Math.max(1, Math.ceil(keys.length / MOST_ROWS));
    const columns = this.#columns.keys.slice(0, Math.floor((width - label) / 2));
    const over = this.#columns.path
      ? `${lastWord(this.#rows.path)} × ${lastWord(this.#columns.path)}`
      : lastWord(this.#rows.path);
    const caption = `${over}: gradient ▁ kept … █ lost by 7 decades, △ blown up`;
    const rows = keys
      .filter((_, i) => i % step === 0)
      .map(
        (row) =>
          row.slice(0, label - 1).padStart(label - 1) +
          ' ' +
          columns.map((column) => this.#cell(row, column)).join(''),
      );
    return [caption, ...rows];
  }

  #cell(row: string, column: string): string {
    const cell = this.#cells.get(`${row}/${column}`);
    if (!cell) return '· ';
    const decades = cell.sum / cell.count;
    const depth = Math.min(7, Math.floor(Math.abs(decades)));
    const sign = decades > 1 ? '△' : '▁▂▃▄▅▆▇█'[depth]!;
    const code = decades > 1 ? '31' : decades < -3 ? '34' : '32';
    return this.#color ? `\x1b[${code}m${sign}\x1b[0m ` : `${sign} `;
  }
}

function lastWord(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
