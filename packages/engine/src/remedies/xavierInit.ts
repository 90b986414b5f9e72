import type { Remedy } from './remedy.js';
import { setInit } from './setInit.js';

/** Weights whose variance suits both directions of a layer with slope 1 (tanh near 0). */
export const xavierInit: Remedy = {
  id: 'xavierInit',
  about: {
    does: 'Weights whose variance suits both directions of a layer with slope 1 (tanh near 0).',
    formula: 'Var W = 2 / (fanIn + fanOut)',
    source: 'Glorot & Bengio 2010, eq. 16',
  },
  treats: ['exploding', 'forwardDecay', 'vanishing', 'saturation', 'symmetry', 'nonFinite'],
  effort: 1,
  apply: (spec, patient) => setInit(spec, patient, () => 'xavierUniform'),
};
