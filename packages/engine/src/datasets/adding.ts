import { count, optional } from '../core/options.js';
import { dataset, splitEvery } from './dataset.js';

/**
 * The adding problem: a sequence of numbers, two of them marked, one in each half; the target is their sum.
 * Always answering 1 has a mean squared error of 1/6.
 */
export const adding = dataset({
  id: 'adding',
  about: {
    does: 'Numbers, two of them marked (one in each half of the sequence): give the sum of the two. Nothing but memory helps.',
    formula:
      'x[t] = (uₜ, mₜ), uₜ ~ U(0, 1), Σ mₜ = 2;  target Σ uₜ mₜ. Answering 1 has a mean squared error of 1/6',
    shapes: 'x [length, 2], target [1]',
    source: 'Hochreiter & Schmidhuber 1997, experiment 4; in the form of Le et al. 2015, arXiv:1504.00941',
    licence: 'made by Fuga',
    synthetic: true,
  },
  options: { length: optional(count(2, 10_000), 100), samples: optional(count(10, 1e6), 12_500) },
  scaling: 'none',
  describe: ({ length, samples }) => ({
    task: 'regression',
    input: { shape: [length, 2], dtype: 'f32' },
    target: { shape: [1], dtype: 'f32' },
    outputs: 1,
    samples,
  }),
  load: ({ length, samples }, { uniform, integers }) => {
    const numbers = uniform('numbers', samples * length, 0, 1);
    const half = Math.floor(length / 2);
    const first = integers('first', samples, half);
    const second = integers('second', samples, length - half);
    const x = new Float32Array(2 * samples * length);
    const y = new Float32Array(samples);
    for (let i = 0; i < samples; i++) {
      const start = i * length;
      for (let t = 0; t < length; t++) x[2 * (start + t)] = numbers[start + t]!;
      for (const t of [first[i]!, half + second[i]!]) {
        x[2 * (start + t) + 1] = 1;
        y[i] = y[i]! + numbers[start + t]!;
      }
    }
    return { x, y, ...splitEvery(samples) };
  },
});
