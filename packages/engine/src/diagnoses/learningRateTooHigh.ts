import type { Diagnosis } from './diagnosis.js';
import { firstUpdate, largestUpdate, suggestRate, usualUpdate } from './updates.js';

const thresholds = {
  update: {
    value: 0.03,
    unit: 'update : weight',
    meaning:
      'A step that changes the weights by 3 % of their size; 0.1 % is usual, beyond 10 % nothing is kept.',
    source: 'Karpathy, makemore part 3 (10⁻³); TheDeepChecker 2022 (10⁻¹)',
  },
  huge: {
    value: 0.2,
    unit: 'update : weight',
    meaning: 'A step that changes the weights by a fifth.',
    source: 'as above',
  },
  steps: { value: 100, unit: 'steps', meaning: 'So many steps must have led nowhere.', source: 'Fuga' },
  few: { value: 10, unit: 'steps', meaning: 'A loss must have risen for so many steps.', source: 'Fuga' },
  worse: {
    value: 1.2,
    unit: 'times',
    meaning: 'A last loss so much above both the first and chance.',
    source: 'Fuga',
  },
  stuck: {
    value: 0.1,
    unit: 'share',
    meaning: 'Progress below this after steps that large.',
    source: 'Fuga',
  },
  sustained: {
    value: 8e-3,
    unit: 'update : weight',
    meaning: 'Steps of 0.8 % of the weights, one after the other, eight times what is usual.',
    source: 'Karpathy, makemore part 3',
  },
  stalled: {
    value: 0.9,
    unit: 'times',
    meaning: 'The last quarter’s loss is hardly below the third quarter’s.',
    source: 'Fuga',
  },
  fallen: {
    value: 0.1,
    unit: 'times the first loss',
    meaning: 'A loss that fell below a tenth of the first has settled at what the network can do.',
    source: 'Fuga',
  },
  half: {
    value: 0.6,
    unit: 'share',
    meaning: 'A network that got so far may take large steps.',
    source: 'Fuga',
  },
  good: {
    value: 0.001,
    unit: 'update : weight',
    meaning: 'What to aim at.',
    source: 'Karpathy, makemore part 3',
  },
} as const;

/** Steps so large that the loss rises, breaks or never falls. */
export const learningRateTooHigh: Diagnosis = {
  id: 'learningRateTooHigh',
  about: {
    does: 'The steps are so large that training diverges or destroys units.',
    formula: 'lr > 2 / λ_max: gradient descent diverges',
    source: 'LeCun et al. 1998, "Efficient BackProp" §5',
  },
  thresholds,
  leadsTo: ['deadUnits', 'saturation'],
  hides: () => ['vanishing', 'learningRateTooLow', 'oscillation', 'rankCollapse', 'shattered'],
  remedies: () => ['lowerLearningRate', 'warmup', 'gradientClipping', 'adam'],
  test: (evidence) => {
    const { learning, spec } = evidence;
    const [first, largest] = [firstUpdate(evidence), largestUpdate(evidence)];
    const reference = Math.max(learning.first, learning.baseline);
    const broke = learning.brokeAt !== null && learning.brokeAt > 0;
    const { steps } = evidence.trace;
    const long = steps >= thresholds.steps.value;
    const worse = steps >= thresholds.few.value && learning.last > thresholds.worse.value * reference;
    // A few huge steps show as soon as a hundred large ones that it leads nowhere.
    const stuck =
      learning.progress < thresholds.stuck.value &&
      (long || (steps >= thresholds.few.value && largest > thresholds.huge.value));
    const big = largest > thresholds.update.value;
    const stalled =
      long &&
      learning.progress < thresholds.half.value &&
      learning.last > thresholds.fallen.value * learning.first &&
      learning.quarters[3] > thresholds.stalled.value * learning.quarters[2] &&
      (big || usualUpdate(evidence) > thresholds.sustained.value);
    if (!broke && !((worse || stuck) && big) && !stalled) return null;
    const { lr } = spec.optimizer;
    return {
      severity: broke ? 0.95 : worse ? 0.9 : stuck ? 0.8 : 0.5,
      sites: [],
      factor: 'optimizer',
      reason: first > thresholds.update.value ? 'update' : 'divergence',
      evidence: {
        lr,
        first: learning.first,
        last: learning.last,
        firstUpdate: first,
        largestUpdate: largest,
        suggested: Math.min(
          suggestRate(lr, Math.max(first, largest), 10 * thresholds.good.value),
          Number((lr / 3).toPrecision(1)),
        ),
        ...(broke ? { broke: learning.brokeAt! } : {}),
      },
    };
  },
};
