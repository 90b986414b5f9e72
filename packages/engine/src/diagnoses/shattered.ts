import type { Diagnosis } from './diagnosis.js';
import { hasWeights } from './cause.js';

const thresholds = {
  correlation: {
    value: 0.6,
    unit: 'correlation',
    meaning:
      'Neighbouring inputs, 1/127 of the way between two samples apart, share less than 60 % of their gradient.',
    source:
      'Balduzzi et al. 2017, arXiv:1702.08591, fig. 1 and 2: plain networks fall as 2^−L, residual ones as L^−1/2',
  },
  progress: {
    value: 0.5,
    unit: 'share',
    meaning: 'A network that learns is not held back by it.',
    source: 'Fuga',
  },
  depth: { value: 10, unit: 'layers', meaning: 'Shallower networks do not shatter.', source: 'as above' },
} as const;

/** Gradients that look like noise over the inputs. */
export const shattered: Diagnosis = {
  id: 'shattered',
  about: {
    does: 'The gradients of nearly equal inputs have little in common, so what one sample teaches is lost on its neighbours.',
    formula: 'corr(∂y/∂x at x, ∂y/∂x at x + ε) ≈ 2^−L without skips',
    source: 'Balduzzi et al. 2017, arXiv:1702.08591',
  },
  thresholds,
  leadsTo: ['rankCollapse', 'vanishing'],
  hides: () => ['learningRateTooLow', 'oscillation'],
  remedies: () => ['residual', 'scaledResidual', 'layerNorm', 'orthogonalInit', 'lowerLearningRate', 'adam'],
  test: (evidence) => {
    const { chain, learning, looks } = evidence;
    const layers = chain.filter((site) => hasWeights(site) || site.children.length > 0).length;
    if (layers < thresholds.depth.value || learning.progress > thresholds.progress.value) return null;
    const correlation = looks.gradientCorrelation();
    if (!(correlation < thresholds.correlation.value)) return null;
    return {
      severity: Math.min(1, 1 - Math.max(0, correlation)),
      sites: chain[0] ? [chain[0].index] : [],
      factor: 'architecture',
      reason: 'depth',
      evidence: { correlation, layers },
    };
  },
};
