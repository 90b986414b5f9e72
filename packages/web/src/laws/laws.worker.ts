import { experiments, holds, makeBench, type Experiment } from '@fuga/engine';
import { expose } from 'comlink';
import type { LawsApi } from './laws.protocol.js';

/** Gap between two pieces of news: enough for points that appear one by one. */
const NEWS_MS = 60;
const shelf: Readonly<Record<string, Experiment>> = experiments;

const api: LawsApi = {
  list: () => Object.values(shelf).map(({ measure: _, ...card }) => card),
  async run(id, seed, tell) {
    const experiment = shelf[id];
    if (!experiment) throw new Error(`no experiment "${id}"`);
    const start = performance.now();
    let told = 0;
    const bench = await makeBench({
      seed,
      variant: 'simd',
      progress: (done, total, partial) => {
        const now = performance.now();
        if (now - told < NEWS_MS && done < total) return;
        told = now;
        tell({ done, total, outcome: partial && partial.picture.curves.length > 0 ? partial : null });
      },
    });
    const outcome = await experiment.measure(bench);
    return { outcome, holds: holds(outcome), seconds: (performance.now() - start) / 1000 };
  },
};

expose(api);
