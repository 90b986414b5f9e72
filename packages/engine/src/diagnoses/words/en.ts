import { findings } from './en.findings.js';
import { refusals, remedies } from './en.remedies.js';

/** English: the model of every dictionary. */
export const en = {
  locale: 'en',
  findings,
  remedies,
  refusals,
  /** How a proof was made. */
  method: (seeds: number) =>
    `Each treatment ran against the patient on the same seeds, data and batch order, over up to ${seeds} seeds; treatments that others left behind were given up early (successive halving). Effect: median difference of the mean loss of the last tenth of the steps, with an exact bootstrap 95 % interval and a one-sided exact permutation test.`,
};
