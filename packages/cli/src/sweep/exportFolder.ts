import { readTrace, writeEvents } from '@fuga/engine';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readRun } from '../runs/readRun.js';
import { writeRunCsv, writeRunParquet } from '../runs/tables.js';
import { makeFolder, writeFileAtomic } from './atomicFile.js';
import { placeIn, readFolder } from './folder.js';
import { readSpreads, traceEvents } from './histograms.js';
import { keptFiles } from './keep.js';
import { csvLines } from './resultsCsv.js';
import { settledRecords } from './folder.js';
import { writeSitesParquet, writeTrialsParquet } from './resultsParquet.js';
import { exitCodes, explainWriteError, SweepError } from './sweepError.js';

/** What a folder can be exported to, and how: each writes into `out` and gives the paths it wrote. */
export const targets: Readonly<Record<string, (folder: string, out: string) => Promise<string[]>>> = {
  csv: exportCsv,
  parquet: exportParquet,
  tensorboard: exportTensorboard,
  safetensors: exportSafetensors,
};

async function exportCsv(folder: string, out: string): Promise<string[]> {
  const run = await readRun(folder);
  if (run) return writeRunCsv(run.trace, out);
  const { sweep, ledger } = await readFolder(folder);
  return [await written(join(out, 'results.csv'), csvLines(sweep, settledRecords(folder, ledger)))];
}

async function exportParquet(folder: string, out: string): Promise<string[]> {
  const run = await readRun(folder);
  if (run) return writeRunParquet(run.trace, out);
  const { sweep, ledger } = await readFolder(folder);
  const [trials, sites] = [join(out, 'trials.parquet'), join(out, 'sites.parquet')];
  await writeTrialsParquet(trials, folder, sweep, ledger);
  await writeSitesParquet(sites, folder, ledger);
  return [trials, sites];
}

/** One event file a run, each in a folder of its own, as TensorBoard wants it. */
async function exportTensorboard(folder: string, out: string): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, path } of await keptRuns(folder, keptFiles.trace)) {
    const trace = readTrace(await readFile(join(path, keptFiles.trace), 'utf8'));
    const spreads = await readFile(join(path, keptFiles.spreads), 'utf8').then(readSpreads, () => []);
    const run = join(out, name);
    await makeFolder(run);
    paths.push(
      await written(join(run, `events.out.tfevents.0.${name}`), writeEvents(traceEvents(trace, spreads))),
    );
  }
  return paths;
}

async function exportSafetensors(folder: string, out: string): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, path } of await keptRuns(folder, keptFiles.weights)) {
    const to = join(out, `${name}.safetensors`);
    await copyFile(join(path, keptFiles.weights), to);
    paths.push(to);
  }
  return paths;
}

/** The folder itself, where it is a run's; else the trials of the sweep of which this file was kept. */
export async function keptRuns(folder: string, file: string): Promise<{ name: string; path: string }[]> {
  if (await exists(join(folder, file))) return [{ name: basename(folder), path: folder }];
  const trials = placeIn(folder, 'trials');
  const names = await readdir(trials).catch((): string[] => []);
  const runs: { name: string; path: string }[] = [];
  for (const name of names.sort()) {
    const path = join(trials, name);
    if (await exists(join(path, file))) runs.push({ name, path });
  }
  if (runs.length > 0) return runs;
  const kept = file === keptFiles.trace ? 'trace' : 'weights';
  throw new SweepError(
    `${folder} has no ${file}: "fuga train" keeps it, a sweep does with --keep ${kept}`,
    exitCodes.usage,
  );
}

async function written(path: string, content: Parameters<typeof writeFileAtomic>[1]): Promise<string> {
  try {
    await writeFileAtomic(path, content);
    return path;
  } catch (error) {
    throw explainWriteError(error, path);
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
