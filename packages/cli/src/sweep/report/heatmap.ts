import { showNumber, showValue, type ReportAxis } from './axes.js';
import { categories, colorScale } from './color.js';
import type { Gathered, GatheredTrial, Measure } from './gather.js';
import { intervalOf, mostFrequent } from './statistics.js';
import { element, escapeHtml, label } from './svg.js';
import type { TheoryLine } from './theoryLines.js';

const LEFT = 92;
const TOP = 14;
const BOTTOM = 56;
const WIDTH = 620;
const HEIGHT = 400;
const LEGEND = 92;

/** The trials of each cell of a grid: `cells[row][column]`. */
function cellsOf(trials: readonly GatheredTrial[], x: ReportAxis, y: ReportAxis): GatheredTrial[][][] {
  const place = (axis: ReportAxis) => new Map(axis.values.map((value, i) => [JSON.stringify(value), i]));
  const [columns, rows] = [place(x), place(y)];
  const cells = y.values.map(() => x.values.map((): GatheredTrial[] => []));
  for (const trial of trials) {
    const column = columns.get(JSON.stringify(trial.values[x.path]));
    const row = rows.get(JSON.stringify(trial.values[y.path]));
    if (column !== undefined && row !== undefined) cells[row]![column]!.push(trial);
  }
  return cells;
}

/** A phase diagram: one measure over two axes, the median over all trials of a cell, with the theory's lines. */
export function heatmap(
  trials: readonly GatheredTrial[],
  x: ReportAxis,
  y: ReportAxis,
  measure: Measure,
  lines: readonly TheoryLine[],
): string {
  const cells = cellsOf(trials, x, y);
  const values = cells.map((row) =>
    row.map((cell) => intervalOf(cell.map(({ numbers }) => numbers[measure.id]!))),
  );
  const scale = colorScale(
    values.flat().flatMap((value) => (value ? [value.middle] : [])),
    measure.kind,
    measure.log,
  );
  const paint = (row: number, column: number): Painted => {
    const cell = cells[row]![column]!;
    if (cell.length === 0) return { fill: 'none', class: 'missing', tip: 'no trial' };
    const value = values[row]![column];
    if (!value) return { fill: 'url(#diverged)', tip: 'not finite in any trial' };
    const interval =
      value.count > 1 ? ` (${showNumber(value.low)} … ${showNumber(value.high)}, ${value.count} trials)` : '';
    const diverged = cell.length - value.count;
    return {
      fill: scale.color(value.middle),
      tip: `${measure.title}: ${showNumber(value.middle)}${interval}${diverged > 0 ? `; ${diverged} not finite` : ''}`,
    };
  };
  const legend = gradientLegend(scale, measure);
  return grid(x, y, paint, lines, legend, measure.about);
}

/** Which finding is the most frequent in each cell, and how many of its trials have any. */
export function findingsMap(
  trials: readonly GatheredTrial[],
  x: ReportAxis,
  y: ReportAxis,
  findings: Gathered['findings'],
  lines: readonly TheoryLine[],
): string {
  const cells = cellsOf(trials, x, y);
  const color = new Map(findings.map(({ id }, i) => [id, categories[i % categories.length]!]));
  const paint = (row: number, column: number): Painted => {
    const cell = cells[row]![column]!;
    if (cell.length === 0) return { fill: 'none', class: 'missing', tip: 'no trial' };
    const found = cell.filter(({ findings: ids }) => ids.length > 0);
    const main = mostFrequent(found.map(({ findings: ids }) => ids[0]!));
    if (main === null)
      return { fill: 'var(--healthy)', tip: `healthy (${cell.length} trial${cell.length > 1 ? 's' : ''})` };
    const counts = [...new Set(found.flatMap(({ findings: ids }) => ids))].map(
      (id) => `${id} in ${found.filter((trial) => trial.findings.includes(id)).length}`,
    );
    return {
      fill: color.get(main)!,
      opacity: 0.35 + (0.65 * found.length) / cell.length,
      tip: `${counts.join(', ')} of ${cell.length}: ${found[0]!.worst}`,
    };
  };
  const keys = [
    { name: 'healthy', fill: 'var(--healthy)' },
    ...findings.map(({ id }) => ({ name: id, fill: color.get(id)! })),
  ];
  const legend = keys
    .slice(0, 12)
    .map(
      ({ name, fill }, i) =>
        element('rect', { x: 0, y: i * 20, width: 12, height: 12, rx: 3, fill }) +
        label(18, i * 20 + 10, name),
    )
    .join('');
  return grid(
    x,
    y,
    paint,
    lines,
    legend,
    'the most frequent finding of each cell; the fuller the colour, the more of its trials have one',
  );
}

interface Painted {
  readonly fill: string;
  readonly tip: string;
  readonly class?: string;
  readonly opacity?: number;
}

