import {
  chanceDecades,
  hasWeights,
  largestShare,
  outlier,
  slopesOf,
  sumShares,
  typicalFactors,
  type Share,
} from './cause.js';
import type { Diagnosis, Symptom } from './diagnosis.js';
import { timeFlows } from './timeFlow.js';
import type { Evidence, SiteEvidence } from './evidence.js';
import { decadesThrough } from './factors.js';
import { coverage, gradientDecades, LEAST_DECADES, weightOf } from './flow.js';
import type { CauseFactor } from './report.js';

const thresholds = {
  starved: {
    value: -1.5,
    unit: 'decades',
    meaning:
      'A layer whose gradient is 30 times weaker than the output’s learns 30 times slower than the last layer.',
    source:
      'Bengio et al. 1994; digits, 300 steps of SGD: sigmoid networks stop learning between −1.3 and −1.9',
  },
  recovered: {
    value: -1,
    unit: 'decades',
    meaning: 'Above this over the window, training has brought the gradient back by itself.',
    source: 'as above',
  },
  opened: {
    value: 50,
    unit: 'steps',
    meaning: 'Branches that start at 0 (Fixup) have opened by then.',
    source: 'Zhang et al. 2019, arXiv:1901.09321',
  },
  lost: {
    value: -2,
    unit: 'decades',
    meaning:
      'A gradient that was sound at the start and is weaker than this over the window was lost in training.',
    source: 'as above',
  },
  time: {
    value: -3,
    unit: 'decades',
    meaning: 'What happened at the first step has a thousandth of the say of the last step.',
    source: 'Bengio et al. 1994; Pascanu et al. 2013, arXiv:1211.5063',
  },
  timeRecovered: {
    value: -2,
    unit: 'decades',
    meaning: 'Above this over the window the network has learnt to remember.',
    source: 'as above',
  },
  learned: {
    value: 0.9,
    unit: 'share',
    meaning:
      'A network that has learned this share of its baseline loss is not starved, whatever its gradient.',
    source: 'Fuga',
  },
  slow: {
    value: 0.5,
    unit: 'share',
    meaning: 'Below this progress the gradient at the start counts, recovered or not.',
    source: 'Fuga',
  },
} as const;

/** A gradient that becomes too weak on its way back from the loss for the early layers to learn. */
export const vanishing: Diagnosis = {
  id: 'vanishing',
  about: {
    does: 'The gradient becomes so weak on its way back that early layers do not learn.',
    formula: 'log₁₀ (‖∂L/∂a_l‖ / ‖∂L/∂a_L‖) = Σ log₁₀ (weights × slope × normalization × skip)',
    source: 'Hochreiter 1991; Bengio et al. 1994; Glorot & Bengio 2010',
  },
  thresholds,
  leadsTo: [],
  hides: ({ evidence }) =>
    // What was sound at the start and was lost in training may itself be a sign of one of these.
    evidence['initialDecades']! > thresholds.starved.value
      ? ['learningRateTooLow', 'oscillation']
      : ['learningRateTooLow', 'oscillation', 'rankCollapse', 'shattered'],
  remedies: ({ factor, reason }) =>
    factor === 'recurrence'
      ? ['lstm', 'gru', 'orthogonalInit', 'forgetBias']
      : reason === 'smallWeights'
        ? ['heInit', 'xavierInit', 'lsuvInit', 'batchNorm', 'residual', 'scaledResidual', 'reluHe']
        : reason === 'narrow'
          ? ['residual', 'layerNorm', 'orthogonalInit']
          : [
              'reluHe',
              'residual',
              'batchNorm',
              'layerNorm',
              'selu',
              'gelu',
              'leakyRelu',
              'scaledResidual',
              'lsuvInit',
              'adam',
            ],
  test: (evidence) => inDepth(evidence) ?? inTime(evidence),
};

