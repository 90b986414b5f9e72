import { writeSpec } from '@fuga/engine';
import { showSeconds } from '../display.js';
import type { ReadFolder } from '../folder.js';
import { toJson } from '../numbers.js';
import { nameTrial } from '../sweepFile.js';
import { showNumber, someSpec, type ReportAxis } from './axes.js';
import { curveChart, flowChart } from './charts.js';
import { gather, type Gathered, type Measure } from './gather.js';
import { findingsMap, gridDefs, heatmap } from './heatmap.js';
import { reportPage } from './page.js';
import { tableScript } from './script.js';
import { element, escapeHtml } from './svg.js';
import { tabs, type Tab } from './tabs.js';
import { theoryLines } from './theoryLines.js';

/** Rows that the table of a report holds; the rest is in results.csv. */
const MOST_ROWS = 20_000;
const MOST_PAIRS = 3;

/** A sweep's report; see `reportPage`. */
export async function buildReport(folder: ReadFolder): Promise<string> {
  const gathered = await gather(folder);
  const { sweep } = folder;
  const spec = someSpec(sweep);
  const sections = [
    phaseSection(folder, gathered),
    flowSection(gathered),
    curveSection(gathered),
    tableSection(gathered),
    failedSection(gathered),
  ];
  const text = spec ? writeSpec(spec) : '';
  return reportPage({
    title: sweep.name,
    headline: headline(folder, gathered),
    facts: facts(folder, gathered),
    sections: [
      ...sections,
      `<section><h2>The sweep</h2><p class="soft">Every trial is this spec with the values of its row set in it.</p><pre class="scroll">${escapeHtml(text)}</pre></section>`,
    ],
    before: gridDefs(),
    after: `<dialog id="spec"><h2 id="spec-title"></h2><pre id="spec-text"></pre><p class="soft">Save it, then: <code id="spec-command"></code></p><div class="tools"><a id="spec-link" href="#">Save the spec</a><button id="spec-close" type="button">Close</button></div></dialog>
<script type="application/json" id="data">${embedded(folder, gathered)}</script>
<script>${tableScript}</script>`,
  });
}

function headline({ hash, exact, path }: ReadFolder, { trials }: Gathered): string {
  const seconds = trials.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  return `sweep ${hash}${exact ? ', bit-reproducible kernels' : ''} · ${showSeconds(seconds)} of computing · folder ${path}`;
}

function facts({ sweep }: ReadFolder, { trials, failed, measures, findings }: Gathered): [string, string][] {
  const sick = trials.filter(({ verdict }) => verdict === 'unhealthy').length;
  const metric = measures.find(({ id }) => id === 'metric');
  const diverged = trials.filter(({ stopped }) => stopped !== null).length;
  const items: [string, string][] = [
    [trials.length.toLocaleString('en'), `of ${sweep.count().toLocaleString('en')} trials done`],
    [trials.length === 0 ? '–' : `${Math.round((100 * sick) / trials.length)} %`, 'have a disease'],
  ];
  if (findings[0])
    items.push([findings[0].id, `the most frequent finding, in ${findings[0].count.toLocaleString('en')}`]);
  const best =
    metric &&
    bestOf(
      metric,
      trials.map(({ numbers }) => numbers[metric.id]!),
    );
  if (metric && best !== undefined) items.push([showNumber(best), `best ${metric.title.toLowerCase()}`]);
  if (diverged > 0) items.push([diverged.toLocaleString('en'), 'stopped at a loss that was not finite']);
  if (failed.length > 0) items.push([failed.length.toLocaleString('en'), 'failed']);
  return items;
}

function bestOf({ kind }: Measure, values: readonly number[]): number | undefined {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return undefined;
  return kind === 'low' ? Math.min(...finite) : Math.max(...finite);
}

/** Phase diagrams over the most telling pairs of axes, one tab for each measure, and one for the findings. */
function phaseSection({ sweep }: ReadFolder, { axes, measures, trials, findings }: Gathered): string {
  return pairsOf(axes)
    .map(([x, y], i) => {
      const lines = theoryLines(sweep, x, y);
      const maps: Tab[] = measures.map((measure) => ({
        title: measure.title,
        about: about(measure),
        body: heatmap(
          trials,
          x,
          y,
          measure,
          measure.kind === 'signed' || measure.id === 'severity' ? lines : [],
        ),
      }));
      if (findings.length > 0)
        maps.push({
          title: 'Findings',
          about:
            'the most frequent finding of each cell; the fuller its colour, the more of the trials have one',
          body: findingsMap(trials, x, y, findings, lines),
        });
      return `<section><h2>${richLabel(x)} × ${richLabel(y)}</h2>${tabs(`phase${i}`, maps)}</section>`;
    })
    .join('\n');
}

