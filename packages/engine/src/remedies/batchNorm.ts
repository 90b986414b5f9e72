import { addNorms } from './addNorms.js';
import type { Remedy } from './remedy.js';

/** Batch normalisation between the weights and the activation of every hidden layer: the scale of the weights stops mattering. */
export const batchNorm: Remedy = {
  id: 'batchNorm',
  about: {
    does: 'Batch normalisation between the weights and the activation of every hidden layer: the scale of the weights stops mattering.',
    formula: 'y = (x − mean) / √(var + ε), over the batch',
    source: 'Ioffe & Szegedy 2015, arXiv:1502.03167',
  },
  treats: [
    'vanishing',
    'forwardDecay',
    'exploding',
    'saturation',
    'deadUnits',
    'unscaledInput',
    'nonFinite',
    'rankCollapse',
  ],
  effort: 3,
  apply: (spec, patient) =>
    spec.data.batch < 8
      ? { reason: 'smallBatch', names: { batch: String(spec.data.batch) } }
      : addNorms(spec, patient, 'batch'),
};
