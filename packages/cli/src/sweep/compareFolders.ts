import { parseSpec, profile, readTrace, type ProbeId, type Trace } from '@fuga/engine';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFolder, settledRecords } from './folder.js';
import { canonicalJson } from './hash.js';
import { keptFiles } from './keep.js';
import { intervalOf, median } from './report/statistics.js';
import { exitCodes, SweepError } from './sweepError.js';
import type { TrialRow } from './trialRow.js';

/** A number of both sides. For sweeps: medians over the pairs, and the difference B − A with its interval. */
export interface ComparedMeasure {
  readonly name: string;
  readonly a: number;
  readonly b: number;
  readonly difference: { readonly low: number; readonly middle: number; readonly high: number };
  /** Pairs in which B is larger, and in which A is. */
  readonly larger: { readonly a: number; readonly b: number };
}

/** Two folders side by side. */
export interface FolderComparison {
  readonly format: 'fuga-compare-folders-1';
  readonly kind: 'runs' | 'sweeps';
  readonly a: string;
  readonly b: string;
  /** Where the specs differ. */
  readonly differences: readonly { readonly path: string; readonly a: unknown; readonly b: unknown }[];
  /** Trials that both have (with the same values); 1 for runs. */
  readonly pairs: number;
  readonly measures: readonly ComparedMeasure[];
}

/** Whether a path leads to a folder. */
export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** Compares two folders of "fuga train", or two of "fuga sweep": trials with the same values are pairs. */
export async function compareFolders(a: string, b: string): Promise<FolderComparison> {
  const [isRunA, isRunB] = await Promise.all([a, b].map((path) => exists(join(path, keptFiles.trace))));
  if (isRunA !== isRunB)
    throw new SweepError(
      'one folder holds a run, the other does not: compare two runs or two sweeps',
      exitCodes.usage,
    );
  return isRunA ? compareRuns(a, b) : compareSweeps(a, b);
}

async function compareRuns(a: string, b: string): Promise<FolderComparison> {
  const [left, right] = await Promise.all(
    [a, b].map(async (path) => ({
      spec: await readKeptSpec(path),
      numbers: numbersOf(readTrace(await readFile(join(path, keptFiles.trace), 'utf8'))),
    })),
  );
  const measures = Object.keys(left!.numbers).map((name) =>
    compared(name, [[left!.numbers[name]!, right!.numbers[name] ?? NaN]]),
  );
  return {
    format: 'fuga-compare-folders-1',
    kind: 'runs',
    a,
    b,
    differences: differencesOf(left!.spec, right!.spec),
    pairs: 1,
    measures,
  };
}

/** What a trace says in few numbers. */
function numbersOf(trace: Trace): Record<string, number> {
  const { records, losses, metrics, metric, steps } = trace;
  const [first, last] = [records[0], records.at(-1)];
  const outer = trace.sites.flatMap(({ parent }, s) => (parent === null ? [s] : []));
  const decades = (probe: ProbeId, record: Trace['records'][number] | undefined): number => {
    if (!record || outer.length < 3) return NaN;
    const values = profile(trace, probe, record);
    return Math.log10(values[outer[0]!]! / values[outer.at(-2)!]!);
  };
  return {
    steps,
    'loss, first': losses[0] ?? NaN,
    'loss, last': losses.at(-1) ?? NaN,
    [`test ${metric.id}`]: metrics.at(-1)?.value ?? NaN,
    'gradient decades, at first': decades('gradientRms', first),
    'gradient decades, at last': decades('gradientRms', last),
    'signal decades, at first': -decades('activationRms', first),
    'gradient norm, at first': first?.gradNorm ?? NaN,
    'gradient norm, at last': last?.gradNorm ?? NaN,
  };
}