/** Pairs for phase diagrams: those of which the theory says something first, then numbers before words. */
function pairsOf(axes: readonly ReportAxis[]): [ReportAxis, ReportAxis][] {
  const pairs: { pair: [ReportAxis, ReportAxis]; rank: number }[] = [];
  axes.forEach((a, i) => {
    for (const b of axes.slice(i + 1)) {
      const [x, y] = a.at === null && b.at !== null ? [b, a] : [a, b];
      if (x.values.length > 256 || y.values.length > 256) continue;
      const rank =
        Number(x.meaning !== null) +
        Number(y.meaning !== null) +
        Number(x.at !== null) +
        Number(y.at !== null);
      pairs.push({ pair: [x, y], rank });
    }
  });
  return pairs
    .sort((a, b) => b.rank - a.rank)
    .slice(0, MOST_PAIRS)
    .map(({ pair }) => pair);
}

function flowSection({ axes, trials }: Gathered): string {
  const all = axes
    .filter(({ values }) => values.length <= 64)
    .map((axis): Tab => ({
      title: `by ${plainLabel(axis)}`,
      about:
        'rms of ∂L/∂a at every outermost site at initialisation: median and quartiles over the trials of a group',
      body: flowChart(trials, axis),
    }));
  const drawn = all.filter(({ body }) => body !== '');
  return drawn.length === 0 ? '' : `<section><h2>Gradient flow by depth</h2>${tabs('flow', drawn)}</section>`;
}

function curveSection({ axes, measures, trials }: Gathered): string {
  const all = axes
    .filter(({ at }) => at !== null)
    .slice(0, 3)
    .flatMap((x) => {
      const group = axes.find((axis) => axis !== x && axis.values.length <= 32) ?? null;
      return measures
        .filter(({ id }) => id === 'gradientDecades' || id === 'metric' || id === 'lossLast')
        .map((measure): Tab => ({
          title: `${measure.title} by ${plainLabel(x)}`,
          about: `${about(measure)}; medians, with the range over fewer than six trials, else the 95 % bootstrap interval of the median`,
          body: curveChart(trials, x, group, measure),
        }));
    })
    .filter(({ body }) => body !== '');
  return all.length === 0 ? '' : `<section><h2>Curves over seeds</h2>${tabs('curves', all)}</section>`;
}

function about({ title, about: words }: Measure): string {
  return `${title}: ${words}`;
}

function plainLabel({ label }: ReportAxis): string {
  return label.replace('σ_w²', 'weights’ σ²').replace('σ_b²', 'biases’ σ²');
}

/** A label as HTML: σ_w² with its index as one. */
function richLabel({ label }: ReportAxis): string {
  return escapeHtml(label).replace(/_(\w)/, '<sub>$1</sub>');
}

function tableSection({ trials }: Gathered): string {
  const cut =
    trials.length > MOST_ROWS
      ? ` The table holds the first ${MOST_ROWS.toLocaleString('en')}; all are in results.csv.`
      : '';
  return `<section><h2>Trials</h2><p class="soft">Click a column to sort. Filter by words, or by a column: <code>seed=1 metric&gt;0.9</code>.${cut}</p>
<div class="tools"><input id="filter" type="search" placeholder="Filter" aria-label="Filter"><select id="verdict" aria-label="Verdict"><option value="">all verdicts</option><option>healthy</option><option>unhealthy</option></select><span id="count" class="soft"></span></div>
<div class="scroll"><table><thead><tr id="head"></tr></thead><tbody id="body"></tbody></table></div>
<div class="tools"><button id="more" type="button" hidden>Show more</button></div></section>`;
}

function failedSection({ failed }: Gathered): string {
  if (failed.length === 0) return '';
  const items = failed
    .slice(0, 100)
    .map((trial) => element('li', {}, escapeHtml(`${nameTrial(trial)}: ${trial.reason}`)));
  return `<section><h2>Failed</h2><ul>${items.join('')}</ul></section>`;
}

/** The table's data and the base spec, as JSON that cannot end its element. */
function embedded({ sweep }: ReadFolder, { trials, measures }: Gathered): string {
  const numeric = (path: string) => sweep.valuesOf(path, 1000).every((value) => typeof value === 'number');
  const columns = [
    { name: 'trial', label: 'trial', number: true },
    ...sweep.paths.map((path) => ({
      name: path,
      label: path.slice(path.lastIndexOf('.') + 1),
      number: numeric(path),
      axis: true,
    })),
    { name: 'verdict', label: 'verdict', number: false },
    { name: 'findings', label: 'findings', number: false },
    ...measures.map(({ id, title }) => ({ name: id, label: title.toLowerCase(), number: true })),
    { name: 'worst', label: 'in words', number: false },
    { name: 'id', label: 'id', number: false },
  ];
  const rows = trials
    .slice(0, MOST_ROWS)
    .map(({ index, values, verdict, findings, numbers, worst, id }) => [
      index,
      ...sweep.paths.map((path) => values[path] ?? null),
      verdict,
      findings.join(' '),
      ...measures.map((measure) => numbers[measure.id]!),
      worst,
      id,
    ]);
  return toJson({ base: sweep.base, columns, rows }).replaceAll('<', '\\u003c');
}
