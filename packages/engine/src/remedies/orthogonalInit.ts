import { activations } from '../run/shelves.js';
import type { RunSpec } from '../run/spec.js';
import {
  allLayers,
  hasModelOption,
  isRecurrent,
  mapLayers,
  sameSpec,
  spelledOut,
  withModel,
  withNetwork,
} from './edit.js';
import type { Patient, Refusal, Remedy } from './remedy.js';
import { setInit } from './setInit.js';

/** Weights that keep lengths: every singular value is the gain (√2 for a ReLU), from step to step in a recurrent layer. */
export const orthogonalInit: Remedy = {
  id: 'orthogonalInit',
  about: {
    does: 'Weights that keep lengths: every singular value is the gain (√2 for a ReLU), from step to step in a recurrent layer.',
    formula: 'Wᵀ W = gain² 1',
    source: 'Saxe et al. 2013, arXiv:1312.6120; Le et al. 2015, arXiv:1504.00941 (recurrent)',
  },
  treats: ['vanishing', 'exploding', 'forwardDecay', 'saturation', 'symmetry'],
  effort: 1,
  apply: (spec, patient) =>
    allLayers(spelledOut(spec, patient.data)).some(isRecurrent)
      ? recurrent(spec, patient)
      : setInit(spec, patient, (activation) =>
          // Half of a rectified signal is stopped: the weights must make up for it.
          activations[activation]?.dies ? { fn: 'orthogonal', gain: 1.414 } : 'orthogonal',
        ),
};

function recurrent(spec: RunSpec, { data }: Patient): RunSpec | Refusal {
  if (hasModelOption(spec, 'recurrentInit')) {
    if (sameSpec(spec.model!['recurrentInit'], 'orthogonal'))
      return { reason: 'alreadySo', names: { what: 'orthogonal' } };
    return withModel(spec, { recurrentInit: 'orthogonal' });
  }
  const network = spelledOut(spec, data);
  const treated = mapLayers(network, (each) =>
    isRecurrent(each) ? { ...each, recurrentInit: 'orthogonal' } : each,
  );
  return sameSpec(network, treated)
    ? { reason: 'alreadySo', names: { what: 'orthogonal' } }
    : withNetwork(spec, treated);
}