function grid(
  x: ReportAxis,
  y: ReportAxis,
  paint: (row: number, column: number) => Painted,
  lines: readonly TheoryLine[],
  legend: string,
  about: string,
): string {
  const [columns, rows] = [x.values.length, y.values.length];
  const [width, height] = [(WIDTH - LEFT) / columns, (HEIGHT - TOP - BOTTOM) / rows];
  const gap = columns * rows > 900 ? 0 : 1;
  let cells = '';
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const { fill, tip, class: kind, opacity } = paint(row, column);
      cells += element('rect', {
        x: LEFT + column * width,
        y: TOP + (rows - 1 - row) * height,
        width: Math.max(0.5, width - gap),
        height: Math.max(0.5, height - gap),
        rx: gap * Math.min(2, width / 8),
        fill,
        class: kind,
        'fill-opacity': opacity,
        'data-tip': `${x.label} = ${showAt(x, column)}, ${y.label} = ${showAt(y, row)}\n${tip}`,
      });
    }
  }
  const across = (value: number) => LEFT + (placeOf(x, value) + 0.5) * width - gap / 2;
  const up = (value: number) => TOP + (rows - placeOf(y, value) - 0.5) * height - gap / 2;
  const drawn = lines.map((line) => path(line, across, up)).join('');
  const bottom = HEIGHT - BOTTOM;
  const body = [
    element('g', { class: 'cells' }, cells),
    element('g', { 'clip-path': 'url(#plot)' }, drawn),
    ...ticksOf(x, columns, 11).map((i) =>
      label(LEFT + (i + 0.5) * width, bottom + 16, showAt(x, i), { class: 'tick', 'text-anchor': 'middle' }),
    ),
    ...ticksOf(y, rows, 12).map((i) =>
      label(LEFT - 8, TOP + (rows - i - 0.5) * height + 4, showAt(y, i), {
        class: 'tick',
        'text-anchor': 'end',
      }),
    ),
    label((LEFT + WIDTH) / 2, HEIGHT - 16, x.label, { class: 'axis', 'text-anchor': 'middle' }),
    label(16, (TOP + bottom) / 2, y.label, {
      class: 'axis',
      'text-anchor': 'middle',
      transform: `rotate(-90 16 ${(TOP + bottom) / 2})`,
    }),
    element('g', { transform: `translate(${WIDTH + 18} ${TOP})` }, legend),
    lineLegend(lines, bottom),
  ];
  const total = WIDTH + 18 + LEGEND + 50;
  return element(
    'svg',
    {
      viewBox: `0 0 ${total} ${HEIGHT}`,
      role: 'img',
      'aria-label': `${about}, over ${x.label} and ${y.label}`,
    },
    ...body,
  );
}

/** A line with a halo of the page's colour, so that it is seen on any cell. */
function path(
  { points, dashed, title }: TheoryLine,
  across: (x: number) => number,
  up: (y: number) => number,
): string {
  const d = points
    .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${across(x).toFixed(1)} ${up(y).toFixed(1)}`)
    .join('');
  const dash = dashed ? '6 5' : undefined;
  return (
    element('path', { d, class: 'halo' }) +
    element('path', { d, class: 'theory', 'stroke-dasharray': dash, 'data-tip': title })
  );
}

function lineLegend(lines: readonly TheoryLine[], bottom: number): string {
  return lines
    .map(({ title, dashed }, i) => {
      const y = bottom + 26 + i * 15;
      const words = title.length > 24 ? title.replace('theory: ', '') : title;
      return (
        element('path', {
          d: `M${WIDTH - 196} ${y}h26`,
          class: 'theory',
          'stroke-dasharray': dashed ? '6 5' : undefined,
        }) + label(WIDTH - 164, y + 4, words, { class: 'tick' })
      );
    })
    .join('');
}

/** Where a number lies among an axis' values, in cells: −0.5 is the left edge of the first. */
function placeOf(axis: ReportAxis, value: number): number {
  const at = axis.at!;
  const last = at.length - 1;
  let i = 0;
  while (i < last - 1 && at[i + 1]! < value) i++;
  return i + (value - at[i]!) / (at[i + 1]! - at[i]! || 1);
}

function showAt(axis: ReportAxis, i: number): string {
  return axis.at ? showNumber(Number(axis.at[i]!.toPrecision(3))) : showValue(axis.values[i]);
}

/** Indices worth a label: all, or evenly so many. */
function ticksOf(axis: ReportAxis, count: number, most: number): number[] {
  const step = axis.at ? Math.ceil(count / most) : Math.ceil(count / (2 * most));
  return Array.from({ length: count }, (_, i) => i).filter((i) => i % step === 0);
}

/** What all grids on a page refer to; written once, outside of what may be hidden. */
export function gridDefs(): string {
  const back = element('rect', { width: 6, height: 6, class: 'hatch-back' });
  const hatch = element(
    'pattern',
    { id: 'diverged', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    back,
    element('rect', { width: 2.5, height: 6, class: 'hatch' }),
  );
  const clip = element(
    'clipPath',
    { id: 'plot' },
    element('rect', { x: LEFT, y: TOP, width: WIDTH - LEFT, height: HEIGHT - BOTTOM - TOP }),
  );
  return element(
    'svg',
    { width: 0, height: 0, class: 'defs', 'aria-hidden': 'true' },
    element('defs', {}, hatch, clip),
  );
}

function gradientLegend(scale: ReturnType<typeof colorScale>, measure: Measure): string {
  const height = HEIGHT - TOP - BOTTOM - 30;
  const steps = scale.stops
    .map((color, i) =>
      element('rect', {
        x: 0,
        y: ((16 - i) / 17) * height,
        width: 14,
        height: height / 17 + 0.6,
        fill: color,
      }),
    )
    .join('');
  const ticks = scale.ticks
    .map((value) =>
      label(20, (1 - scale.place(value)) * height + 4, showNumber(Number(value.toPrecision(2))), {
        class: 'tick',
      }),
    )
    .join('');
  const ends =
    measure.kind === 'signed' ? label(0, height + 18, '− lost · + blown up', { class: 'tick' }) : '';
  return element(
    'g',
    { class: 'legend' },
    element('title', {}, escapeHtml(measure.about)),
    steps,
    ticks,
    ends,
  );
}
