import { schedules } from '../run/shelves.js';
import type { Remedy } from './remedy.js';

/** A learning rate that grows from near 0 over the first third of the steps: the first, largest gradients make small steps. */
export const warmup: Remedy = {
  id: 'warmup',
  about: {
    does: 'A learning rate that grows from near 0 over the first third of the steps: the first, largest gradients make small steps.',
    formula: 'lr(t) = lr · min(1, (t + 1) / warmup)',
    source: 'Goyal et al. 2017, arXiv:1706.02677, §2.2',
  },
  treats: ['learningRateTooHigh', 'nonFinite', 'exploding', 'deadUnits', 'saturation'],
  effort: 1,
  apply: (spec) => {
    const { type } = spec.schedule;
    const steps = Math.max(1, Math.round(spec.steps / 3));
    if (Object.hasOwn(schedules[type]?.options ?? {}, 'warmup')) {
      if (Number(spec.schedule['warmup']) > 0) return { reason: 'alreadySo', names: { what: 'warmup' } };
      return { ...spec, schedule: { ...spec.schedule, warmup: steps } };
    }
    return type === 'constant'
      ? { ...spec, schedule: { type: 'linearWarmup', warmup: steps } }
      : { reason: 'otherSchedule', names: { schedule: type } };
  },
};
