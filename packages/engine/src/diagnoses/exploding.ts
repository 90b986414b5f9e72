import {
  chanceDecades,
  hasWeights,
  largestShare,
  outlier,
  sumShares,
  typicalFactors,
  type Share,
} from './cause.js';
import type { Diagnosis, Symptom } from './diagnosis.js';
import type { Evidence, SiteEvidence } from './evidence.js';
import { decadesThrough } from './factors.js';
import { gradientDecades, signalDecades } from './flow.js';
import type { CauseFactor } from './report.js';
import { activationOf, pathToLoss } from './vanishing.js';
import { timeFlows } from './timeFlow.js';
import { firstUpdate } from './updates.js';

const thresholds = {
  growth: {
    value: 0.9,
    unit: 'decades',
    meaning:
      'A gradient that grows eightfold on its way back; sound networks of 2 to 30 layers stay within fourfold.',
    source:
      'Schoenholz et al. 2017 (χ > 1 is the chaotic phase); He-ReLU and Xavier-tanh networks at initialisation',
  },
  deviations: {
    value: 3,
    unit: 'standard deviations',
    meaning: 'Growth within so many deviations of a critical network of this depth and width is chance.',
    source: 'Hanin & Nica 2018: Var ln |Ju|² = 5 L / n',
  },
  time: {
    value: 2,
    unit: 'decades',
    meaning: 'A gradient a hundred times larger at the first step of a sequence than at the last.',
    source: 'Pascanu et al. 2013, arXiv:1211.5063',
  },
  carried: {
    value: 0.5,
    unit: 'share',
    meaning:
      'Growth by norms or skips is no harm to a network with this progress: their layers do not care for the scale of their weights.',
    source: 'Yang et al. 2019, arXiv:1902.08129; van Laarhoven 2017, arXiv:1706.05350',
  },
  signal: {
    value: 1.5,
    unit: 'decades',
    meaning: 'A signal that grows thirtyfold on its way in makes logits and gradients as large.',
    source: 'He et al. 2015, §2.2',
  },
  recovered: {
    value: 0.45,
    unit: 'decades',
    meaning: 'Below this over the window training has tamed the growth by itself.',
    source: 'as growth',
  },
  learned: {
    value: 0.9,
    unit: 'share',
    meaning: 'With this progress, only growth that has not been tamed at all is held against a network.',
    source: 'Fuga',
  },
  slow: {
    value: 0.5,
    unit: 'share',
    meaning: 'Below this progress the growth at the start counts.',
    source: 'Fuga',
  },
  diverged: {
    value: 100,
    unit: 'times',
    meaning: 'A loss so many times its first value (or that of chance) has diverged.',
    source: 'AutoTrainer 2021 takes a loss of 1000',
  },
} as const;

/** A gradient, or a signal, that grows from layer to layer. */
export const exploding: Diagnosis = {
  id: 'exploding',
  about: {
    does: 'The gradient grows from layer to layer on its way back, or the signal on its way in.',
    formula: 'rms(∂L/∂a_l) ≫ rms(∂L/∂a_L): weights × slope > 1 a layer',
    source: 'Bengio et al. 1994; Pascanu et al. 2013, arXiv:1211.5063',
  },
  thresholds,
  leadsTo: ['nonFinite'],
  hides: ({ factor }) =>
    factor === 'optimizer'
      ? [
          'deadUnits',
          'saturation',
          'vanishing',
          'learningRateTooLow',
          'oscillation',
          'rankCollapse',
          'shattered',
        ]
      : [
          'learningRateTooHigh',
          'deadUnits',
          'vanishing',
          'learningRateTooLow',
          'oscillation',
          'rankCollapse',
          'shattered',
        ],
  remedies: ({ factor }) =>
    factor === 'skip'
      ? ['scaledResidual', 'fixup', 'batchNorm', 'layerNorm', 'gradientClipping', 'lowerLearningRate']
      : factor === 'normalization'
        ? ['residual', 'scaledResidual', 'selu', 'gelu', 'gradientClipping', 'lowerLearningRate']
        : factor === 'optimizer'
          ? ['lowerLearningRate', 'gradientClipping', 'warmup', 'adam']
          : factor === 'recurrence'
            ? ['gradientClipping', 'orthogonalInit', 'lstm', 'gru', 'lowerLearningRate']
            : [
                'xavierInit',
                'heInit',
                'lsuvInit',
                'orthogonalInit',
                'batchNorm',
                'layerNorm',
                'gradientClipping',
                'lowerLearningRate',
              ],
  test: (evidence) => growth(evidence) ?? inTime(evidence) ?? divergence(evidence),
};

