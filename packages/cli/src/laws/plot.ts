import type { Axis, Curve, Outcome } from '@fuga/engine';
import { powerOfTen } from '../picture/scale.js';
import { padEnd, padStart, paint, widthOf, type Ink, type Terminal } from '../terminal.js';

const inks: readonly Ink[] = ['accent', 'good', 'warn', 'bad'];
const [ROWS, MARGIN] = [14, 10];

/** The range of an axis over all points, in the axis' own units (decades on a log axis). */
export function rangeOf(values: readonly number[], { scale }: Axis): { low: number; high: number } {
  const shown = values.map((value) => place(value, scale)).filter(Number.isFinite);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  if (!(high - low > 0)) return { low: low - 1, high: high + 1 };
  return { low, high };
}

/** A value's position on an axis before scaling: itself, or its decade. */
export function place(value: number, scale: Axis['scale']): number {
  return scale === 'log' ? (value > 0 ? Math.log10(value) : NaN) : value;
}

/** A tick's text. */
export function tickText(at: number, scale: Axis['scale']): string {
  const value = scale === 'log' ? 10 ** at : at;
  const size = Math.abs(value);
  return size !== 0 && (size < 0.01 || size >= 10_000)
    ? value.toExponential(0)
    : String(Number(value.toPrecision(3)));
}

/** The picture of an experiment in characters: points for what was measured, dots for the law under them. */
export function plotLines({ picture }: Outcome, terminal: Terminal): string[] {
  const { x, y, curves } = picture;
  const columns = Math.max(20, terminal.width - MARGIN - 4);
  const all = curves.flatMap(({ points }) => points);
  const horizontal = rangeOf(
    all.map(([at]) => at),
    x,
  );
  const vertical = rangeOf(
    all.map(([, at]) => at),
    y,
  );
  const cells = Array.from({ length: ROWS }, () => new Array<string>(columns).fill(' '));
  const marks = terminal.unicode ? { measured: '●', law: '·' } : { measured: 'o', law: '.' };
  // Laws first, so that what was measured lies on top.
  for (const kind of ['law', 'measured'] as const) {
    for (const { curve, color } of colored(curves)) {
      if (curve.kind !== kind) continue;
      for (const [px, py] of kind === 'law' ? filledIn(curve, columns) : curve.points) {
        const column = Math.round(
          ((place(px, x.scale) - horizontal.low) / (horizontal.high - horizontal.low)) * (columns - 1),
        );
        const row = Math.round(
          ((vertical.high - place(py, y.scale)) / (vertical.high - vertical.low)) * (ROWS - 1),
        );
        const line = cells[row];
        if (line && column >= 0 && column < columns)
          line[column] = paint(terminal, kind === 'law' ? 'quiet' : color, marks[kind]);
      }
    }
  }
  const labels = rowLabels(vertical, y.scale, terminal);
  const bar = terminal.unicode ? '│' : '|';
  const lines = cells.map((row, r) => {
    return `  ${padStart(labels.get(r) ?? '', MARGIN - 2)} ${bar}${row.join('').trimEnd()}`;
  });
  const [left, right] = [tickText(horizontal.low, x.scale), tickText(horizontal.high, x.scale)];
  const middle = `${x.label}${x.scale === 'log' ? ' (log)' : ''}`;
  const gap = Math.max(1, columns - widthOf(left) - widthOf(middle) - widthOf(right));
  const foot = left + ' '.repeat(Math.floor(gap / 2)) + middle + ' '.repeat(Math.ceil(gap / 2)) + right;
  const dash = (terminal.unicode ? '─' : '-').repeat(columns);
  return [
    `  ${paint(terminal, 'quiet', `${y.label}${y.scale === 'log' ? ' (log)' : ''}`)}`,
    ...lines,
    `  ${padEnd('', MARGIN - 2)} ${terminal.unicode ? '└' : '+'}${dash}`,
    `  ${padEnd('', MARGIN)}${paint(terminal, 'quiet', foot)}`,
    `  ${padEnd('', MARGIN)}${legend(curves, terminal, marks)}`,
  ];
}

/** What stands beside which row: whole decades where there are enough of them, else values of evenly spaced rows. */
function rowLabels(
  { low, high }: { low: number; high: number },
  scale: Axis['scale'],
  terminal: Terminal,
): ReadonlyMap<number, string> {
  const step = [1, 2, 3, 5, 10, 20, 50, 100].find((each) => (high - low) / each <= 5) ?? 200;
  const labels = new Map<number, string>();
  if (scale === 'log' && high - low >= 2) {
    for (let decade = Math.ceil(low / step) * step; decade <= high + 1e-9; decade += step) {
      const row = Math.round(((high - decade) / (high - low)) * (ROWS - 1));
      labels.set(row, decade === 0 ? '1' : powerOfTen(decade, terminal));
    }
    return labels;
  }
  for (const row of [0, 4, 8, ROWS - 1])
    labels.set(row, tickText(high - (row / (ROWS - 1)) * (high - low), scale));
  return labels;
}

/** Each measured curve gets a colour; a law has none of its own. */
function colored(curves: readonly Curve[]): { curve: Curve; color: Ink }[] {
  let next = 0;
  return curves.map((curve) => ({ curve, color: inks[curve.kind === 'law' ? 0 : next++ % inks.length]! }));
}

function legend(curves: readonly Curve[], terminal: Terminal, marks: Record<Curve['kind'], string>): string {
  const measured = colored(curves)
    .filter(({ curve }) => curve.kind === 'measured')
    .map(({ curve, color }) => `${paint(terminal, color, marks.measured)} ${curve.name}`);
  const laws = curves.some(({ kind }) => kind === 'law')
    ? [`${paint(terminal, 'quiet', marks.law)} law`]
    : [];
  return [...measured, ...laws].join('   ');
}

/** A law's points, joined by straight lines so finely that every column has one. */
function filledIn({ points }: Curve, columns: number): [number, number][] {
  if (points.length < 2) return points.map(([x, y]) => [x, y]);
  return Array.from({ length: columns }, (_, c): [number, number] => {
    const at = (c / (columns - 1)) * (points.length - 1);
    const i = Math.min(points.length - 2, Math.floor(at));
    const [[x0, y0], [x1, y1]] = [points[i]!, points[i + 1]!];
    return [x0 + (at - i) * (x1 - x0), y0 + (at - i) * (y1 - y0)];
  });
}