async function compareSweeps(a: string, b: string): Promise<FolderComparison> {
  const [left, right] = await Promise.all([readFolder(a), readFolder(b)]);
  const rows = new Map<string, TrialRow>();
  for await (const record of settledRecords(a, left.ledger))
    if (record.kind === 'done') rows.set(canonicalJson(record.values), record.row as TrialRow);
  const pairs: [TrialRow, TrialRow][] = [];
  for await (const record of settledRecords(b, right.ledger)) {
    const twin = record.kind === 'done' ? rows.get(canonicalJson(record.values)) : undefined;
    if (twin) pairs.push([twin, (record as { row: TrialRow }).row]);
  }
  if (pairs.length === 0)
    throw new SweepError(`${a} and ${b} have no trials with the same values`, exitCodes.usage);
  const metric = pairs[0]![0].metric.id;
  const reads: [string, (row: TrialRow) => number][] = [
    [`test ${metric}`, (row) => row.metric.value],
    ['loss, last', (row) => row.lossLast],
    ['test loss', (row) => row.testLoss],
    ['gradient decades', (row) => row.gradientDecades],
    ['signal decades', (row) => row.forwardDecades],
    ['healthy', (row) => Number(row.verdict === 'healthy')],
  ];
  const measures = reads.map(([name, read]) =>
    compared(
      name,
      pairs.map(([x, y]) => [read(x), read(y)]),
    ),
  );
  return {
    format: 'fuga-compare-folders-1',
    kind: 'sweeps',
    a,
    b,
    differences: differencesOf(left.sweep.plain, right.sweep.plain),
    pairs: pairs.length,
    measures,
  };
}

function compared(name: string, pairs: readonly (readonly [number, number])[]): ComparedMeasure {
  const both = pairs.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const difference = intervalOf(both.map(([x, y]) => y - x)) ?? { low: NaN, middle: NaN, high: NaN };
  const { low, middle, high } = difference;
  return {
    name,
    a: median(pairs.map(([x]) => x)),
    b: median(pairs.map(([, y]) => y)),
    difference: { low, middle, high },
    larger: { a: both.filter(([x, y]) => x > y).length, b: both.filter(([x, y]) => y > x).length },
  };
}

/** Paths at which two specs differ, innermost. */
function differencesOf(
  a: unknown,
  b: unknown,
  path: readonly string[] = [],
): FolderComparison['differences'] {
  if (canonicalJson(a ?? null) === canonicalJson(b ?? null)) return [];
  const open = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null;
  if (!open(a) || !open(b) || Array.isArray(a) !== Array.isArray(b))
    return [{ path: path.join('.'), a: a ?? null, b: b ?? null }];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differencesOf(a[key], b[key], [...path, key]));
}

async function readKeptSpec(path: string): Promise<unknown> {
  for (const name of ['spec.yaml', keptFiles.spec]) {
    const file = join(path, name);
    if (await exists(file)) return parseSpec(await readFile(file, 'utf8'));
  }
  return {};
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The comparison as text for a terminal. */
export function showComparison({ kind, a, b, differences, pairs, measures }: FolderComparison): string {
  const show = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '–');
  const rows = measures.map(({ name, a: x, b: y, difference: { low, middle, high }, larger }) => [
    name,
    show(x),
    show(y),
    show(middle),
    ...(pairs > 1 ? [`${show(low)} … ${show(high)}`, `${larger.b} of ${pairs}`] : []),
  ]);
  const head = ['', 'A', 'B', 'B − A', ...(pairs > 1 ? ['interval', 'B larger'] : [])];
  const widths = head.map((_, c) => Math.max(...[head, ...rows].map((row) => row[c]!.length)));
  const table = [head, ...rows].map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('  ')
      .trimEnd(),
  );
  const changed = differences
    .slice(0, 20)
    .map(({ path, a: x, b: y }) => `  ${path}: ${JSON.stringify(x)} → ${JSON.stringify(y)}`);
  return [
    `A ${a}`,
    `B ${b}`,
    ...(changed.length > 0 ? ['', 'B differs in', ...changed] : ['', 'the specs are the same']),
    '',
    ...table,
    ...(kind === 'sweeps' && pairs > 1
      ? [
          '',
          `medians over ${pairs} pairs of trials with the same values; interval: range below six pairs, else 95 % bootstrap`,
        ]
      : []),
    '',
  ].join('\n');
}
