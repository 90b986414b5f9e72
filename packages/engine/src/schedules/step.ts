import { count, optional, real } from '../core/options.js';
import { schedule } from './schedule.js';

/** Multiplies by `factor` every `every` steps. */
export const step = schedule({
  id: 'step',
  about: { does: 'Drops by a factor at regular steps.', formula: 'lr(t) = lr · factor^⌊t / every⌋' },
  options: {
    every: optional(count(), 100),
    factor: optional(real(0, 1), 0.1),
    warmup: optional(count(0), 0),
  },
  factor: ({ step: at }, { every, factor, warmup }) => {
    if (at < warmup) return (at + 1) / warmup;
    let value = 1;
    for (let drops = Math.floor(at / every); drops > 0; drops--) value *= factor;
    return value;
  },
});
