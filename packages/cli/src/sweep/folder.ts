import { readSweep, type Sweep } from '@fuga/engine';
import { open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from './atomicFile.js';
import { decodeRecord, Journal, scanJournal, type JournalRecord } from './journal.js';
import { Ledger } from './ledger.js';
import { FolderLock } from './lock.js';
import { exitCodes, explainWriteError, SweepError } from './sweepError.js';
import { sweepHash, type LoadedSweep } from './sweepFile.js';

/** A settled trial as the journal has it. */
export type SettledRecord = Extract<JournalRecord, { kind: 'done' | 'failed' }>;

const places = {
  sweep: 'sweep.json',
  journal: 'journal.jsonl',
  lock: 'lock',
  results: 'results.csv',
  checkpoints: 'checkpoints',
  trials: 'trials',
} as const;

/** Path of a part of a sweep's folder. */
export function placeIn(folder: string, part: keyof typeof places): string {
  return join(folder, places[part]);
}

/** A sweep's folder, opened to be written: locked, and its journal read. */
export interface OpenFolder {
  readonly path: string;
  readonly lock: FolderLock;
  readonly journal: Journal;
  readonly ledger: Ledger;
  /** A trial that was done before, if any was. */
  readonly firstDone: { readonly index: number; readonly id: string } | null;
  /** Ids of trials that have saved themselves half-way. */
  readonly checkpoints: ReadonlySet<string>;
  /** What was found wrong and could be mended, in words. */
  readonly warnings: readonly string[];
}

/**
 * Opens a folder for a sweep. A folder that holds a sweep is opened to go on with it (`resume`), and only with the
 * same sweep.
 */
export async function openFolder(
  path: string,
  { sweep, hash }: LoadedSweep,
  exact: boolean,
  resume: boolean,
): Promise<OpenFolder> {
  try {
    await makeFolder(path);
  } catch (error) {
    throw explainWriteError(error, path);
  }
  const lock = await FolderLock.take(placeIn(path, 'lock'));
  try {
    await refuseStranger(path, sweep, hash, exact, resume);
    try {
      await writeFileAtomic(placeIn(path, 'sweep'), describeSweep(sweep, hash, exact));
    } catch (error) {
      throw explainWriteError(error, placeIn(path, 'sweep'));
    }
    const ledger = new Ledger();
    let firstDone: OpenFolder['firstDone'] = null;
    const { journal, scan } = await Journal.open(placeIn(path, 'journal'), (line) => {
      ledger.read(line);
      if (line.kind === 'done') firstDone ??= { index: line.index, id: line.id };
    });
    try {
      const header: JournalRecord = {
        kind: 'sweep',
        format: 'fuga-journal-1',
        sweep: hash,
        exact,
        name: sweep.name,
      };
      if (!ledger.header) await journal.append(header);
      else refuseOther(decodeRecord(ledger.header.text), hash, exact, path);
    } catch (error) {
      await journal.close();
      throw error;
    }
    const warnings: string[] = [];
    if (scan.size > scan.end)
      warnings.push(
        `the journal's last line was torn by a crash (${scan.size - scan.end} bytes): cut off, its trial runs again`,
      );
    if (scan.damaged > 0)
      warnings.push(
        `${scan.damaged} damaged line${scan.damaged > 1 ? 's' : ''} in the journal passed over; the trials run again`,
      );
    const saved = await readdir(placeIn(path, 'checkpoints')).catch(() => []);
    const checkpoints = new Set(saved.map((name) => name.replace(/\.checkpoint$/, '')));
    return { path, lock, journal, ledger, firstDone, checkpoints, warnings };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A sweep's folder as others left it, for readers: nothing is written, nothing locked. */
export interface ReadFolder {
  readonly path: string;
  readonly sweep: Sweep;
  readonly hash: string;
  readonly exact: boolean;
  readonly ledger: Ledger;
}

/** Opens a folder to read what is finished, while a sweep runs in it or after. */
export async function readFolder(path: string): Promise<ReadFolder> {
  const found = await readDescription(path);
  if (!found)
    throw new SweepError(
      `${path} holds no sweep: it has no ${places.sweep} (make one with "fuga sweep SWEEP --out ${path}")`,
      exitCodes.usage,
    );
  const ledger = new Ledger();
  try {
    await scanJournal(placeIn(path, 'journal'), (line) => {
      ledger.read(line);
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return {
    path,
    sweep: readSweep({ fugaSweep: 1, name: found.name, ...found.spec }),
    hash: found.hash,
    exact: found.exact,
    ledger,
  };
}

/** The settled trials of a folder, in the order of the sweep, one at a time: none is held in memory. */
export async function* settledRecords(
  path: string,
  ledger: Ledger,
): AsyncGenerator<SettledRecord, void, void> {
  let file: FileHandle | null = null;
  try {
    for (const { offset, bytes } of ledger.places()) {
      file ??= await open(placeIn(path, 'journal'), 'r');
      const buffer = Buffer.allocUnsafe(bytes);
      await file.read(buffer, 0, bytes, offset);
      yield decodeRecord(buffer.toString('utf8')) as SettledRecord;
    }
  } finally {
    await file?.close();
  }
}

interface Description {
  readonly format: 'fuga-sweep-1';
  readonly hash: string;
  readonly name: string;
  readonly exact: boolean;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The text of sweep.json: the sweep with its base, whole, so that the folder can be read without the files it came from. */
export function describeSweep(sweep: Sweep, hash: string, exact: boolean): string {
  const description: Description = {
    format: 'fuga-sweep-1',
    hash,
    name: sweep.name,
    exact,
    spec: sweep.plain,
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}

async function readDescription(path: string): Promise<Description | null> {
  let text: string;
  try {
    text = await readFile(placeIn(path, 'sweep'), 'utf8');
  } catch {
    return null;
  }
  try {
    const found = JSON.parse(text) as Description;
    if (found.format === 'fuga-sweep-1') return found;
  } catch {
    // Not ours, then.
  }
  throw new SweepError(
    `${placeIn(path, 'sweep')} is not a sweep that this version can read`,
    exitCodes.usage,
  );
}

async function refuseStranger(
  path: string,
  sweep: Sweep,
  hash: string,
  exact: boolean,
  resume: boolean,
): Promise<void> {
  const found = await readDescription(path);
  const size = await stat(placeIn(path, 'journal')).then(
    (stats) => stats.size,
    () => 0,
  );
  if (!found && size === 0) return;
  if (found && found.hash !== hash) {
    const differs = describeChange(found, sweep, exact);
    throw new SweepError(
      `${path} holds another sweep: ${differs}. Its results would not belong together; take another --out, or bring the sweep back to what it was.`,
      exitCodes.usage,
    );
  }
  if (!resume) {
    throw new SweepError(
      `${path} already holds this sweep; go on with it by --resume, or take another --out`,
      exitCodes.usage,
    );
  }
}

function refuseOther(record: JournalRecord, hash: string, exact: boolean, path: string): void {
  if (record.kind === 'sweep' && record.sweep !== hash) {
    const why =
      record.exact === exact
        ? 'the sweep was changed'
        : `it was run ${record.exact ? 'with' : 'without'} --exact`;
    throw new SweepError(
      `${path} holds the journal of another sweep: ${why}; take another --out`,
      exitCodes.usage,
    );
  }
}

/** The first thing in which two sweeps differ, in words. */
function describeChange(found: Description, sweep: Sweep, exact: boolean): string {
  if (found.exact !== exact) return `it was run ${found.exact ? 'with' : 'without'} --exact`;
  const [before, now] = [found.spec, sweep.plain];
  for (const key of ['axes', 'base', 'samples', 'seed', 'include', 'exclude']) {
    const [a, b] = [JSON.stringify(before[key]), JSON.stringify(now[key])];
    if (a === b) continue;
    const inner = firstDifference(before[key], now[key]);
    return `${[key, ...inner.path].join('.')} was ${inner.before} and is now ${inner.now}`;
  }
  return sweepHash(sweep, exact) === found.hash ? 'its description was changed' : 'the sweep was changed';
}

function firstDifference(before: unknown, now: unknown): { path: string[]; before: string; now: string } {
  const open = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (open(before) && open(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      if (JSON.stringify(before[key]) === JSON.stringify(now[key])) continue;
      const inner = firstDifference(before[key], now[key]);
      return { ...inner, path: [key, ...inner.path] };
    }
  }
  const show = (value: unknown) => (value === undefined ? 'not there' : JSON.stringify(value));
  return { path: [], before: show(before), now: show(now) };
}