function inDepth(evidence: Evidence): Symptom | null {
  const { learning, sites, trace } = evidence;
  if (learning.progress > thresholds.learned.value) return null;
  const initial = upToHere(gradientDecades(evidence, 'initial'));
  const window = upToHere(gradientDecades(evidence, 'window'));
  const slow = learning.progress < thresholds.slow.value;
  const starved = sites.filter((site) => {
    if (!hasWeights(site)) return false;
    const [before, now] = [initial[site.index]!, window[site.index]!];
    if (before < thresholds.starved.value) {
      const closed = before <= LEAST_DECADES; // exactly 0: dead for good, or a branch that was meant to start at 0
      const opening = closed && (now > LEAST_DECADES || trace.records.length === 1);
      if (opening && trace.steps < thresholds.opened.value) return false;
      if (now < thresholds.recovered.value) return true;
      return slow && !closed;
    }
    return slow && now < thresholds.lost.value;
  });
  if (starved.length === 0) return null;
  const born = starved.filter(({ index }) => initial[index]! < thresholds.starved.value);
  const when = born.length > 0 ? 'initial' : 'window';
  const affected = born.length > 0 ? born : starved;
  const decades = when === 'initial' ? initial : window;
  const weakest = affected.reduce((a, b) => (decades[b.index]! < decades[a.index]! ? b : a));
  const path = pathToLoss(evidence, affected[0]!);
  const single = outlier(
    path,
    path.map((site) => decadesThrough(site, when)),
    -1,
  );
  const blocked = [...path].reverse().find((site) => !(site[when].totalFactor > 0));
  const culprits = blocked ? [blocked] : single ? [single] : path;
  const explained = explain(evidence, culprits, decades[weakest.index]!, when);
  const first = blocked ?? single ?? affected[0]!;
  const rest = affected.map(({ index }) => index).filter((index) => index !== first.index);
  const size = Math.abs(decades[weakest.index]!);
  return {
    severity: size / (size + 0.85),
    sites: [first.index, ...rest],
    factor: explained.factor,
    reason: when === 'window' && explained.reason === 'flatActivation' ? 'training' : explained.reason,
    evidence: {
      decades: decades[weakest.index]!,
      initialDecades: initial[weakest.index]!,
      windowDecades: window[weakest.index]!,
      decadesSize: size,
      starved: affected.length,
      layers: path.length,
      ...explained.evidence,
    },
    ...(explained.reason === 'saturated' ? { because: ['saturation'] as const } : {}),
    names: {
      site: sites[weakest.index]!.info.name,
      culprit: first.info.name,
      activation: activationOf(culprits),
      ...(explained.reason === 'flatActivation' ? { flat: 'flat' } : {}),
    },
  };
}

/** A gradient that does not reach the first steps of a sequence. */
function inTime(evidence: Evidence): Symptom | null {
  const { learning } = evidence;
  if (learning.progress > thresholds.slow.value) return null;
  const flows = timeFlows(evidence, 'initial');
  const now = timeFlows(evidence, 'window');
  const weak = flows.filter(
    ({ decades }, i) => decades < thresholds.time.value && now[i]!.decades < thresholds.timeRecovered.value,
  );
  const [worst] = [...weak].sort((a, b) => a.decades - b.decades);
  if (!worst) return null;
  const { site, decades, steps, perStep } = worst;
  const size = Math.abs(decades);
  return {
    severity: size / (size + 2),
    sites: [site.index],
    factor: 'recurrence',
    reason: 'recurrence',
    evidence: { decades, decadesSize: size, starved: 1, steps, perStep, timeDecades: size },
    names: { site: site.info.name, time: 'time', cell: site.info.type },
  };
}

/**
 * The largest of the decades up to each site, from the input on: a side branch whose gradient is weak does not starve
 * the network, as long as those before it get theirs by another way.
 */
function upToHere(decades: readonly number[]): number[] {
  let most = -Infinity;
  return decades.map((value) => {
    if (Number.isNaN(value)) return value;
    most = Math.max(most, value);
    return most;
  });
}

/** Sites of the outermost level between a site's output and the loss: the gradient passed through them. */
export function pathToLoss({ chain, sites }: Evidence, from: SiteEvidence): SiteEvidence[] {
  let top = from;
  while (top.info.parent !== null) top = sites[top.info.parent]!;
  return chain.slice(chain.indexOf(top) + 1);
}

/** Name of the activation that most of the sites have. */
export function activationOf(sites: readonly SiteEvidence[]): string {
  const counts = new Map<string, number>();
  for (const { info } of sites) {
    const name = info.activation?.fn;
    if (name && name !== 'identity') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'identity';
}

const reasons: Readonly<Record<Share, { factor: CauseFactor; reason: string }>> = {
  weights: { factor: 'weights', reason: 'smallWeights' },
  flat: { factor: 'activation', reason: 'flatActivation' },
  saturated: { factor: 'activation', reason: 'saturated' },
  normalization: { factor: 'normalization', reason: 'normalization' },
  skip: { factor: 'skip', reason: 'skip' },
  recurrence: { factor: 'recurrence', reason: 'recurrence' },
  padding: { factor: 'architecture', reason: 'padding' },
};

function explain(
  evidence: Evidence,
  culprits: readonly SiteEvidence[],
  decades: number,
  when: 'initial' | 'window',
) {
  const shares = sumShares(evidence, culprits, when);
  const share = largestShare(shares, -1);
  const chance = chanceDecades(evidence, culprits);
  const typical = typicalFactors(evidence, culprits, when);
  const width = Math.min(...culprits.map((site) => weightOf(site)?.fanIn ?? Infinity));
  const known = {
    perLayer: typical.perLayer,
    weights: typical.weights,
    slope: typical.slope,
    coverage: Math.min(...culprits.map(coverage)),
    maxSlope: Math.min(...culprits.map((site) => slopesOf(site).reachable)),
    chanceDecades: chance.mean,
    width,
  };
  if (culprits.some((site) => !(site[when].totalFactor > 0))) {
    return { factor: 'activation' as const, reason: 'deadLayer', evidence: known };
  }
  if (when === 'initial' && chance.mean + chance.deviation > 0.5 * Math.abs(decades)) {
    return { factor: 'architecture' as const, reason: 'narrow', evidence: known };
  }
  return { ...reasons[share], evidence: known };
}
