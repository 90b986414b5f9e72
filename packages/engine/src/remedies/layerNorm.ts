import { addNorms } from './addNorms.js';
import type { Remedy } from './remedy.js';

/** Layer normalisation between the weights and the activation of every hidden layer, independent of the batch. */
export const layerNorm: Remedy = {
  id: 'layerNorm',
  about: {
    does: 'Layer normalisation between the weights and the activation of every hidden layer, independent of the batch.',
    formula: 'y = (x − mean) / √(var + ε), over the features of each sample',
    source: 'Ba et al. 2016, arXiv:1607.06450',
  },
  treats: ['vanishing', 'forwardDecay', 'exploding', 'saturation', 'deadUnits', 'nonFinite', 'rankCollapse'],
  effort: 3,
  apply: (spec, patient) => addNorms(spec, patient, 'layer'),
};
