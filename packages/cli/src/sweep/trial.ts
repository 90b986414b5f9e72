import {
  EngineError,
  loadKernels,
  openRun,
  restoreCheckpoint,
  takeCheckpoint,
  train,
  type Checkpoint,
  type Kernels,
  type Run,
  type RunSpec,
} from '@fuga/engine';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { fileDataOf } from '../data/fileData.js';
import { given } from '../tasks/facts.js';
import { makeFolder, writeFileAtomic } from './atomicFile.js';
import { HistogramTap, type SpreadRecord } from './histograms.js';
import { keepRun } from './keep.js';
import { rowOf, type TrialRow, type TrialTiming } from './trialRow.js';

/** One trial to run, as plain data that crosses threads and machines. */
export interface TrialTask {
  readonly id: string;
  readonly spec: RunSpec;
  readonly exact: boolean;
  /** Most memory for the network, in bytes. */
  readonly maxBytes: number;
  /** Where a long trial saves itself, how often, and whether it has done so before. */
  readonly checkpoint: { readonly path: string; readonly everyMs: number; readonly exists: boolean } | null;
  /** Where its trace and weights are kept, if they are. */
  readonly keep: { readonly folder: string; readonly trace: boolean; readonly weights: boolean } | null;
}

export interface TrialProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
}

/** How a trial ended: done, told to stop, or refused by the engine (which another attempt would not change). */
export type TrialOutcome =
  | { readonly kind: 'done'; readonly row: TrialRow; readonly timing: TrialTiming }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'refused'; readonly reason: string };

/** What whoever runs a trial is told, and may answer. */
export interface TrialHooks {
  readonly progress: (progress: TrialProgress) => void;
  readonly cancelled: () => boolean;
}

const BEAT_MS = 100;
/** Memory that is kept for the next trial; larger ones are given back. */
const MOST_KEPT = 64 * 2 ** 20;

/** Runs trials one after the other in this thread, reusing the kernels' memory between small ones. */
export class TrialRunner {
  #kernels: { readonly exact: boolean; readonly kernels: Kernels } | null = null;

  async run(task: TrialTask, hooks: TrialHooks): Promise<TrialOutcome> {
    const start = performance.now();
    const { steps } = task.spec;
    try {
      const run = await openRun(task.spec, {
        kernels: await this.#take(task.exact),
        maxBytes: task.maxBytes,
        ...given(await fileDataOf(task.spec)),
      });
      const { checkpoint } = task;
      const tap = task.keep?.trace ? new HistogramTap(run) : null;
      if (checkpoint?.exists) await goOn(run, tap, checkpoint.path);
      let exists = checkpoint?.exists ?? false;
      const save = async () => {
        if (!checkpoint) return;
        await saveCheckpoint(run, tap, checkpoint.path);
        exists = true;
      };
      let beat = performance.now();
      let saved = beat;
      tap?.before();
      for (const { step, loss } of train(run)) {
        tap?.after();
        tap?.before();
        const now = performance.now();
        if (now - beat < BEAT_MS) continue;
        beat = now;
        hooks.progress({ step, steps, loss });
        await new Promise((resolve) => setImmediate(resolve)); // hear whether to stop
        if (hooks.cancelled()) {
          if (checkpoint && now - start > checkpoint.everyMs / 4) await save();
          return { kind: 'cancelled' };
        }
        if (checkpoint && now - saved > checkpoint.everyMs) {
          await save();
          saved = performance.now();
        }
      }
      const row = rowOf(run);
      if (task.keep) await keepRun(run, tap?.records ?? [], task.keep);
      if (checkpoint && exists) await rm(checkpoint.path, { force: true });
      const { stepMs, probeShare } = run.trace.timing;
      return { kind: 'done', row, timing: { ms: performance.now() - start, stepMs, probeShare } };
    } catch (error) {
      if (error instanceof EngineError && error.code !== 'INTERNAL')
        return { kind: 'refused', reason: error.message };
      throw error;
    }
  }

  /** Kernels with an empty memory, as new ones have it. */
  async #take(exact: boolean): Promise<Kernels> {
    const kept = this.#kernels;
    if (kept?.exact === exact && kept.kernels.memory.buffer.byteLength <= MOST_KEPT) {
      new Uint8Array(kept.kernels.memory.buffer, kept.kernels.heapBase).fill(0);
      return kept.kernels;
    }
    const kernels = await loadKernels({ exact });
    this.#kernels = { exact, kernels };
    return kernels;
  }
}

interface Saved {
  readonly run: Checkpoint;
  readonly spreads: readonly SpreadRecord[];
}

/** Puts the run where its checkpoint left off; one that does not fit, or is torn, is as good as none. */
async function goOn(run: Run, tap: HistogramTap | null, path: string): Promise<void> {
  try {
    const saved = deserialize(await readFile(path)) as Saved;
    restoreCheckpoint(run, saved.run);
    tap?.records.push(...saved.spreads);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') await rm(path, { force: true });
  }
}

async function saveCheckpoint(run: Run, tap: HistogramTap | null, path: string): Promise<void> {
  await makeFolder(dirname(path));
  const saved: Saved = { run: takeCheckpoint(run), spreads: tap?.records ?? [] };
  await writeFileAtomic(path, serialize(saved));
}
