import { readSweep } from '@fuga/engine';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { runSweep, type Executor, type SweepOptions } from './coordinator.js';
import { openFolder } from './folder.js';
import { sweepHash } from './sweepFile.js';
import type { TrialOutcome } from './trial.js';

/** Rows of this run; the long version is asked for by FUGA_SWEEP_ROWS=100000. */
const ROWS = Number(process.env['FUGA_SWEEP_ROWS'] ?? 12_000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const sweep = readSweep({
  fugaSweep: 1,
  base: {
    fuga: 1,
    data: { source: 'gaussian', batch: 4 },
    model: { type: 'mlp', width: 4, depth: 1 },
    steps: 1,
  },
  axes: { 'model.depth': { from: 1, to: 4 }, seed: { from: 1, to: ROWS / 4 } },
});

/** What a trial of 30 layers says; here at once, so that only the coordinator's own work is measured. */
const outcome: TrialOutcome = {
  kind: 'done',
  row: {
    verdict: 'healthy',
    findings: [],
    lossFirst: 1.5,
    lossLast: 0.5,
    testLoss: 0.7,
    metric: { id: 'accuracy', value: 0.9, better: 'higher' },
    steps: 1,
    stopped: null,
    parameters: 100,
    kernels: 'simd',
    gradientFactor: 0.9,
    gradientDecades: -1.1,
    forwardDecades: 0.1,
    flow: {
      gradient: Array.from({ length: 30 }, (_, i) => 1 / (i + 3)),
      activation: Array.from({ length: 30 }, () => 0.123456),
      gradientLast: Array.from({ length: 30 }, () => 0.1),
    },
  },
  timing: { ms: 1, stepMs: 1, probeShare: 0 },
};

const instant: Executor = {
  workers: 2,
  ready: () => Promise.resolve(),
  run: () => Promise.resolve(outcome),
  cancel: () => undefined,
  close: () => Promise.resolve(),
};

test(`${ROWS} rows: under 5 ms of overhead each, memory that does not grow with them, and a resume within 2 s per 10,000`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fuga-scale-'));
  const heap: number[] = [];
  let count = 0;
  const options: SweepOptions = {
    out: folder,
    resume: false,
    exact: true,
    shard: { part: 0, parts: 1 },
    retryFailed: false,
    maxBytes: 1e9,
    checkpointMs: 0,
    keep: { trace: false, weights: false },
    executor: () => instant,
    report: ({ event }) => {
      if (event !== 'done' || ++count % (ROWS / 5) !== 0) return;
      collect();
      heap.push(process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
    },
    signal: new AbortController().signal,
  };
  const loaded = { sweep, hash: sweepHash(sweep, true) };
  try {
    const start = performance.now();
    const summary = await runSweep(loaded, options);
    const perTrial = (performance.now() - start) / ROWS;
    expect(summary.done).toBe(ROWS);
    expect(perTrial).toBeLessThan(5);
    const grown = (heap[4]! - heap[1]!) / (0.6 * ROWS);
    const resumed = performance.now();
    const { journal, lock, ledger } = await openFolder(folder, loaded, true, true);
    const resumeMs = ((performance.now() - resumed) * 10_000) / ROWS;
    await journal.close();
    await lock.release();
    expect(ledger.done).toBe(ROWS);
    expect(resumeMs).toBeLessThan(2000);
    console.log(
      `${perTrial.toFixed(2)} ms a trial; ${grown.toFixed(0)} bytes held a row; resume ${resumeMs.toFixed(0)} ms per 10,000; heap ${heap.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(' ')} MiB`,
    );
    // A row in memory would be over 2000 bytes; its place in the journal and its id are about 30, on 2 MiB of noise.
    expect(grown).toBeLessThan(100 + 2 ** 21 / (0.6 * ROWS));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 300_000);
