// A worker thread: runs one experiment at a time.
import { experiments, holds, makeBench, type Experiment } from '@fuga/engine';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { parentPort } from 'node:worker_threads';
import type { PoolWorker } from '../sweep/pool.js';
import type { LawJob, LawProgress, LawResult } from './law.js';

let stop = false;
let tell: (progress: LawProgress) => void = () => undefined;

const worker: PoolWorker<LawJob, LawProgress, LawResult> = {
  listen: (progress) => {
    tell = progress;
  },
  run: async ({ id, seed, variant }) => {
    stop = false;
    const experiment = (experiments as Readonly<Record<string, Experiment>>)[id]!;
    const start = performance.now();
    const bench = await makeBench({
      seed,
      ...(variant ? { variant } : {}),
      progress: async (done, total) => {
        tell({ id, done, total });
        await new Promise((resolve) => setImmediate(resolve)); // hear whether to stop
        if (stop) throw new Error('stopped');
      },
    });
    const outcome = await experiment.measure(bench);
    return { id, seed, outcome, holds: holds(outcome), seconds: (performance.now() - start) / 1000 };
  },
  cancel: () => {
    stop = true;
  },
};

if (parentPort) expose(worker, nodeEndpoint(parentPort));
