import type { Remedy } from './remedy.js';
import { setActivation } from './setActivation.js';

/** SELU in every hidden layer, with LeCun’s init: activations drift to mean 0 and variance 1 by themselves. */
export const selu: Remedy = {
  id: 'selu',
  about: {
    does: 'SELU in every hidden layer, with LeCun’s init: activations drift to mean 0 and variance 1 by themselves.',
    formula: 'y = λ x if x > 0, else λ α (eˣ − 1); Var W = 1 / fanIn',
    source: 'Klambauer et al. 2017, arXiv:1706.02515',
  },
  treats: ['vanishing', 'deadUnits', 'saturation', 'forwardDecay'],
  effort: 2,
  apply: (spec, patient) => setActivation(spec, patient, 'selu'),
};
