import { profile, type Trace, type TraceRecord } from '@fuga/engine';
import { reportPage } from '../sweep/report/page.js';
import { showNumber } from '../sweep/report/axes.js';
import { lineChart, type Point, type Series } from '../sweep/report/charts.js';
import { colorScale } from '../sweep/report/color.js';
import { element, escapeHtml, label } from '../sweep/report/svg.js';
import type { FinishedRun } from './readRun.js';

/** Most points of a curve, most rows and columns of the heat map. */
const [MOST_POINTS, MOST_ROWS, MOST_COLUMNS] = [240, 200, 120];

/** A run's report: one HTML file with what ails the network, its loss, and the gradient by site and step. */
export function buildRunReport(run: FinishedRun): string {
  const { name, trace, path, spec } = run;
  return reportPage({
    title: name,
    headline: `${trace.parameters.toLocaleString('en')} parameters · ${trace.sites.length.toLocaleString('en')} sites · ${trace.steps.toLocaleString('en')} steps · folder ${path}`,
    facts: factsOf(run),
    sections: [
      findingsSection(run),
      section('Loss', 'of each training batch', lossChart(trace)),
      ...scoreSection(trace),
      section(
        'Gradient by site',
        'rms of ∂L/∂a, at the first and at the last recorded step',
        flowChart(trace),
      ),
      section(
        'Gradient, site by step',
        'log₁₀ rms; sites from the input down, steps to the right',
        heat(trace),
      ),
      tableSection(trace),
      `<section><h2>The spec</h2><pre class="scroll">${escapeHtml(spec)}</pre></section>`,
    ],
  });
}

