import { resolveSpec } from '@fuga/engine';
import { fileShapeOf } from '../../data/fileData.js';
import { UnrecoverableError, Worker, type Job } from 'bullmq';
import { hashOf } from '../hash.js';
import { toJson } from '../numbers.js';
import { Pool } from '../pool.js';
import type { TrialOutcome, TrialProgress, TrialTask } from '../trial.js';
import { cancelledKey, connect, coordinatorKey, disconnect, PREFIX, showUrl } from './connection.js';
import { CANCELLED, type TrialJob } from './executor.js';

export interface WorkerOptions {
  readonly url: string;
  readonly queue: string;
  readonly workers: number;
  readonly maxBytes: number;
  readonly heapMb: number;
  readonly silenceMs: number;
  /** A worker that did not renew its hold on a trial for so long is taken for dead. */
  readonly leaseMs: number;
  /** End after so long without a trial; 0 for never. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly tell: (message: string) => void;
}

/** A trial whose worker died so often is given up by Redis; the coordinator may still try it again. */
const MOST_STALLED = 10;
const TELL_MS = 1000;
/** When it is told to stop, trials have so long to hear of it. */
const GRACE_MS = 3000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Takes trials from Redis until told to stop. Trials run in worker threads, so that this thread always has time to
 * renew its hold on them.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { url, queue, workers, heapMb, silenceMs, leaseMs, idleMs, signal, tell } = options;
  const redis = await connect(url, tell);
  const entry = new URL('../worker.js', import.meta.url);
  const pool = new Pool<TrialTask, TrialProgress, TrialOutcome>({ entry, size: workers, heapMb, silenceMs });
  let [done, active, last] = [0, 0, Date.now()];

  const run = async (job: Job<TrialJob, string>): Promise<string> => {
    active++;
    try {
      const outcome = await runJob(job);
      if (outcome.kind === 'cancelled') throw new UnrecoverableError(CANCELLED);
      done++;
      return toJson(outcome);
    } finally {
      active--;
      last = Date.now();
    }
  };

  const runJob = async (job: Job<TrialJob, string>): Promise<TrialOutcome> => {
    const { sweep, task } = job.data;
    if (hashOf(resolveSpec(task.spec, await fileShapeOf(task.spec))) !== task.id) {
      throw new Error('this worker is of another version of fuga than the sweep: its defaults differ');
    }
    let told = 0;
    return pool.run({ ...task, maxBytes: Math.min(task.maxBytes, options.maxBytes) }, (progress) => {
      if (Date.now() - told < TELL_MS) return;
      told = Date.now();
      void job.updateProgress({ ...progress }).catch(() => undefined);
      void redis.mget(cancelledKey(queue, sweep), coordinatorKey(queue)).then(([cancelled, claim]) => {
        // Told to stop, or its coordinator is gone and another sweep has the queue.
        if (cancelled !== null || (claim && !claim.startsWith(`${sweep} `))) pool.cancel();
      });
    });
  };

  const worker = new Worker<TrialJob, string>(queue, run, {
    connection: redis,
    prefix: PREFIX,
    concurrency: workers,
    lockDuration: leaseMs,
    stalledInterval: leaseMs / 2,
    maxStalledCount: MOST_STALLED,
  });
  worker.on('error', () => undefined); // the connection comes back by itself; `tell` says so
  tell(`waiting for trials on ${showUrl(url)}, ${workers} at a time`);
  await new Promise<void>((resolve) => {
    const watch = setInterval(() => {
      if (idleMs > 0 && active === 0 && Date.now() - last > idleMs) stop();
    }, 250);
    const stop = () => {
      clearInterval(watch);
      resolve();
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
  });
  // No new trial is taken; those that run are given up, and Redis hands them to others.
  void worker.pause(true).catch(() => undefined);
  pool.cancel();
  for (const end = Date.now() + GRACE_MS; active > 0 && Date.now() < end;) await pause(20);
  await Promise.race([worker.close(true), pause(1000)]);
  await pool.close();
  disconnect(redis);
  tell(`${done} trials done`);
}
