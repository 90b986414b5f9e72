// A worker thread: runs one job at a time, and hears meanwhile whether it should stop.
import { EngineError } from '@fuga/engine';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { parentPort } from 'node:worker_threads';
import type { PoolWorker } from '../sweep/pool.js';
import type { Hooks, Job, Outcome, Progress } from './task.js';

type Task = (job: never, hooks: Hooks) => Promise<Outcome>;

/** Each task's module is loaded when it is asked for. */
const tasks: Readonly<Record<Job['task'], () => Promise<{ readonly run: Task }>>> = {
  diagnose: () => import('./diagnose.js'),
  train: () => import('./train.js'),
};

let stop = false;
let tell: (progress: Progress) => void = () => undefined;

const worker: PoolWorker<Job, Progress, Outcome> = {
  listen: (progress) => {
    tell = progress;
  },
  run: async (job) => {
    stop = false;
    try {
      const { run } = await tasks[job.task]();
      // The cast: each task takes the job of its own name.
      return await run(job as never, { progress: tell, cancelled: () => stop });
    } catch (error) {
      // An error's own fields do not cross threads.
      if (error instanceof EngineError) {
        return { kind: 'failed', code: error.code, reason: error.reason, path: error.path };
      }
      throw error;
    }
  },
  cancel: () => {
    stop = true;
  },
};

if (parentPort) expose(worker, nodeEndpoint(parentPort));
