import type { Remedy } from './remedy.js';
import { swapCells } from './swapCells.js';

/** GRU cells in place of plain recurrent ones: the update gate lets a state pass unchanged. */
export const gru: Remedy = {
  id: 'gru',
  about: {
    does: 'GRU cells in place of plain recurrent ones: the update gate lets a state pass unchanged.',
    formula: 'hₜ = (1 − z) ñ + z hₜ₋₁',
    source: 'Cho et al. 2014, arXiv:1406.1078',
  },
  treats: ['vanishing', 'exploding'],
  effort: 3,
  apply: (spec, patient) => swapCells(spec, patient, ['rnn'], 'gru'),
};
