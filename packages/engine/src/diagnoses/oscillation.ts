import type { Diagnosis } from './diagnosis.js';
import { median } from './evidence.js';
import { quantile } from './looks.js';
import { suggestRate, usualUpdate } from './updates.js';

const thresholds = {
  spread: {
    value: 0.15,
    unit: 'share of the baseline',
    meaning:
      'The middle 80 % of the losses of the last half (trend taken off) spread over 15 % of the loss of chance.',
    source: 'AutoTrainer 2021 takes 3 % of accuracy in a fifth of the epochs',
  },
  falling: {
    value: 0.6,
    unit: 'times',
    meaning: 'A loss that falls so much from the third quarter to the last is on its way.',
    source: 'Fuga',
  },
  learned: { value: 0.75, unit: 'share', meaning: 'A network that got so far may bounce.', source: 'Fuga' },
  turn: {
    value: -0.05,
    unit: 'cosine',
    meaning: 'The next gradient asks for a part of the step to be taken back.',
    source: 'LeCun et al. 1998, "Efficient BackProp" §5: beyond lr = 1/λ a step overshoots',
  },
  sampling: {
    value: 1.5,
    unit: 'times',
    meaning:
      'More than the batches differ among themselves when the weights stand still: it is the steps, not the samples.',
    source: 'Fuga',
  },
  update: {
    value: 3e-3,
    unit: 'update : weight',
    meaning: 'Small steps do not overshoot.',
    source: 'Karpathy, makemore part 3 (10⁻³)',
  },
  steps: { value: 100, unit: 'steps', meaning: 'Fewer losses say nothing about a spread.', source: 'Fuga' },
} as const;

const SPAN = 10; // steps on either side that make the running mean

/** A loss that bounces because the steps overshoot. */
export const oscillation: Diagnosis = {
  id: 'oscillation',
  about: {
    does: 'The loss jumps up and down by more than the samples of the batches explain.',
    formula: 'spread(loss − running mean) ≫ spread of batch losses at fixed weights',
    source: 'LeCun et al. 1998, "Efficient BackProp" §5; Zhang et al. 2021 (AutoTrainer)',
  },
  thresholds,
  leadsTo: [],
  hides: () => ['rankCollapse', 'shattered'],
  remedies: () => ['lowerLearningRate', 'gradientClipping', 'warmup', 'adam', 'batchNorm'],
  test: (evidence) => {
    const { trace, learning, spec, looks, window } = evidence;
    if (
      learning.brokeAt !== null ||
      learning.progress > thresholds.learned.value ||
      trace.losses.length < thresholds.steps.value
    )
      return null;
    const [, , third, fourth] = learning.quarters;
    if (fourth < thresholds.falling.value * third) return null;
    const half = trace.losses.slice(trace.losses.length >> 1);
    const residuals = half.map((loss, i) => {
      const near = half.slice(Math.max(0, i - SPAN), i + SPAN + 1);
      return loss - near.reduce((sum, value) => sum + value, 0) / near.length;
    });
    const spread = quantile(residuals, 0.9) - quantile(residuals, 0.1);
    const update = usualUpdate(evidence);
    if (!(spread > thresholds.spread.value * learning.baseline) || !(update > thresholds.update.value))
      return null;
    const sampling = looks.sampling().spread;
    const turn = median(window.map((record) => record.turn ?? NaN));
    if (spread < thresholds.sampling.value * sampling || !(turn < thresholds.turn.value)) return null;
    const bounce = spread / learning.baseline;
    return {
      severity: Math.min(1, bounce) * (1 - 0.5 * Math.max(0, learning.progress)),
      sites: [],
      factor: 'optimizer',
      reason: 'steps',
      evidence: {
        bounce,
        samplingSpread: sampling / learning.baseline,
        turn,
        update,
        low: quantile(half, 0.1),
        high: quantile(half, 0.9),
        suggested: Math.min(
          suggestRate(spec.optimizer.lr, update, 0.001),
          Number((spec.optimizer.lr / 2).toPrecision(1)),
        ),
      },
    };
  },
};
