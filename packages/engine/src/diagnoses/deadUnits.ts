import type { Diagnosis } from './diagnosis.js';
import { weightOf } from './flow.js';
import type { CauseFactor } from './report.js';
import { firstUpdate } from './updates.js';

const thresholds = {
  share: {
    value: 0.5,
    unit: 'share',
    meaning: 'Half of a layer’s units off for every sample of a window of steps.',
    source: 'TheDeepChecker 2022; SageMaker Debugger (more than half of a layer)',
  },
  hindered: {
    value: 0.5,
    unit: 'share',
    meaning:
      'Below this progress a half-dead layer is held to hinder the network; above it, only an almost dead one.',
    source: 'Fuga',
  },
  almost: {
    value: 0.9,
    unit: 'share',
    meaning: 'A layer that is almost dead.',
    source: 'AutoTrainer 2021 takes 0.7 of the zero gradients',
  },
  learned: {
    value: 0.9,
    unit: 'share',
    meaning: 'A network with this progress can afford its dead units.',
    source: 'Fuga',
  },
  step: {
    value: 0.05,
    unit: 'update : weight',
    meaning: 'A first update beyond this moves units out of reach.',
    source: 'Karpathy, makemore part 3 (10⁻³ is usual)',
  },
  inputRms: {
    value: 3,
    unit: '1',
    meaning: 'An input beyond this makes the steps large.',
    source: 'LeCun et al. 1998, §4.3',
  },
} as const;

/** Units that are off for every sample, and so get no gradient. */
export const deadUnits: Diagnosis = {
  id: 'deadUnits',
  about: {
    does: 'Units that are 0 for every sample seen: no signal, no gradient, no way back.',
    formula: 'share of units with max over samples and steps of a_i = 0',
    source: 'Maas et al. 2013; Lu et al. 2019, arXiv:1903.06733',
  },
  thresholds,
  leadsTo: [],
  hides: () => ['vanishing', 'learningRateTooLow', 'oscillation', 'rankCollapse', 'shattered'],
  remedies: ({ factor }) =>
    factor === 'optimizer'
      ? ['lowerLearningRate', 'leakyRelu', 'warmup', 'gradientClipping', 'batchNorm', 'selu', 'gelu']
      : factor === 'data'
        ? ['scaleInput', 'lowerLearningRate', 'leakyRelu']
        : ['leakyRelu', 'batchNorm', 'layerNorm', 'residual', 'selu', 'gelu', 'heInit'],
  test: (evidence) => {
    const { chain, sites, learning, data, spec } = evidence;
    if (learning.progress > thresholds.learned.value) return null;
    const bar =
      learning.progress < thresholds.hindered.value ? thresholds.share.value : thresholds.almost.value;
    const dead = sites.filter(({ window }) => window.dead > bar);
    if (dead.length === 0) return null;
    const worst = dead.reduce((a, b) => (b.window.dead > a.window.dead ? b : a));
    const bornDead = dead.find(({ initial }) => initial.dead > thresholds.almost.value);
    const first = bornDead ?? dead[0]!;
    const [factor, reason]: [CauseFactor, string] = bornDead
      ? ['architecture', 'born']
      : data.inputRms > thresholds.inputRms.value
        ? ['data', 'input']
        : firstUpdate(evidence) > thresholds.step.value
          ? ['optimizer', 'steps']
          : ['activation', 'training'];
    const width = Math.min(...chain.slice(1).map((site) => weightOf(site)?.fanIn ?? Infinity));
    return {
      severity: Math.min(1, worst.window.dead),
      sites: [first.index, ...dead.map(({ index }) => index).filter((index) => index !== first.index)],
      factor,
      reason,
      evidence: {
        share: first.window.dead,
        initialShare: first.initial.dead,
        width,
        layers: chain.length - 1,
        bornDead: 1 - (1 - 2 ** -width) ** (chain.length - 1),
        firstUpdate: firstUpdate(evidence),
        lr: spec.optimizer.lr,
        inputRms: data.inputRms,
      },
      names: { site: first.info.name, factor },
    };
  },
};
