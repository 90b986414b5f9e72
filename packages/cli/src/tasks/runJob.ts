import { EngineError } from '@fuga/engine';
import { Pool } from '../sweep/pool.js';
import { exitCodes, Failure } from '../failure.js';
import type { Job, Outcome, Progress } from './task.js';

/** After Ctrl-C a slow step has so long to end; then the last snapshot is told. */
const GRACE_MS = 80;
/** What can only be told by the worker itself, once it has stopped, may take longer: a diagnosis, files to save. */
const SAVE_MS = 5000;

type Done = Exclude<Outcome, { readonly kind: 'failed' }>;

/**
 * Runs a job in a worker thread. Rejects with the engine's own `EngineError` where it refused the job; gives null
 * where it was stopped before there was anything to tell. `meanwhile` loads what will show the outcome.
 */
export async function runJob(
  job: Job,
  progress: (progress: Progress) => void,
  signal?: AbortSignal,
  meanwhile?: () => Promise<unknown>,
): Promise<Done | null> {
  const entry = new URL('./worker.js', import.meta.url);
  const pool = new Pool<Job, Progress, Outcome>({ entry, size: 1, heapMb: 8192, silenceMs: 86_400_000 });
  let snapshot: Outcome | null = null;
  let stepMs = 0;
  let hasStepped = false;
  let grace: NodeJS.Timeout | undefined;
  const stopped = new Promise<Outcome | null>((resolve) => {
    const stop = () => {
      pool.cancel();
      // What trains must end its step before it can save the weights. A diagnosis without a snapshot has quick steps, so
      // the worker hears at once and needs but the time to look; before the first step there is nothing to wait for.
      const isAlone = job.task === 'train' || (hasStepped && snapshot === null);
      const patience = isAlone ? SAVE_MS + 3 * stepMs : GRACE_MS;
      grace = setTimeout(() => {
        resolve(snapshot);
      }, patience);
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
  try {
    const finished = pool.run(job, (told) => {
      snapshot = told.snapshot ?? snapshot;
      stepMs = told.stepMs;
      hasStepped = true;
      progress(told);
    });
    finished.catch(() => undefined); // a stop may win the race
    void meanwhile?.();
    const outcome = await Promise.race([finished, stopped]);
    if (outcome?.kind === 'failed') throw new EngineError(outcome.code, outcome.reason, outcome.path);
    return outcome;
  } catch (error) {
    if (error instanceof EngineError || error instanceof Failure) throw error;
    if (signal?.aborted) return snapshot;
    throw new Failure((error as Error).message, exitCodes.failure);
  } finally {
    clearTimeout(grace);
    await pool.close();
  }
}
