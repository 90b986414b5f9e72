import type { Sweep } from '@fuga/engine';
import { writeFileAtomic } from './atomicFile.js';
import { placeIn, settledRecords, type SettledRecord } from './folder.js';
import type { Ledger } from './ledger.js';
import type { TrialRow } from './trialRow.js';

/** A column of a table of results: its name, and what a settled trial has in it. */
export interface Column {
  readonly name: string;
  readonly type: 'number' | 'text';
  readonly read: (record: SettledRecord) => unknown;
}

const rowOf = (record: SettledRecord): TrialRow | null =>
  record.kind === 'done' ? (record.row as TrialRow) : null;

/** The columns of a sweep's table: the trial, the values it differs in, and what came out. */
export function columnsOf(sweep: Sweep): Column[] {
  const measured: [string, Column['type'], (row: TrialRow) => unknown][] = [
    ['verdict', 'text', (row) => row.verdict],
    ['findings', 'text', (row) => row.findings.map(({ id }) => id).join(' ')],
    ['severity', 'number', (row) => row.findings.reduce((most, { severity }) => Math.max(most, severity), 0)],
    ['lossFirst', 'number', (row) => row.lossFirst],
    ['lossLast', 'number', (row) => row.lossLast],
    ['testLoss', 'number', (row) => row.testLoss],
    ['metricName', 'text', (row) => row.metric.id],
    ['metric', 'number', (row) => row.metric.value],
    ['gradientFactor', 'number', (row) => row.gradientFactor],
    ['gradientDecades', 'number', (row) => row.gradientDecades],
    ['forwardDecades', 'number', (row) => row.forwardDecades],
    ['steps', 'number', (row) => row.steps],
    ['stopped', 'text', (row) => row.stopped],
    ['parameters', 'number', (row) => row.parameters],
  ];
  return [
    { name: 'trial', type: 'number', read: ({ index }) => index },
    { name: 'id', type: 'text', read: ({ id }) => id },
    ...sweep.paths.map((path): Column => {
      const isNumber = isNumeric(sweep, path);
      return {
        name: path,
        type: isNumber ? 'number' : 'text',
        read: (record) => {
          const value = (record.values as Record<string, unknown>)[path];
          return value === undefined || isNumber || typeof value === 'string' ? value : JSON.stringify(value);
        },
      };
    }),
    { name: 'status', type: 'text', read: ({ kind }) => kind },
    ...measured.map(([name, type, read]): Column => {
      return {
        name,
        type,
        read: (record) => {
          const row = rowOf(record);
          return row && read(row);
        },
      };
    }),
    { name: 'reason', type: 'text', read: (record) => (record.kind === 'failed' ? record.reason : null) },
  ];
}

/** Whether all values of a path are numbers, looked up on its axes (at most a thousand of each). */
function isNumeric(sweep: Sweep, path: string): boolean {
  return sweep.valuesOf(path, 1000).every((value) => typeof value === 'number');
}

/** Writes results.csv: one row a settled trial, in the order of the sweep, equal bytes for equal results. */
export async function writeResultsCsv(folder: string, sweep: Sweep, ledger: Ledger): Promise<void> {
  await writeFileAtomic(placeIn(folder, 'results'), csvLines(sweep, settledRecords(folder, ledger)));
}

/** RFC 4180, header first. */
export async function* csvLines(
  sweep: Sweep,
  records: AsyncIterable<SettledRecord> | Iterable<SettledRecord>,
): AsyncGenerator<string, void, void> {
  const columns = columnsOf(sweep);
  let lines = `${columns.map(({ name }) => csvCell(name)).join(',')}\r\n`;
  for await (const record of records) {
    lines += `${columns.map(({ read }) => csvCell(read(record))).join(',')}\r\n`;
    if (lines.length < 65_536) continue;
    yield lines;
    lines = '';
  }
  yield lines;
}

/** Text that a spreadsheet would run as a formula gets an apostrophe in front. Numbers are numbers. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string')
    return typeof value === 'object' ? csvCell(JSON.stringify(value)) : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
