import type { Remedy } from './remedy.js';
import { swapCells } from './swapCells.js';

/** LSTM cells in place of plain recurrent ones: the cell state passes the gradient on through a gate instead of a weight matrix. */
export const lstm: Remedy = {
  id: 'lstm',
  about: {
    does: 'LSTM cells in place of plain recurrent ones: the cell state passes the gradient on through a gate instead of a weight matrix.',
    formula: '∂cₜ/∂cₜ₋₁ = forget gate, near 1 at will',
    source: 'Hochreiter & Schmidhuber 1997; Gers et al. 2000',
  },
  treats: ['vanishing', 'exploding'],
  effort: 3,
  apply: (spec, patient) => swapCells(spec, patient, ['rnn'], 'lstm'),
};
