import type { Sweep } from '@fuga/engine';
import { readdir } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { makeFolder, writeFileAtomic } from './atomicFile.js';
import {
  describeSweep,
  placeIn,
  readFolder,
  settledRecords,
  type ReadFolder,
  type SettledRecord,
} from './folder.js';
import { Journal } from './journal.js';
import { Ledger } from './ledger.js';
import { FolderLock } from './lock.js';
import { writeResultsCsv } from './resultsCsv.js';
import { exitCodes, explainWriteError, SweepError } from './sweepError.js';
import { resolveTrial } from './sweepFile.js';

/** What came of a merge. */
export interface MergeSummary {
  readonly format: 'fuga-merge-1';
  readonly out: string;
  readonly folders: number;
  readonly trials: number;
  readonly done: number;
  readonly failed: number;
  readonly missing: number;
  /** Trials that more than one folder had; they must agree, or be of kernels that are not exact. */
  readonly shared: number;
  readonly disagreeing: number;
}

/** Joins the folders of a sweep's shards into a new folder, which can be reported, exported, or gone on with. */
export async function mergeFolders(paths: readonly string[], out: string): Promise<MergeSummary> {
  const folders = await Promise.all(paths.map(readFolder));
  const [first] = folders;
  if (!first) throw new SweepError('expected the folders to merge', exitCodes.usage);
  for (const { hash, path, exact } of folders) {
    if (hash === first.hash) continue;
    const why =
      exact === first.exact
        ? 'they are not shards of the same sweep'
        : `only one of them was run with --exact`;
    throw new SweepError(`${path} and ${first.path} do not belong together: ${why}`, exitCodes.usage);
  }
  try {
    await makeFolder(out);
    if ((await readdir(out)).length > 0)
      throw new SweepError(`${out} is not empty; take another --out`, exitCodes.usage);
  } catch (error) {
    throw error instanceof SweepError ? error : explainWriteError(error, out);
  }
  const lock = await FolderLock.take(placeIn(out, 'lock'));
  try {
    return await join(folders, first, out);
  } finally {
    await lock.release();
  }
}

async function join(
  folders: readonly ReadFolder[],
  { sweep, hash, exact }: ReadFolder,
  out: string,
): Promise<MergeSummary> {
  await writeFileAtomic(placeIn(out, 'sweep'), describeSweep(sweep, hash, exact));
  const ledger = new Ledger();
  const sums = new Map<number, number>(); // trial → checksum of its row
  const { journal } = await Journal.open(placeIn(out, 'journal'));
  let [shared, disagreeing] = [0, 0];
  try {
    await journal.append({ kind: 'sweep', format: 'fuga-journal-1', sweep: hash, exact, name: sweep.name });
    for (const folder of folders) {
      let writing: Promise<void>[] = [];
      for await (const record of settledRecords(folder.path, folder.ledger)) {
        const { index, id, kind } = record;
        if (ledger.isSettled(index) && (kind === 'failed' || !ledger.isFailed(index))) {
          shared++;
          if (kind === 'done' && sums.get(index) !== sumOf(record)) disagreeing++;
          continue;
        }
        if (kind === 'done') sums.set(index, sumOf(record));
        writing.push(
          journal.append(record).then((place) => {
            ledger.note(index, id, kind, place);
          }),
        );
        if (writing.length < 256) continue;
        await Promise.all(writing);
        writing = [];
      }
      await Promise.all(writing);
    }
  } finally {
    await journal.close();
  }
  await writeResultsCsv(out, sweep, ledger);
  const { done, failed } = ledger;
  const [trials, missing] = await countMissing(sweep, ledger);
  return {
    format: 'fuga-merge-1',
    out,
    folders: folders.length,
    trials,
    done,
    failed,
    missing,
    shared,
    disagreeing,
  };
}

function sumOf(record: SettledRecord): number {
  return crc32(record.kind === 'done' ? JSON.stringify(record.row) : '');
}

/** Trials of the sweep, and how many of them neither are settled nor have the spec of one that is done. */
async function countMissing(sweep: Sweep, ledger: Ledger): Promise<[trials: number, missing: number]> {
  let [trials, missing] = [0, 0];
  for (const trial of sweep.trials()) {
    trials++;
    if (!ledger.isSettled(trial.index) && !ledger.hasId((await resolveTrial(trial)).id)) missing++;
  }
  return [trials, missing];
}
