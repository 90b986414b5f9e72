// One run in a worker thread: takes as many steps as it can in the time it is told, and says how many.
import { parentPort, workerData } from 'node:worker_threads';
import * as engine from '@fuga/engine';
import { open } from './networks.mjs';
import { specOf, workloads } from './workloads.mjs';

const { name, variant } = workerData;
const { run } = await open(engine, name, specOf(workloads[name]), { exact: variant === 'simd', every: 1e9 });
parentPort.on('message', (time) => {
  const start = performance.now();
  let steps = 0;
  while (performance.now() - start < time) {
    run();
    steps++;
  }
  parentPort.postMessage({ steps, ms: performance.now() - start });
});
parentPort.postMessage('ready');
