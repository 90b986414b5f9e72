import type { Remedy } from './remedy.js';

/** A larger learning rate: the one at which a step changes the weights by about 0.1 %, or ten times the present one. */
export const raiseLearningRate: Remedy = {
  id: 'raiseLearningRate',
  about: {
    does: 'A larger learning rate: the one at which a step changes the weights by about 0.1 %, or ten times the present one.',
    formula: 'lr ← lr · 10⁻³ / (‖Δw‖ / ‖w‖)',
    source: 'Karpathy, makemore part 3',
  },
  treats: ['learningRateTooLow'],
  effort: 1,
  apply: (spec, { finding }) => {
    const suggested = finding?.evidence['suggested'];
    const lr = suggested !== undefined && suggested > spec.optimizer.lr ? suggested : spec.optimizer.lr * 10;
    return { ...spec, optimizer: { ...spec.optimizer, lr: Number(lr.toPrecision(2)) } };
  },
};
