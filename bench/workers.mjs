// Independent runs in two workers against one: what sweeps and paired trials gain from a second core.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { percent } from './measure.mjs';

const MS = 600;

/** Steps a second that `count` workers take together, all started at the same moment. */
async function rate(workers) {
  const done = workers.map((worker) => once(worker, 'message'));
  for (const worker of workers) worker.postMessage(MS);
  const results = await Promise.all(done);
  return results.reduce((sum, [{ steps, ms }]) => sum + steps / ms, 0);
}

export async function benchWorkers({ variants, repeats }) {
  const records = [];
  for (const variant of variants) {
    for (const name of ['mlpWide', 'mlpDeep']) {
      const options = { workerData: { name, variant } };
      const workers = [0, 1].map(() => new Worker(new URL('./worker.mjs', import.meta.url), options));
      await Promise.all(workers.map((worker) => once(worker, 'message')));
      const gains = [];
      const rounds = Math.max(3, Math.min(8, repeats >> 1));
      for (let i = 0; i < rounds; i++) {
        // One alone on either side of both: the machine's mood changes within a second.
        const before = await rate([workers[0]]);
        const both = await rate(workers);
        const after = await rate([workers[1]]);
        gains.push((2 * both) / (before + after));
      }
      await Promise.all(workers.map((worker) => worker.terminate()));
      gains.sort((a, b) => a - b);
      const [gain, best] = [gains[gains.length >> 1], gains.at(-1)];
      records.push({ bench: 'workers', name, variant, gain, best });
      console.log(
        `two workers, ${name} on ${variant}: ${gain.toFixed(2)}× the steps of one (best ${best.toFixed(2)}×, ${percent(gain / 2)} of ideal)`,
      );
    }
  }
  console.log('');
  return records;
}
