// A worker that does what its task says: answer, throw, die, hang, eat all memory, or wait to be stopped.
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { parentPort } from 'node:worker_threads';

let tell = () => undefined;
let stopped = false;

const acts = {
  answer: ({ value }) => value,
  throw: () => {
    throw new Error('no such luck');
  },
  die: () => process.exit(7),
  hang: () => {
    for (;;);
  },
  eat: () => {
    const held = [];
    for (;;) held.push(new Array(1e5).fill(Math.random()));
  },
  work: async ({ ms }) => {
    for (const end = Date.now() + ms; Date.now() < end && !stopped;) {
      tell({ left: end - Date.now() });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return stopped ? 'stopped' : 'worked';
  },
};

expose(
  {
    listen: (progress) => {
      tell = progress;
    },
    run: (task) => {
      stopped = false;
      return acts[task.act](task);
    },
    cancel: () => {
      stopped = true;
    },
  },
  nodeEndpoint(parentPort),
);
