import { showNumber, showValue, type ReportAxis } from './axes.js';
import { categories } from './color.js';
import type { GatheredTrial, Measure } from './gather.js';
import { intervalOf, quartiles } from './statistics.js';
import { element, label, scaleOf, type Scale } from './svg.js';

const [LEFT, TOP, BOTTOM, WIDTH, HEIGHT, KEY] = [74, 14, 52, 620, 340, 170];
const MOST_SERIES = 8;

/** A point of a line, with the range that its value lies in. */
export interface Point {
  readonly x: number;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly tip: string;
}

/** A line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

/** How the gradient fares from the last layer back to the first: the median of each group, with its quartiles. */
export function flowChart(trials: readonly GatheredTrial[], group: ReportAxis): string {
  const series = groupsOf(trials, group).map(({ name, members }): Series => {
    const sites = Math.max(...members.map(({ flow }) => flow.length));
    const points: Point[] = [];
    for (let i = 0; i < sites; i++) {
      const q = quartiles(members.map(({ flow }) => flow[i] ?? NaN));
      if (q)
        points.push({
          x: i + 1,
          ...q,
          tip: `${name}, site ${i + 1}: 10^${showNumber(q.middle)} (${showNumber(q.low)} … ${showNumber(q.high)})`,
        });
    }
    return { name, points };
  });
  return lineChart(series, {
    x: 'site, from the input',
    y: 'log₁₀ rms of the gradient',
    group: group.label,
    log: false,
    whole: true,
  });
}

/** A measure along one axis, one line for each value of another: medians over repeats, with their interval. */
export function curveChart(
  trials: readonly GatheredTrial[],
  x: ReportAxis,
  group: ReportAxis | null,
  measure: Measure,
): string {
  const groups = group ? groupsOf(trials, group) : [{ name: measure.title, members: trials }];
  const series = groups.map(({ name, members }): Series => {
    const points = x.values.flatMap((value, i): Point[] => {
      const key = JSON.stringify(value);
      const interval = intervalOf(
        members
          .filter(({ values }) => JSON.stringify(values[x.path]) === key)
          .map(({ numbers }) => numbers[measure.id]!),
      );
      if (!interval) return [];
      const { low, middle, high, count } = interval;
      const range = count > 1 ? ` (${showNumber(low)} … ${showNumber(high)}, ${count} trials)` : '';
      return [
        {
          x: x.at![i]!,
          low,
          middle,
          high,
          tip: `${name}, ${x.label} = ${showNumber(x.at![i]!)}: ${showNumber(middle)}${range}`,
        },
      ];
    });
    return { name, points };
  });
  return lineChart(series, {
    x: x.label,
    y: measure.title.toLowerCase(),
    group: group?.label ?? '',
    log: x.scale === 'log',
    whole: false,
  });
}

function groupsOf(
  trials: readonly GatheredTrial[],
  group: ReportAxis,
): { name: string; members: GatheredTrial[] }[] {
  const step = Math.max(1, Math.ceil(group.values.length / MOST_SERIES));
  return group.values.flatMap((value, i) => {
    if (i % step !== 0) return [];
    const key = JSON.stringify(value);
    const members = trials.filter(({ values }) => JSON.stringify(values[group.path]) === key);
    return members.length === 0
      ? []
      : [{ name: group.at ? showNumber(Number(group.at[i]!.toPrecision(3))) : showValue(value), members }];
  });
}

/** Lines over one axis, each with its band, and a key to them. */
export function lineChart(
  series: readonly Series[],
  words: { x: string; y: string; group: string; log: boolean; whole: boolean },
): string {
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) return '';
  const xs = points.map((point) => point.x);
  const ys = points.flatMap(({ low, high }) => [low, high]);
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const room = 0.05 * (high - low || 1);
  const x = scaleOf(Math.min(...xs), Math.max(...xs), LEFT, WIDTH - 8, words.log ? 'log' : 'linear');
  const y = scaleOf(low - room, high + room, HEIGHT - BOTTOM, TOP);
  const ordered =
    series.length > 4 &&
    series.every(({ name }) => !Number.isNaN(Number(name.replace('−', '-').replaceAll(',', ''))));
  const drawn = series.map((each, i) => drawSeries(each, x, y, colorOf(i, series.length, ordered))).join('');
  const keys = series
    .map(({ name }, i) => {
      const color = colorOf(i, series.length, ordered);
      return (
        element('path', {
          d: `M0 ${20 + i * 20}h20`,
          stroke: color,
          'stroke-width': 3,
          'stroke-linecap': 'round',
        }) + label(28, 24 + i * 20, name)
      );
    })
    .join('');
  return element(
    'svg',
    { viewBox: `0 0 ${WIDTH + KEY} ${HEIGHT}`, role: 'img', 'aria-label': `${words.y} over ${words.x}` },
    frame(x, y, words),
    drawn,
    element(
      'g',
      { transform: `translate(${WIDTH + 18} ${TOP})` },
      label(0, 6, words.group, { class: 'axis' }),
      keys,
    ),
  );
}

/** Colours of kinds, or, where the groups are numbers, one ramp from dark to light. */
function colorOf(i: number, count: number, ordered: boolean): string {
  if (!ordered) return categories[i % categories.length]!;
  const share = count === 1 ? 0 : i / (count - 1);
  return `color-mix(in oklab, var(--ramp-low), var(--ramp-high) ${Math.round(100 * share)}%)`;
}

function drawSeries({ points }: Series, x: Scale, y: Scale, color: string): string {
  const at = (px: number, py: number) => `${x.place(px).toFixed(1)} ${y.place(py).toFixed(1)}`;
  const line = points.map((point, i) => `${i === 0 ? 'M' : 'L'}${at(point.x, point.middle)}`).join('');
  const band = `M${[...points.map((point) => at(point.x, point.high)), ...[...points].reverse().map((point) => at(point.x, point.low))].join('L')}Z`;
  const dots = points
    .map((point) =>
      element('circle', {
        cx: x.place(point.x),
        cy: y.place(point.middle),
        r: points.length > 24 ? 2 : 3.5,
        fill: color,
        'data-tip': point.tip,
      }),
    )
    .join('');
  return (
    element('path', { d: band, fill: color, 'fill-opacity': '0.15' }) +
    element('path', { d: line, fill: 'none', stroke: color, 'stroke-width': 2, 'stroke-linejoin': 'round' }) +
    dots
  );
}

function frame(x: Scale, y: Scale, words: { x: string; y: string; whole: boolean }): string {
  const bottom = HEIGHT - BOTTOM;
  const across = x.ticks
    .filter((tick) => !words.whole || Number.isInteger(tick))
    .map((tick) =>
      label(x.place(tick), bottom + 18, showNumber(tick), { class: 'tick', 'text-anchor': 'middle' }),
    );
  const up = y.ticks.map(
    (tick) =>
      element('path', { d: `M${LEFT} ${y.place(tick).toFixed(1)}H${WIDTH - 8}`, class: 'rule' }) +
      label(LEFT - 8, y.place(tick) + 4, showNumber(tick), { class: 'tick', 'text-anchor': 'end' }),
  );
  return [
    ...up,
    ...across,
    label((LEFT + WIDTH) / 2, HEIGHT - 10, words.x, { class: 'axis', 'text-anchor': 'middle' }),
    label(16, (TOP + bottom) / 2, words.y, {
      class: 'axis',
      'text-anchor': 'middle',
      transform: `rotate(-90 16 ${(TOP + bottom) / 2})`,
    }),
  ].join('');
}
