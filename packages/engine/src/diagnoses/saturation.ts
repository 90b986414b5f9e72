import { factorOf } from './factors.js';
import type { Diagnosis } from './diagnosis.js';
import type { SiteEvidence } from './evidence.js';
import { median } from './evidence.js';
import type { CauseFactor } from './report.js';

const thresholds = {
  share: {
    value: 0.5,
    unit: 'share',
    meaning:
      'Half of the outputs where the slope is below 6 % of its maximum; a tanh of unit preactivations has 4 %.',
    source: 'Karpathy, makemore part 3 (|tanh| > 0.97); DeepDiagnosis 2022 (more than half)',
  },
  single: { value: 0.75, unit: 'share', meaning: 'As much at one site is enough.', source: 'Fuga' },
  carried: {
    value: 0.9,
    unit: 'share',
    meaning: 'A network with this progress is not hindered by its flat units.',
    source: 'Fuga',
  },
  inputRms: {
    value: 3,
    unit: '1',
    meaning: 'An input beyond this drives the first layer flat.',
    source: 'LeCun et al. 1998, §4.3',
  },
} as const;

/** Units in the flat parts of their activation. */
export const saturation: Diagnosis = {
  id: 'saturation',
  about: {
    does: 'Most outputs of a layer are in the flat part of its activation, where the gradient is almost 0.',
    formula: 'share of |tanh z| > 0.97, or of any output where the slope is below 6 % of its maximum',
    source: 'Glorot & Bengio 2010, §3; Karpathy, makemore part 3',
  },
  thresholds,
  leadsTo: [],
  hides: () => ['learningRateTooLow', 'oscillation', 'rankCollapse', 'shattered'],
  remedies: ({ factor }) =>
    factor === 'data'
      ? ['scaleInput', 'batchNorm', 'lowerLearningRate']
      : factor === 'optimizer'
        ? ['lowerLearningRate', 'gradientClipping', 'warmup', 'batchNorm', 'layerNorm']
        : ['xavierInit', 'lsuvInit', 'orthogonalInit', 'batchNorm', 'layerNorm', 'reluHe', 'gelu'],
  test: (evidence) => {
    const { sites, learning, data, spec } = evidence;
    // Behind a skip the gradient has a way round: only sites that all of it must pass count.
    const flat = sites.filter(
      ({ info, initial }) => info.parent === null && Number.isFinite(initial.saturated),
    );
    if (flat.length === 0 || learning.progress > thresholds.carried.value) return null;
    const share = (site: SiteEvidence) => site.window.saturated;
    const typical = median(flat.map(share));
    const worst = flat.reduce((a, b) => (share(b) > share(a) ? b : a));
    if (!(typical > thresholds.share.value || share(worst) > thresholds.single.value)) return null;
    const affected = flat.filter((site) => share(site) > thresholds.share.value);
    const first = affected[0] ?? worst;
    const initialShare = median(affected.map(({ initial }) => initial.saturated));
    const [factor, reason]: [CauseFactor, string] =
      first.source === null &&
      data.inputRms > thresholds.inputRms.value &&
      first.initial.saturated > thresholds.share.value
        ? ['data', 'input']
        : initialShare > 0.6 * median(affected.map(share))
          ? ['weights', 'largeWeights']
          : ['optimizer', 'training'];
    return {
      severity: severityOf(Math.max(typical, share(worst) - 0.25), learning.progress),
      sites: affected.map(({ index }) => index),
      factor,
      reason,
      ...(factor === 'optimizer' ? { because: ['vanishing', 'learningRateTooHigh'] as const } : {}),
      evidence: {
        share: share(first),
        initialShare,
        typicalShare: typical,
        inputRms: data.inputRms,
        weights: factorOf(evidence, first, 'initial').weights ?? NaN,
        lr: spec.optimizer.lr,
      },
      names: { site: first.info.name, activation: first.info.activation!.fn, factor },
    };
  },
};

/** From 0 at 40 % saturated (a tanh network at the edge of chaos) to 1 at all; half for a network that learns anyway. */
function severityOf(share: number, progress: number): number {
  return Math.min(1, Math.max(0.06, (share - 0.4) / 0.6)) * (1 - 0.5 * Math.max(0, progress));
}
