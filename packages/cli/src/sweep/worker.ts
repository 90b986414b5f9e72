// A worker thread: runs one trial at a time, and says every 100 ms that it lives.
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { parentPort } from 'node:worker_threads';
import type { PoolWorker } from './pool.js';
import { TrialRunner, type TrialOutcome, type TrialProgress, type TrialTask } from './trial.js';

const runner = new TrialRunner();
let stop = false;
let tell: (progress: TrialProgress) => void = () => undefined;

const worker: PoolWorker<TrialTask, TrialProgress, TrialOutcome> = {
  listen: (progress) => {
    tell = progress;
  },
  run: (task) => {
    stop = false;
    return runner.run(task, { progress: tell, cancelled: () => stop });
  },
  cancel: () => {
    stop = true;
  },
};

if (parentPort) expose(worker, nodeEndpoint(parentPort));
