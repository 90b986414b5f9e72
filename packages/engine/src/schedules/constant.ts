import { schedule } from './schedule.js';

/** The learning rate as given, throughout. */
export const constant = schedule({
  id: 'constant',
  about: { does: 'Keeps the learning rate.', formula: 'lr(t) = lr' },
  options: {},
  factor: () => 1,
});
