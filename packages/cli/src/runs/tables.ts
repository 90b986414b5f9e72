import { ParquetTable, probeIds, profile, type Trace } from '@fuga/engine';
import { join } from 'node:path';
import { writeFileAtomic } from '../sweep/atomicFile.js';
import { writing } from '../sweep/resultsParquet.js';
import { csvCell } from '../sweep/resultsCsv.js';
import { explainWriteError } from '../sweep/sweepError.js';

/** A table of what a run measured. */
interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: 'integer' | 'number' | 'text' }[];
  readonly rows: () => Iterable<readonly unknown[]>;
}

/**
 * A run's tables: `steps` has a row for every loss kept (with the learning rate and the gradient's norm where the step
 * was recorded, and the metric on unseen samples where it was taken), `sites` one for every site of every recorded
 * step, a column a probe.
 */
export function tablesOf(trace: Trace): Table[] {
  return [
    {
      name: 'steps',
      columns: [
        { name: 'step', type: 'integer' },
        { name: 'loss', type: 'number' },
        { name: 'lr', type: 'number' },
        { name: 'gradNorm', type: 'number' },
        { name: trace.metric.id, type: 'number' },
      ],
      rows: () => stepRows(trace),
    },
    {
      name: 'sites',
      columns: [
        { name: 'step', type: 'integer' },
        { name: 'site', type: 'text' },
        { name: 'type', type: 'text' },
        { name: 'depth', type: 'integer' },
        ...probeIds.map((name) => ({ name, type: 'number' as const })),
      ],
      rows: () => siteRows(trace),
    },
  ];
}

/** Step s is the state before the update s + 1; the metric of step s was taken after s updates. */
function* stepRows({ losses, lossEvery, records, metrics }: Trace): Generator<readonly unknown[]> {
  const steps = new Set(losses.map((_, i) => i * lossEvery));
  const recorded = new Map(records.map((record) => [record.step, record]));
  const scored = new Map(metrics.map(({ step, value }) => [step, value]));
  for (const step of [...recorded.keys(), ...scored.keys()]) steps.add(step);
  for (const step of [...steps].sort((a, b) => a - b)) {
    const record = recorded.get(step);
    const loss = step % lossEvery === 0 ? losses[step / lossEvery] : undefined;
    yield [step, loss ?? record?.loss, record?.lr, record?.gradNorm, scored.get(step)];
  }
}

function* siteRows(trace: Trace): Generator<readonly unknown[]> {
  for (const record of trace.records) {
    const columns = probeIds.map((probe) => profile(trace, probe, record));
    for (const [s, { name, type, depth }] of trace.sites.entries()) {
      yield [
        record.step,
        name,
        type,
        depth,
        ...columns.map((column) => (Number.isNaN(column[s]!) ? null : column[s]!)),
      ];
    }
  }
}

/** Writes a run's tables as CSV (RFC 4180) into `out`; gives their paths. */
export async function writeRunCsv(trace: Trace, out: string): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, columns, rows } of tablesOf(trace)) {
    const path = join(out, `${name}.csv`);
    const lines = function* () {
      yield `${columns.map((column) => csvCell(column.name)).join(',')}\r\n`;
      for (const row of rows()) yield `${row.map(csvCell).join(',')}\r\n`;
    };
    await writeFileAtomic(path, gathered(lines())).catch((error: unknown) => {
      throw explainWriteError(error, path);
    });
    paths.push(path);
  }
  return paths;
}

/** Lines joined into pieces of some size, so that no piece is a system call of its own. */
async function* gathered(lines: Iterable<string>): AsyncGenerator<string> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length < 65_536) continue;
    yield await Promise.resolve(piece);
    piece = '';
  }
  yield piece;
}

/** Writes a run's tables as Parquet into `out`; gives their paths. */
export async function writeRunParquet(trace: Trace, out: string): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, columns, rows } of tablesOf(trace)) {
    const path = join(out, `${name}.parquet`);
    await writing(path, (write) => {
      const table = new ParquetTable(columns, write);
      for (const row of rows()) table.add(row);
      table.finish();
      return Promise.resolve();
    });
    paths.push(path);
  }
  return paths;
}
