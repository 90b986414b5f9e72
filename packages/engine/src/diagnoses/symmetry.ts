import type { Diagnosis } from './diagnosis.js';
import { initOf } from './forwardDecay.js';

const thresholds = {
  share: {
    value: 0.5,
    unit: 'share',
    meaning:
      'Half of a layer’s units with the weights of its first unit; among random weights there is no second.',
    source: 'Goodfellow et al. 2016, "Deep Learning", §8.4',
  },
} as const;

/** Units with equal weights, which stay equal because their gradients are. */
export const symmetry: Diagnosis = {
  id: 'symmetry',
  about: {
    does: 'All units of a layer are copies of one another and stay so: the layer has the capacity of a single unit.',
    formula: 'w_i = w_j ⇒ ∂L/∂w_i = ∂L/∂w_j',
    source: 'Goodfellow et al. 2016, "Deep Learning", §8.4',
  },
  thresholds,
  leadsTo: [],
  hides: () => [
    'vanishing',
    'exploding',
    'forwardDecay',
    'deadUnits',
    'saturation',
    'nonFinite',
    'learningRateTooHigh',
    'learningRateTooLow',
    'oscillation',
    'rankCollapse',
    'shattered',
  ],
  remedies: () => ['heInit', 'xavierInit', 'orthogonalInit', 'lsuvInit', 'reluHe'],
  test: ({ sites }) => {
    const equal = sites.filter(({ equalUnits }) => equalUnits >= thresholds.share.value);
    const [first] = equal;
    if (!first) return null;
    const init = initOf(first);
    return {
      severity: first.equalUnits,
      sites: equal.map(({ index }) => index),
      factor: 'weights',
      reason: init === 'weights' ? 'weights' : 'init',
      evidence: { share: first.equalUnits, layers: equal.length },
      names: { site: first.info.name, init },
    };
  },
};
