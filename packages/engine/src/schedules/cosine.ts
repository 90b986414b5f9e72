import { count, optional, real } from '../core/options.js';
import { schedule } from './schedule.js';

/** Linear warm-up, then half a cosine down to `floor`. */
export const cosine = schedule({
  id: 'cosine',
  about: {
    does: 'Falls along half a cosine to the end of the run, after an optional linear warm-up.',
    formula: 'lr(t) = lr · (floor + (1 − floor)(1 + cos π t/T)/2)',
    source: 'Loshchilov & Hutter 2016, arXiv:1608.03983',
  },
  options: { warmup: optional(count(0), 0), floor: optional(real(0, 1), 0) },
  factor: ({ step, steps, kernels }, { warmup, floor }) => {
    if (step < warmup) return (step + 1) / warmup;
    const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
    return floor + ((1 - floor) * (1 + kernels.mathCos(Math.PI * progress))) / 2;
  },
});
