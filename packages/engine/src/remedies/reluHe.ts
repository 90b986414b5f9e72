import type { Remedy } from './remedy.js';
import { setActivation } from './setActivation.js';

/** ReLU in every hidden layer, its weights drawn by He’s init. */
export const reluHe: Remedy = {
  id: 'reluHe',
  about: {
    does: 'ReLU in every hidden layer, its weights drawn by He’s init.',
    formula: 'Var W = 2 / fanIn, so that ½ · fanIn · Var W = 1',
    source: 'He et al. 2015, arXiv:1502.01852, eq. 10',
  },
  treats: ['vanishing', 'saturation', 'forwardDecay', 'symmetry'],
  effort: 2,
  apply: (spec, patient) => setActivation(spec, patient, 'relu'),
};
