import type { Remedy } from './remedy.js';
import { setActivation } from './setActivation.js';

/** Leaky ReLU in every hidden layer: a slope of 0.01 below 0 keeps units alive. */
export const leakyRelu: Remedy = {
  id: 'leakyRelu',
  about: {
    does: 'Leaky ReLU in every hidden layer: a slope of 0.01 below 0 keeps units alive.',
    formula: 'y = x if x > 0, else 0.01 x',
    source: 'Maas et al. 2013',
  },
  treats: ['deadUnits', 'vanishing', 'saturation'],
  effort: 2,
  apply: (spec, patient) => setActivation(spec, patient, 'leakyRelu'),
};
