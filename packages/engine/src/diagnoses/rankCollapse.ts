import type { Diagnosis } from './diagnosis.js';

const thresholds = {
  diversity: {
    value: 0.001,
    unit: 'share of the energy',
    meaning:
      'At the last hidden layer the samples differ in less than 0.1 % of the signal; sound networks have 20 % or more.',
    source: 'Daneshmand et al. 2020, arXiv:2003.01652; digits networks of 2 to 40 layers',
  },
  progress: {
    value: 0.15,
    unit: 'share',
    meaning: 'A network that learns tells its samples apart.',
    source: 'Fuga',
  },
} as const;

/** Samples that have become the same on their way through the network. */
export const rankCollapse: Diagnosis = {
  id: 'rankCollapse',
  about: {
    does: 'With every layer the samples (or positions) become more alike, until nothing tells them apart.',
    formula: '1 − ‖mean h‖² / mean ‖h‖² → 0',
    source: 'Schoenholz et al. 2017 (ordered phase: c → 1); Dong et al. 2021, arXiv:2103.03404 (attention)',
  },
  thresholds,
  leadsTo: [],
  hides: () => ['learningRateTooLow', 'oscillation'],
  remedies: () => [
    'batchNorm',
    'residual',
    'layerNorm',
    'scaledResidual',
    'orthogonalInit',
    'lowerLearningRate',
  ],
  test: ({ chain, sites, learning, looks }) => {
    const last = chain.at(-2);
    if (!last || learning.progress > thresholds.progress.value) return null;
    const diversity = looks.diversity();
    const value = diversity[last.index]!;
    if (!(value < thresholds.diversity.value)) return null;
    const born = looks.diversityAtStart()[last.index]!;
    const collapsed = chain
      .slice(0, -1)
      .filter(({ index }) => diversity[index]! < thresholds.diversity.value);
    const first = collapsed[0] ?? last;
    return {
      severity: 1 / (1 + value / 0.002),
      sites: [first.index, ...collapsed.slice(1).map(({ index }) => index)],
      factor: 'architecture',
      reason:
        born > 20 * value
          ? 'training'
          : sites.some(({ info }) => info.meters?.some(({ id }) => id === 'headEntropy'))
            ? 'attention'
            : 'depth',
      evidence: {
        diversity: value,
        inputDiversity: diversity[chain[0]!.index]!,
        initialDiversity: born,
        layers: chain.length - 1,
      },
      names: { site: first.info.name },
    };
  },
};
