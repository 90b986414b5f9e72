/** A window's walk over one axis. */
export interface Axis {
  readonly size: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

/** Source indices of window `i` of an axis, those in the padding left out; and how many it has within the padding. */
function windowOf({ size, kernel, stride, before, after, dilation }: Axis, i: number) {
  const all = Array.from({ length: kernel }, (_, k) => i * stride + k * dilation - before);
  return {
    inside: all.filter((at) => at >= 0 && at < size),
    padded: all.filter((at) => at < size + after).length,
  };
}

/** Max pooling of planes: values and where they were; the first of equals, NaN above all. */
export function maxPool(x: ArrayLike<number>, planes: number, rows: Axis, columns: Axis) {
  const value: number[] = [];
  const at: number[] = [];
  for (let p = 0; p < planes; p++) {
    for (let i = 0; i < rows.output; i++) {
      for (let j = 0; j < columns.output; j++) {
        let [best, where] = [-Infinity, -1];
        for (const r of windowOf(rows, i).inside) {
          for (const c of windowOf(columns, j).inside) {
            const index = r * columns.size + c;
            const v = x[p * rows.size * columns.size + index]!;
            if (where < 0 || v > best || Number.isNaN(v)) [best, where] = [v, index];
          }
        }
        value.push(best);
        at.push(where);
      }
    }
  }
  return { value, at };
}

/** Average pooling of planes as a matrix: for each output, its inputs (index in the plane) and their weight. */
export function averageTaps(
  rows: Axis,
  columns: Axis,
  countPad: boolean,
): { at: number[]; weight: number }[] {
  const taps: { at: number[]; weight: number }[] = [];
  for (let i = 0; i < rows.output; i++) {
    for (let j = 0; j < columns.output; j++) {
      const [r, c] = [windowOf(rows, i), windowOf(columns, j)];
      const at = r.inside.flatMap((row) => c.inside.map((column) => row * columns.size + column));
      taps.push({ at, weight: 1 / (countPad ? r.padded * c.padded : at.length) });
    }
  }
  return taps;
}

/** One axis of bilinear interpolation: for each output two inputs and the weight of the second. */
export function linearTaps(
  from: number,
  to: number,
  aligned: boolean,
): { low: number; high: number; part: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const ratio = aligned ? (to > 1 ? (from - 1) / (to - 1) : 0) : from / to;
    const position = aligned ? i * ratio : Math.max(0, (i + 0.5) * ratio - 0.5);
    const low = Math.min(Math.floor(position), from - 1);
    return { low, high: Math.min(low + 1, from - 1), part: position - low };
  });
}
