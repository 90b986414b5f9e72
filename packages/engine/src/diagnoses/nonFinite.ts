import type { Diagnosis } from './diagnosis.js';
import { profile } from '../run/trace.js';
import { firstUpdate, gradientGrowth } from './updates.js';
import type { CauseFactor } from './report.js';

const thresholds = {
  update: {
    value: 0.1,
    unit: 'update : weight',
    meaning: 'A step that changes the weights by a tenth of their size; 10⁻³ is usual.',
    source: 'Karpathy, makemore part 3; TheDeepChecker 2022 (10⁻¹)',
  },
} as const;

/** A loss, an activation or a sample that is NaN or infinite. */
export const nonFinite: Diagnosis = {
  id: 'nonFinite',
  about: {
    does: 'A number overflowed or is not defined, and everything computed from it is lost.',
    formula: '∃ step: L = NaN or ±∞',
    source: 'IEEE 754',
  },
  thresholds,
  leadsTo: [],
  hides: ({ factor }) => [
    ...(factor === 'data' ? (['learningRateTooHigh', 'exploding'] as const) : []),

    'deadUnits',
    'saturation',
    'vanishing',
    'forwardDecay',
    'learningRateTooLow',
    'oscillation',
    'rankCollapse',
    'shattered',
  ],
  remedies: ({ factor }) =>
    factor === 'data'
      ? []
      : factor === 'weights'
        ? ['xavierInit', 'heInit', 'batchNorm', 'layerNorm', 'scaledResidual', 'fixup']
        : ['lowerLearningRate', 'gradientClipping', 'warmup', 'batchNorm', 'layerNorm'],
  test: (evidence) => {
    const { data, learning, trace, chain, spec } = evidence;
    const broken = data.nonFinite > 0;
    if (!broken && learning.brokeAt === null) return null;
    const record = trace.records.at(-1)!;
    const counts = profile(trace, 'nonFinite', record);
    const site = chain.find(({ index }) => counts[index]! > 0) ?? chain.at(-1);
    const [factor, reason]: [CauseFactor, string] = broken
      ? ['data', 'data']
      : learning.brokeAt === 0
        ? ['weights', 'weights']
        : firstUpdate(evidence) > thresholds.update.value
          ? ['optimizer', 'steps']
          : ['optimizer', 'growth'];
    return {
      severity: 1,
      sites: site && !broken ? [site.index] : [],
      factor,
      ...(reason === 'steps' ? { because: ['learningRateTooHigh'] as const } : {}),
      reason,
      evidence: {
        ...(broken ? { broken: data.nonFinite } : { step: learning.brokeAt! }),
        firstUpdate: firstUpdate(evidence),
        gradGrowth: gradientGrowth(evidence),
        lr: spec.optimizer.lr,
      },
      names: { factor, ...(site && !broken ? { site: site.info.name } : {}) },
    };
  },
};
