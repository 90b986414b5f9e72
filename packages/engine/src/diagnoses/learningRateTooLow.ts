import type { Diagnosis } from './diagnosis.js';
import { suggestRate, usualUpdate } from './updates.js';

const thresholds = {
  update: {
    value: 1e-4,
    unit: 'update : weight',
    meaning: 'Steps below a ten-thousandth of the weights: a tenth of what is usual.',
    source: 'TheDeepChecker 2022 (10⁻⁴); Karpathy, makemore part 3 (10⁻³)',
  },
  progress: {
    value: 0.5,
    unit: 'share',
    meaning: 'Less than half learned in the steps given.',
    source: 'Fuga',
  },
  steps: { value: 10, unit: 'steps', meaning: 'One step says nothing about a pace.', source: 'Fuga' },
  steady: {
    value: 1.2,
    unit: 'times',
    meaning: 'A loss that has risen so much has other reasons.',
    source: 'Fuga',
  },
  good: {
    value: 0.001,
    unit: 'update : weight',
    meaning: 'What to aim at.',
    source: 'Karpathy, makemore part 3',
  },
} as const;

/** Steps so small that nothing is learned in the time given, though the gradient is sound. */
export const learningRateTooLow: Diagnosis = {
  id: 'learningRateTooLow',
  about: {
    does: 'The gradient flows, but the steps are so small that the network hardly changes.',
    formula: '‖Δw‖ / ‖w‖ < 10⁻⁴ a step',
    source: 'TheDeepChecker 2022; Karpathy, makemore part 3',
  },
  thresholds,
  leadsTo: [],
  hides: () => ['oscillation', 'rankCollapse', 'shattered'],
  remedies: () => ['raiseLearningRate', 'adam'],
  test: (evidence) => {
    const { learning, spec, trace } = evidence;
    const update = usualUpdate(evidence);
    if (trace.steps < thresholds.steps.value) return null;
    if (!(update < thresholds.update.value) || learning.progress > thresholds.progress.value) return null;
    if (
      learning.brokeAt !== null ||
      learning.last > thresholds.steady.value * Math.max(learning.quarters[0], learning.baseline)
    )
      return null;
    const { lr } = spec.optimizer;
    const off = Math.log10(thresholds.good.value / Math.max(update, 1e-12));
    return {
      severity: off / (off + 1),
      sites: [],
      factor: 'optimizer',
      reason: 'update',
      evidence: {
        lr,
        update,
        progress: Math.max(0, learning.progress),
        steps: trace.steps,
        stepsNeeded: 1 / Math.max(update, 1e-12),
        suggested: suggestRate(lr, update, thresholds.good.value),
      },
    };
  },
};
