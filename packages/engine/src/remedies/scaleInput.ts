import { datasets } from '../run/shelves.js';
import type { Remedy } from './remedy.js';

/** Input of mean 0 and variance 1 over the training samples, as inits and learning rates assume. */
export const scaleInput: Remedy = {
  id: 'scaleInput',
  about: {
    does: 'Input of mean 0 and variance 1 over the training samples, as inits and learning rates assume.',
    formula: 'x ← (x − mean) / deviation',
    source: 'LeCun et al. 1998, "Efficient BackProp" §4.3',
  },
  treats: ['unscaledInput', 'saturation', 'nonFinite', 'deadUnits'],
  effort: 1,
  apply: (spec) => {
    if (spec.data.scale === 'standard')
      return { reason: 'alreadySo', names: { what: 'data.scale: standard' } };
    if (datasets[spec.data.source]?.scaling === 'none')
      return { reason: 'noScaling', names: { source: spec.data.source } };
    return { ...spec, data: { ...spec.data, scale: 'standard' } };
  },
};
