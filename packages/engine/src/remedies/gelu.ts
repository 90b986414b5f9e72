import type { Remedy } from './remedy.js';
import { setActivation } from './setActivation.js';

/** GELU in every hidden layer: smooth, with a slope near 1 for positive inputs and no flat part near 0. */
export const gelu: Remedy = {
  id: 'gelu',
  about: {
    does: 'GELU in every hidden layer: smooth, with a slope near 1 for positive inputs and no flat part near 0.',
    formula: 'y = x Φ(x)',
    source: 'Hendrycks & Gimpel 2016, arXiv:1606.08415',
  },
  treats: ['vanishing', 'deadUnits', 'saturation'],
  effort: 2,
  apply: (spec, patient) => setActivation(spec, patient, 'gelu'),
};
