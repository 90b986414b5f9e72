import type { Remedy } from './remedy.js';

/** A smaller learning rate: the one at which a step changes the weights by about 1 %, or a tenth of the present one. */
export const lowerLearningRate: Remedy = {
  id: 'lowerLearningRate',
  about: {
    does: 'A smaller learning rate: the one at which a step changes the weights by about 1 %, or a tenth of the present one.',
    formula: 'lr ← min(lr / 10, lr · 0.01 / (‖Δw‖ / ‖w‖))',
    source: 'LeCun et al. 1998, "Efficient BackProp" §5; Karpathy, makemore part 3',
  },
  treats: [
    'learningRateTooHigh',
    'nonFinite',
    'exploding',
    'oscillation',
    'deadUnits',
    'saturation',
    'unscaledInput',
  ],
  effort: 1,
  apply: (spec, { finding }) => {
    const tenth = spec.optimizer.lr / 10;
    const suggested = finding?.evidence['suggested'];
    const lr = suggested !== undefined && suggested > 0 && suggested < spec.optimizer.lr ? suggested : tenth;
    return { ...spec, optimizer: { ...spec.optimizer, lr: Number(lr.toPrecision(2)) } };
  },
};
