import { hasWeights } from './cause.js';
import type { Diagnosis } from './diagnosis.js';

const thresholds = {
  common: {
    value: 0.01,
    unit: 'correlation',
    meaning:
      'The gradients of two samples have less than a hundredth in common: plain ReLU networks of 30 layers and more.',
    source:
      'Balduzzi et al. 2017, arXiv:1702.08591, thm. 1: 2^−L in plain networks of independent units, L^−1/2 with skips',
  },
  progress: {
    value: 0.5,
    unit: 'share',
    meaning: 'A network that learns is not held back by it.',
    source: 'Fuga',
  },
  depth: { value: 10, unit: 'layers', meaning: 'Shallower networks do not shatter.', source: 'as above' },
} as const;

/** Gradients that have nothing in common from sample to sample. */
export const shattered: Diagnosis = {
  id: 'shattered',
  about: {
    does: 'The gradients of different samples have nothing in common, so a step for one is noise to the others.',
    formula: 'corr(∂L/∂h(x), ∂L/∂h(x′)) = Π E φ′(z) φ′(z′) / E φ′(z)²: a product over the layers',
    source: 'Balduzzi et al. 2017, arXiv:1702.08591',
  },
  thresholds,
  leadsTo: ['rankCollapse', 'vanishing', 'deadUnits'],
  hides: () => ['learningRateTooLow', 'oscillation'],
  remedies: () => [
    'residual',
    'scaledResidual',
    'layerNorm',
    'batchNorm',
    'orthogonalInit',
    'selu',
    'lowerLearningRate',
    'adam',
  ],
  test: ({ chain, sites, learning, looks }) => {
    const layers = chain.filter(hasWeights).length;
    if (layers < thresholds.depth.value || learning.progress > thresholds.progress.value) return null;
    // Behind a skip the gradient has a way on which nothing is lost.
    if (sites.some(({ info }) => info.factor === 'skip')) return null;
    const agreement = looks.slopeAgreement();
    const shares = chain.map(({ index }) => agreement[index]!).filter((share) => !Number.isNaN(share));
    const common = shares.reduce((product, share) => product * Math.max(0, share), 1);
    if (shares.length < thresholds.depth.value || !(common < thresholds.common.value)) return null;
    const decades = -Math.log10(Math.max(common, 1e-30));
    return {
      severity: decades / (decades + 1),
      sites: chain[0] ? [chain[0].index] : [],
      factor: 'architecture',
      reason: 'depth',
      evidence: { common, perLayer: common ** (1 / shares.length), layers },
      names: chain[0] ? { site: chain[0].info.name } : {},
    };
  },
};
