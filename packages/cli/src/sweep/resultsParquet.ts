import { ParquetTable, type Sweep } from '@fuga/engine';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { settledRecords } from './folder.js';
import type { Ledger } from './ledger.js';
import { columnsOf } from './resultsCsv.js';
import { explainWriteError } from './sweepError.js';
import type { TrialRow } from './trialRow.js';

/** Writes the table of trials as Parquet: the columns of results.csv, typed. */
export async function writeTrialsParquet(
  path: string,
  folder: string,
  sweep: Sweep,
  ledger: Ledger,
): Promise<void> {
  const columns = columnsOf(sweep);
  await writing(path, async (write) => {
    const table = new ParquetTable(columns, write);
    for await (const record of settledRecords(folder, ledger))
      table.add(columns.map(({ read }) => read(record)));
    table.finish();
  });
}

/** Writes the table of sites: one row for each outermost site of each trial, first to last. */
export async function writeSitesParquet(path: string, folder: string, ledger: Ledger): Promise<void> {
  await writing(path, async (write) => {
    const table = new ParquetTable(
      [
        { name: 'trial', type: 'integer' },
        { name: 'id', type: 'text' },
        { name: 'depth', type: 'integer' },
        { name: 'gradientRms', type: 'number' },
        { name: 'activationRms', type: 'number' },
        { name: 'gradientRmsLast', type: 'number' },
      ],
      write,
    );
    for await (const record of settledRecords(folder, ledger)) {
      if (record.kind !== 'done') continue;
      const { gradient, activation, gradientLast } = (record.row as TrialRow).flow;
      gradient.forEach((value, i) => {
        table.add([record.index, record.id, i + 1, value, activation[i], gradientLast[i]]);
      });
    }
    table.finish();
  });
}

/** Writes a file bit by bit; it is there whole, or not at all. */
export async function writing(
  path: string,
  fill: (write: (bytes: Uint8Array) => void) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'w');
    try {
      await fill((bytes) => {
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      });
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw (error as NodeJS.ErrnoException).code === undefined ? error : explainWriteError(error, path);
  }
}
