import type { Diagnosis } from './diagnosis.js';
import { hasWeights } from './cause.js';
import type { SiteEvidence } from './evidence.js';
import { initOf } from './forwardDecay.js';

const thresholds = {
  share: {
    value: 0.5,
    unit: 'share',
    meaning:
      'Half of a layer’s units with the weights of its first unit; among random weights there is no second.',
    source: 'Goodfellow et al. 2016, "Deep Learning", §8.4',
  },
  steps: {
    value: 10,
    unit: 'steps',
    meaning: 'Weights that start at 0 by intent have moved by then.',
    source: 'Fuga',
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
  test: ({ sites, trace }) => {
    const skips = sites.some(({ info }) => info.factor === 'skip');
    const last = sites.findLastIndex(hasWeights);
    // A last layer, and the last ones of residual branches, may well start at 0: they get gradients of their own.
    const mayOpen = ({ index, window }: SiteEvidence) =>
      trace.steps < thresholds.steps.value && window.parameterNorm === 0 && (skips || index === last);
    const equal = sites.filter((site) => site.equalUnits >= thresholds.share.value && !mayOpen(site));
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
