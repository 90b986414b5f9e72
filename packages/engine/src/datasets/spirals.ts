import { count, optional, real } from '../core/options.js';
import { dataset, splitEvery } from './dataset.js';

/** Interleaved spiral arms in the plane, one class an arm. */
export const spirals = dataset({
  id: 'spirals',
  about: {
    does: 'Points on interleaved spiral arms in the plane: needs depth to tell apart, and can be drawn.',
    formula: 'r = t, θ = 2π (turns · t + arm / arms) + noise',
    shapes: 'x [2]',
    licence: 'made by Fuga',
    synthetic: true,
  },
  options: {
    samples: optional(count(10, 1e6), 2000),
    arms: optional(count(2, 10), 2),
    turns: optional(real(0.1, 10), 1.25),
    noise: optional(real(0, 2), 0.1),
  },
  scaling: 'none',
  describe: ({ samples, arms }) => ({
    task: 'classification',
    input: { shape: [2], dtype: 'f32' },
    target: { shape: [], dtype: 'i32' },
    outputs: arms,
    samples,
  }),
  load: ({ samples, arms, turns, noise }, { kernels, uniform, normal }) => {
    const along = uniform('along', samples, 0.05, 1);
    const jitter = normal('noise', samples);
    const x = new Float32Array(2 * samples);
    const y = new Int32Array(samples);
    for (let i = 0; i < samples; i++) {
      const arm = i % arms;
      const t = along[i]!;
      const angle = 2 * Math.PI * (turns * t + arm / arms) + noise * jitter[i]!;
      x[2 * i] = 1.7 * t * kernels.mathCos(angle); // radius up to 1.7: about unit variance a coordinate
      x[2 * i + 1] = 1.7 * t * kernels.mathSin(angle);
      y[i] = arm;
    }
    return {
      x,
      y,
      ...splitEvery(samples),
      names: Array.from({ length: arms }, (_, arm) => `arm ${arm + 1}`),
    };
  },
});
