import type { Remedy } from './remedy.js';
import { setInit } from './setInit.js';

/** Weights of variance 2 / fanIn: makes up for the half of the signal that a ReLU stops. */
export const heInit: Remedy = {
  id: 'heInit',
  about: {
    does: 'Weights of variance 2 / fanIn: makes up for the half of the signal that a ReLU stops.',
    formula: 'Var W = 2 / fanIn',
    source: 'He et al. 2015, arXiv:1502.01852, eq. 10',
  },
  treats: ['forwardDecay', 'vanishing', 'exploding', 'symmetry', 'nonFinite', 'deadUnits'],
  effort: 1,
  apply: (spec, patient) =>
    setInit(spec, patient, (activation) => (activation === 'identity' ? 'xavierUniform' : 'heNormal')),
};
