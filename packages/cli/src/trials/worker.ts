// A worker thread: runs one trial of a proof at a time.
import { EngineError, runTrial, type RunSpec, type TrialResult } from '@fuga/engine';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { parentPort } from 'node:worker_threads';
import type { PoolWorker } from '../sweep/pool.js';
import { subjectOf, type NetworkFile } from '../network.js';
import type { GivenData } from '../tasks/task.js';

/** One run of a proof. */
export interface TrialJob {
  readonly spec: RunSpec;
  readonly data: GivenData | null;
  readonly network: NetworkFile | null;
  readonly exact: boolean;
}

/** Between steps of a long trial: a sign of life. */
export interface TrialBeat {
  readonly step: number;
}

const BEAT_MS = 500;
let tell: (beat: TrialBeat) => void = () => undefined;

const worker: PoolWorker<TrialJob, TrialBeat, TrialResult> = {
  listen: (beat) => {
    tell = beat;
  },
  run: async (job) => {
    const { spec, exact } = job;
    let heard = performance.now();
    try {
      const { data } = await subjectOf(job);
      return await runTrial(spec, {
        exact,
        ...(data ? { data } : {}),
        onStep: (_, { step }) => {
          if (performance.now() - heard < BEAT_MS) return;
          heard = performance.now();
          tell({ step });
        },
      });
    } catch (error) {
      // An error's own fields do not cross threads: say the place in the message.
      if (error instanceof EngineError) throw new Error(error.message, { cause: error });
      throw error;
    }
  },
  cancel: () => undefined, // a trial that is stopped proves nothing: the pool is closed instead
};

if (parentPort) expose(worker, nodeEndpoint(parentPort));
