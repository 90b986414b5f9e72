import { count, optional } from '../core/options.js';
import { schedule } from './schedule.js';

/** Grows linearly to the full learning rate, then stays. */
export const linearWarmup = schedule({
  id: 'linearWarmup',
  about: {
    does: 'Starts small and grows linearly: early steps cannot blow the network up.',
    formula: 'lr(t) = lr · min(1, (t + 1) / warmup)',
    source: 'Goyal et al. 2017, arXiv:1706.02677, §2.2',
  },
  options: { warmup: optional(count(), 100) },
  factor: ({ step }, { warmup }) => Math.min(1, (step + 1) / warmup),
});
