import { writeSpec, type RunSpec } from '@fuga/engine';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, writeFailure } from './failure.js';
import { writeFileAtomic } from './sweep/atomicFile.js';

/** What a run's folder holds. */
const parts = [
  'spec.yaml',
  'journal.jsonl',
  'trace.json',
  'histograms.json',
  'weights.safetensors',
  // What "fuga export" and "fuga report" add.
  'export',
  'report.html',
] as const;

/**
 * Makes a folder for a run and writes its spec. A folder with a finished run is refused unless `overwrite`; one with
 * anything else always, so that nothing of the user's is lost.
 */
export async function openRunFolder(folder: string, spec: RunSpec, overwrite: boolean): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const there = await readdir(folder);
    const strange = there.find(
      (name) => !(parts as readonly string[]).includes(name) && !name.endsWith('.tmp'),
    );
    if (strange !== undefined) {
      throw new Failure(
        `${folder} holds something else ("${strange}"); take a new or an empty folder for --out`,
      );
    }
    // A spec alone is left of a run that never began.
    const hasRun = there.some((name) => name !== 'spec.yaml' && !name.endsWith('.tmp'));
    if (hasRun && !overwrite) {
      throw new Failure(`${folder} holds a run already; take another folder for --out, or --overwrite it`);
    }
    await writeFileAtomic(join(folder, 'spec.yaml'), writeSpec(spec));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw writeFailure(folder, error);
  }
}
