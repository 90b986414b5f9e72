import { readActivation } from '../activations/activation.js';
import { readLoss } from '../losses/loss.js';
import { activations, losses } from '../run/shelves.js';
import type { Diagnosis } from './diagnosis.js';
import type { SiteEvidence } from './evidence.js';

const thresholds = {
  reach: {
    value: 60,
    unit: 'preactivation',
    meaning: 'An output that is still within bounds at ±60 is taken to be bounded.',
    source: 'Fuga',
  },
  unreachable: {
    value: 0.05,
    unit: 'share of the targets’ range',
    meaning: 'So much of the targets’ range may lie outside of what the output reaches.',
    source: 'Fuga',
  },
} as const;

/** A last layer whose output cannot be what the loss expects. */
export const lossMismatch: Diagnosis = {
  id: 'lossMismatch',
  about: {
    does: 'The output is squashed before a loss that squashes it itself, or cannot reach the targets.',
    formula: 'crossEntropy(softmax(softmax(x))) ≥ ln(1 + (C − 1) e^−(high − low))',
    source:
      'Goodfellow et al. 2016, "Deep Learning", §6.2.2; Zhang et al. 2021 (AutoTrainer: improper output activation)',
  },
  thresholds,
  leadsTo: ['vanishing', 'saturation'],
  hides: () => ['learningRateTooLow', 'deadUnits', 'rankCollapse', 'shattered', 'oscillation'],
  remedies: () => ['fixLoss'],
  test: ({ chain, spec, learning, data, classes }) => {
    const last = chain.at(-1);
    const range = last && rangeOf(last);
    if (!last || !range) return null;
    const loss = readLoss(losses, spec.loss);
    const names = { loss: loss.id, site: last.info.name, activation: last.info.activation!.fn };
    const [low, high] = range;
    const bounded = Number.isFinite(low) && Number.isFinite(high);
    if (loss.logits) {
      const floor = !bounded
        ? 0
        : loss.chance
          ? Math.log(1 + (classes - 1) * Math.exp(low - high))
          : Math.log(1 + Math.exp(-high));
      return {
        severity: bounded ? Math.min(1, 0.3 + floor / learning.baseline) : 0.4,
        sites: [last.index],
        factor: 'loss',
        reason: bounded ? 'squashedLogits' : 'cutLogits',
        evidence: { ...(bounded ? { low, high, floor } : {}) },
        names,
      };
    }
    const { targetLow, targetHigh } = data;
    const outside = Math.max(0, low - targetLow) + Math.max(0, targetHigh - high);
    const share = outside / Math.max(1e-12, targetHigh - targetLow);
    if (!(share > thresholds.unreachable.value)) return null;
    return {
      severity: Math.min(1, 0.3 + share),
      sites: [last.index],
      factor: 'loss',
      reason: 'unreachable',
      evidence: { low, high, targetLow, targetHigh, outside: share },
      names,
    };
  },
};

/** What an activation's output is kept within; null for a site without one, or one without bounds. */
function rangeOf({ info }: SiteEvidence): readonly [number, number] | null {
  if (!info.activation || info.activation.fn === 'identity') return null;
  const { activation, options } = readActivation(activations, {
    fn: info.activation.fn,
    ...info.activation.options,
  });
  if (!activation.f) return activation.range ?? null;
  const { value: reach } = thresholds.reach;
  const values = Array.from({ length: 241 }, (_, i) => activation.f!(((i - 120) / 120) * reach, options));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const bounds: [number, number] = [low < -reach / 10 ? -Infinity : low, high > reach / 10 ? Infinity : high];
  return bounds[0] === -Infinity && bounds[1] === Infinity ? null : bounds;
}
