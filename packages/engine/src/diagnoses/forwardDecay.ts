import { chanceDecades, hasWeights, slopesOf } from './cause.js';
import type { Diagnosis } from './diagnosis.js';
import type { Evidence, SiteEvidence } from './evidence.js';
import { coverage, LEAST_DECADES, signalDecades, weightOf, weightVariance } from './flow.js';
import type { CauseFactor } from './report.js';
import { activationOf } from './vanishing.js';

const thresholds = {
  decayed: {
    value: -1.5,
    unit: 'decades',
    meaning:
      'A signal thirty times weaker at the last hidden layer than at the first leaves the output to the biases.',
    source:
      'He et al. 2015, §2.2; digits, 300 steps of SGD: ReLU + Xavier stops learning between −1.3 and −2.2',
  },
  recovered: {
    value: -0.75,
    unit: 'decades',
    meaning: 'Above this over the window the signal has come back.',
    source: 'as above',
  },
  learned: {
    value: 0.9,
    unit: 'share',
    meaning: 'A network with this progress passes its signal well enough.',
    source: 'Fuga',
  },
  slow: {
    value: 0.5,
    unit: 'share',
    meaning: 'Below this progress the decay at the start counts.',
    source: 'Fuga',
  },
  dead: {
    value: 0.99,
    unit: 'share',
    meaning: 'A layer with this share of dead units is dead, not weak.',
    source: 'Lu et al. 2019',
  },
} as const;

/** A signal that shrinks from layer to layer on its way in. */
export const forwardDecay: Diagnosis = {
  id: 'forwardDecay',
  about: {
    does: 'The signal shrinks from layer to layer, so the output hardly depends on the input.',
    formula: 'rms(h_L) / rms(h_1) = Π √(σ_w² E φ²)',
    source: 'Glorot & Bengio 2010; He et al. 2015, arXiv:1502.01852, §2.2',
  },
  thresholds,
  leadsTo: ['vanishing'],
  hides: () => ['deadUnits', 'learningRateTooLow', 'oscillation', 'rankCollapse', 'shattered'],
  remedies: ({ reason }) =>
    reason === 'narrow'
      ? ['residual', 'layerNorm', 'orthogonalInit', 'leakyRelu']
      : [
          'heInit',
          'lsuvInit',
          'orthogonalInit',
          'xavierInit',
          'batchNorm',
          'layerNorm',
          'residual',
          'scaledResidual',
          'scaledResidual',
          'selu',
          'reluHe',
        ],
  test: (evidence) => {
    const { chain, learning } = evidence;
    const hidden = chain.slice(0, -1);
    if (hidden.length < 2 || learning.progress > thresholds.learned.value) return null;
    const initial = signalDecades(evidence, 'initial');
    const window = signalDecades(evidence, 'window');
    const last = hidden.at(-1)!;
    const first = hidden[0]!;
    const decades = initial[last.index]!;
    if (!(decades < thresholds.decayed.value)) return null;
    if (learning.progress >= thresholds.slow.value && window[last.index]! > thresholds.recovered.value)
      return null;
    if (hidden.some(({ initial: { dead } }) => dead >= thresholds.dead.value)) return null;
    const steps = hidden.slice(1).map((site, i) => initial[site.index]! - initial[hidden[i]!.index]!);
    const most = Math.min(...steps);
    const alone = most < -1 && most < 0.5 * decades;
    const culprits = alone ? [hidden[steps.indexOf(most) + 1]!] : hidden.slice(1);
    const { factor, reason } = explain(evidence, culprits, decades);
    const size = Math.abs(Math.max(LEAST_DECADES, decades));
    const faded = hidden.filter(({ index }) => initial[index]! < thresholds.decayed.value);
    const start = (alone ? culprits : hidden.slice(1).filter(hasWeights))[0] ?? hidden[1]!;
    return {
      severity: size / (size + 0.85),
      sites: [start.index, ...faded.map(({ index }) => index).filter((index) => index !== start.index)],
      factor,
      reason,
      evidence: {
        decades,
        windowDecades: window[last.index]!,
        perLayer: 10 ** (decades / steps.length),
        coverage: Math.min(...culprits.map(coverage)),
        layers: hidden.length,
        chanceDecades: chanceDecades(evidence, hidden).mean,
        width: Math.min(...hidden.map((site) => weightOf(site)?.fanIn ?? Infinity)),
      },
      names: {
        first: first.info.name,
        last: last.info.name,
        activation: activationOf(culprits),
        init: initOf(culprits[0]!),
      },
    };
  },
};

function explain(
  evidence: Evidence,
  culprits: readonly SiteEvidence[],
  decades: number,
): { factor: CauseFactor; reason: string } {
  const chance = chanceDecades(evidence, culprits);
  if (chance.mean + chance.deviation > 0.5 * Math.abs(decades))
    return { factor: 'architecture', reason: 'narrow' };
  const padded = culprits.reduce((sum, site) => sum + Math.log10(coverage(site)) / 2, 0);
  if (padded < 0.5 * decades) return { factor: 'architecture', reason: 'padding' };
  const kinds = new Set(culprits.map(({ info }) => info.factor));
  if (kinds.size === 1 && !kinds.has('weights')) {
    const [kind] = kinds;
    return kind === 'skip'
      ? { factor: 'skip', reason: 'skip' }
      : { factor: 'normalization', reason: 'normalization' };
  }
  // Do the weights have the gain that the activation needs? √2 for a ReLU, 1 for tanh.
  const short = culprits.reduce((sum, site) => {
    const { best, reachable } = slopesOf(site);
    // A lone activation has no weights: what it needs, those before it lack.
    const scale = hasWeights(site) ? Math.sqrt(weightVariance(site) / coverage(site)) : 1;
    return Number.isFinite(scale) ? sum + Math.log10((scale * best) / reachable) : sum;
  }, 0);
  return short < 0.3 * decades
    ? { factor: 'weights', reason: 'smallWeights' }
    : { factor: 'activation', reason: 'activation' };
}

/** The init as the spec has it, in short. */
export function initOf({ info }: SiteEvidence): string {
  const { init } = info.options;
  return typeof init === 'string'
    ? init
    : init === undefined
      ? 'weights'
      : JSON.stringify(init).replace(/"/g, '');
}
