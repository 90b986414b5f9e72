import { saveWeights, writeTrace, type Run } from '@fuga/engine';
import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from './atomicFile.js';
import { writeSpreads, type SpreadRecord } from './histograms.js';

/** Names of what is kept of a run; "fuga train" uses the same. */
export const keptFiles = {
  spec: 'spec.json',
  trace: 'trace.json',
  spreads: 'histograms.json',
  weights: 'weights.safetensors',
} as const;

/** Writes what is kept of a finished run beside its row: its spec, its trace and its weights. */
export async function keepRun(
  run: Run,
  spreads: readonly SpreadRecord[],
  { folder, trace, weights }: { readonly folder: string; readonly trace: boolean; readonly weights: boolean },
): Promise<void> {
  await makeFolder(folder);
  await writeFileAtomic(join(folder, keptFiles.spec), `${JSON.stringify(run.spec, null, 2)}\n`);
  if (trace) {
    await writeFileAtomic(join(folder, keptFiles.trace), writeTrace(run.trace));
    await writeFileAtomic(join(folder, keptFiles.spreads), writeSpreads(spreads));
  }
  if (weights) await writeFileAtomic(join(folder, keptFiles.weights), saveWeights(run));
}