function section(title: string, about: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2><p class="soft">${escapeHtml(about)}</p><figure>${body}</figure></section>`;
}

function factsOf({ trace, end }: FinishedRun): [string, string][] {
  const [first, last] = [trace.losses[0], trace.losses.at(-1)];
  const score = end?.metric ?? trace.metrics.at(-1)?.value;
  return [
    ...(end?.verdict ? [[end.verdict, 'verdict'] as [string, string]] : []),
    ...(score === undefined ? [] : [[showNumber(score), trace.metric.title] as [string, string]]),
    ...(first === undefined || last === undefined
      ? []
      : [[`${showNumber(first)} → ${showNumber(last)}`, 'loss'] as [string, string]]),
    ...(end === null || end.reason === 'done'
      ? []
      : [[end.reason === 'interrupted' ? 'interrupted' : 'not finite', 'how it ended'] as [string, string]]),
  ];
}

function findingsSection({ end }: FinishedRun): string {
  if (!end?.verdict) return '';
  const findings = end.findings ?? [];
  const items = findings.map(
    ({ id, severity, sites, message, cause }) =>
      `<p><b>${escapeHtml(id)}</b> <span class="soft">severity ${Math.round(100 * severity)} %${sites.length > 0 ? `, at ${escapeHtml(sites.slice(0, 4).join(', '))}` : ''}</span><br>${escapeHtml(message)} ${escapeHtml(cause.detail)}</p>`,
  );
  return `<section><h2>Findings</h2>${items.join('') || '<p class="soft">None: the network is healthy.</p>'}</section>`;
}

function curve(name: string, points: readonly (readonly [x: number, y: number])[], unit: string): Series {
  const finite = points.filter(([, y]) => Number.isFinite(y));
  const step = Math.max(1, finite.length / MOST_POINTS);
  const shown = Array.from(
    { length: Math.min(finite.length, MOST_POINTS) },
    (_, i) => finite[Math.min(finite.length - 1, Math.round(i * step))]!,
  );
  return {
    name,
    points: shown.map(([x, y]): Point => ({
      x,
      low: y,
      middle: y,
      high: y,
      tip: `${unit} ${x}: ${showNumber(y)}`,
    })),
  };
}

function lossChart({ losses, lossEvery }: Trace): string {
  const points = losses.map((loss, i) => [i * lossEvery, loss] as const);
  return lineChart([curve('training', points, 'step')], {
    x: 'step',
    y: 'loss',
    group: '',
    log: false,
    whole: true,
  });
}

function scoreSection({ metrics, metric }: Trace): string[] {
  if (metrics.length < 2) return [];
  const points = metrics.map(({ step, value }) => [step, value] as const);
  const words = { x: 'step', y: metric.title, group: '', log: false, whole: true };
  return [
    section(
      'Score',
      `${metric.title} on unseen samples`,
      lineChart([curve('unseen', points, 'step')], words),
    ),
  ];
}

/** The outermost sites, first to last. */
function outer({ sites }: Trace): number[] {
  return sites.flatMap(({ parent }, s) => (parent === null ? [s] : []));
}

function flowChart(trace: Trace): string {
  const sites = outer(trace);
  const at = (record: TraceRecord) => {
    const values = profile(trace, 'gradientRms', record);
    const points = sites.map((s, i) => [i + 1, Math.log10(values[s]!)] as const);
    return curve(`step ${record.step}`, points, 'site');
  };
  const [first, last] = [trace.records[0], trace.records.at(-1)];
  const series = [first, last === first ? undefined : last].flatMap((record) => (record ? [at(record)] : []));
  return lineChart(series, {
    x: 'site, from the input',
    y: 'log₁₀ rms of the gradient',
    group: '',
    log: false,
    whole: true,
  });
}

/** So many places, evenly taken. */
function thinned<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, i) => values[Math.round((i * (values.length - 1)) / (most - 1))]!);
}

function heat(trace: Trace): string {
  const sites = thinned(outer(trace), MOST_ROWS);
  const records = thinned(trace.records, MOST_COLUMNS);
  const columns = records.map((record) => profile(trace, 'gradientRms', record));
  const all = columns.flatMap((column) => sites.map((s) => column[s]!));
  const scale = colorScale(all, 'high', true);
  const [left, width, row] = [110, 700, Math.max(3, Math.min(18, 420 / sites.length))];
  const cell = width / Math.max(1, records.length);
  const cells = columns.flatMap((column, c) =>
    sites.map((s, r) => {
      const value = column[s]!;
      const drawn = value > 0 && Number.isFinite(value);
      return element('rect', {
        x: left + c * cell,
        y: r * row,
        width: cell + 0.3,
        height: row + 0.3,
        fill: drawn ? scale.color(value) : 'var(--hatch-back)',
        'data-tip': `${trace.sites[s]!.name}, step ${records[c]!.step}: ${drawn ? value.toExponential(1) : String(value)}`,
      });
    }),
  );
  const every = Math.max(1, Math.ceil(14 / row));
  const names = sites.flatMap((s, r) =>
    r % every === 0
      ? [
          label(left - 8, r * row + row / 2 + 4, trace.sites[s]!.name, {
            class: 'tick',
            'text-anchor': 'end',
          }),
        ]
      : [],
  );
  const bottom = sites.length * row;
  const [from, to] = [records[0]?.step ?? 0, records.at(-1)?.step ?? 0];
  return element(
    'svg',
    {
      viewBox: `0 0 ${left + width + 10} ${bottom + 26}`,
      role: 'img',
      'aria-label': 'gradient by site and step',
    },
    element('g', { class: 'cells' }, ...cells),
    ...names,
    label(left, bottom + 18, `step ${from}`, { class: 'tick' }),
    label(left + width, bottom + 18, `step ${to}`, { class: 'tick', 'text-anchor': 'end' }),
  );
}

const shownProbes = [
  'gradientRms',
  'activationRms',
  'saturated',
  'dead',
  'updateRatio',
  'totalFactor',
] as const;

function tableSection(trace: Trace): string {
  const last = trace.records.at(-1);
  if (!last) return '';
  const columns = shownProbes.map((probe) => profile(trace, probe, last));
  const cells = trace.sites.map(
    ({ name }, s) =>
      `<tr><td>${escapeHtml(name)}</td>${columns.map((column) => `<td class="number">${Number.isNaN(column[s]!) ? '' : escapeHtml(showNumber(column[s]!))}</td>`).join('')}</tr>`,
  );
  const head = ['site', 'gradient rms', 'activation rms', 'saturated', 'dead', 'update : weight', 'factor'];
  return `<section><h2>Sites at step ${last.step}</h2><div class="scroll"><table><thead><tr>${head.map((text, i) => `<th${i > 0 ? ' class="number"' : ''}>${escapeHtml(text)}</th>`).join('')}</tr></thead><tbody>${cells.join('')}</tbody></table></div></section>`;
}
