import type { Remedy } from './remedy.js';
import { setInit } from './setInit.js';

/** Orthogonal weights, rescaled layer by layer until each output has unit variance on the first batch. */
export const lsuvInit: Remedy = {
  id: 'lsuvInit',
  about: {
    does: 'Orthogonal weights, rescaled layer by layer until each output has unit variance on the first batch.',
    formula: 'W ← W / std(output)',
    source: 'Mishkin & Matas 2015, arXiv:1511.06422, algorithm 1',
  },
  treats: ['forwardDecay', 'vanishing', 'exploding', 'saturation', 'symmetry'],
  effort: 1,
  apply: (spec, patient) => setInit(spec, patient, () => 'lsuv'),
};