/** Growth that is there at initialisation and does not go away. */
function growth(evidence: Evidence): Symptom | null {
  const { chain, sites, learning } = evidence;
  const chance = chanceDecades(evidence, chain).deviation * thresholds.deviations.value;
  const back = gradientDecades(evidence, 'initial');
  const forth = signalDecades(evidence, 'initial');
  const weighted = sites.filter(hasWeights);
  const hidden = chain.slice(0, -1);
  const largest = (values: readonly number[], among: readonly SiteEvidence[]) =>
    among.reduce<SiteEvidence | null>(
      (most, site) =>
        Number.isFinite(values[site.index]!) && (!most || values[site.index]! > values[most.index]!)
          ? site
          : most,
      null,
    );
  const steepest = largest(back, weighted);
  const loudest = largest(forth, hidden);
  const decades = steepest ? back[steepest.index]! : 0;
  const forward = loudest ? forth[loudest.index]! : 0;
  const grows = decades > Math.max(thresholds.growth.value, chance);
  const swells = forward > Math.max(thresholds.signal.value, chance) || learning.brokeAt === 0;
  if (!grows && !swells) return null;
  const now = steepest ? gradientDecades(evidence, 'window')[steepest.index]! : 0;
  const bar =
    learning.progress > thresholds.learned.value ? thresholds.growth.value : thresholds.recovered.value;
  if (now <= bar && learning.progress >= thresholds.slow.value && learning.brokeAt === null) return null;
  const start = steepest ?? chain[0];
  if (!start) return null;
  const path = pathToLoss(evidence, grows ? start : (chain[0] ?? start));
  const through = path.length > 0 ? path : chain;
  const single = outlier(
    through,
    through.map((site) => decadesThrough(site, 'initial')),
    1,
  );
  const culprits = single ? [single] : through;
  const share = largestShare(sumShares(evidence, culprits, 'initial'), 1);
  const scaleFree = share === 'normalization' || share === 'skip';
  if (scaleFree && learning.progress >= thresholds.carried.value && learning.brokeAt === null) return null;
  const typical = typicalFactors(evidence, culprits, 'initial');
  const size = Math.max(decades, forward, learning.brokeAt === 0 ? 10 : 0);
  const first = single ?? start;
  const affected = weighted.filter(
    ({ index }) => back[index]! > thresholds.growth.value && index !== first.index,
  );
  return {
    severity: (1 - 10 ** (-size / 3)) * (1 - 0.5 * Math.min(1, Math.max(0, learning.progress))),
    sites: [first.index, ...affected.map(({ index }) => index)],
    ...reasons[share],
    evidence: { decades, forward, layers: through.length, chanceDeviation: chance / 3, ...typical },
    names: {
      site: start.info.name,
      last: loudest?.info.name ?? start.info.name,
      activation: activationOf(culprits),
      factor: reasons[share].factor,
    },
  };
}

const reasons: Readonly<Record<Share, { factor: CauseFactor; reason: string }>> = {
  weights: { factor: 'weights', reason: 'largeWeights' },
  flat: { factor: 'activation', reason: 'flatActivation' },
  saturated: { factor: 'activation', reason: 'flatActivation' },
  normalization: { factor: 'normalization', reason: 'normalization' },
  skip: { factor: 'skip', reason: 'skip' },
  recurrence: { factor: 'recurrence', reason: 'recurrence' },
  padding: { factor: 'architecture', reason: 'largeWeights' },
};

/** A gradient that grows on its way back through time. */
function inTime(evidence: Evidence): Symptom | null {
  const { learning } = evidence;
  const [worst] = timeFlows(evidence, 'initial').sort((a, b) => b.decades - a.decades);
  if (!worst || worst.decades < thresholds.time.value) return null;
  if (learning.progress > thresholds.slow.value && learning.brokeAt === null) return null;
  const { site, decades, steps, perStep } = worst;
  return {
    severity: 1 - 10 ** (-decades / 5),
    sites: [site.index],
    factor: 'recurrence',
    reason: 'recurrence',
    evidence: { decades, forward: 0, steps, perStep },
    names: { site: site.info.name, last: site.info.name, factor: 'recurrence', time: 'time' },
  };
}

/** A loss that has left all bounds though the flow was sound: the steps did it. */
function divergence(evidence: Evidence): Symptom | null {
  const { learning, chain, spec } = evidence;
  const reference = Math.max(learning.first, learning.baseline);
  const fold = learning.last / reference;
  if (!(fold > thresholds.diverged.value) || learning.brokeAt !== null) return null;
  return {
    severity: 1 - 0.1 / Math.log10(fold),
    sites: chain.map(({ index }) => index),
    factor: 'optimizer',
    because: ['learningRateTooHigh'],
    reason: 'steps',
    evidence: {
      lossFold: fold,
      decades: 0,
      forward: 0,
      firstUpdate: firstUpdate(evidence),
      lr: spec.optimizer.lr,
    },
    names: { site: chain[0]?.info.name ?? '', factor: 'optimizer' },
  };
}
