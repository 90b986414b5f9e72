import { fixed, pairLoss, type Reduction } from '../ops/pairLoss.js';
import { loss, meanSquare } from './loss.js';

/** (x − t)², reduced. */
export const squaredError = pairLoss<{ readonly reduction: Reduction }>('meanSquaredError', (k) => ({
  value: k.meanSquaredError,
  gradient: k.meanSquaredErrorGrad,
}));

/** Mean of the squared differences over all entries. */
export const meanSquaredError = loss({
  id: 'meanSquaredError',
  about: {
    does: 'Mean squared distance to the target.',
    formula: 'L = 1/M Σ (x − t)²',
    shapes: 'x, t of one shape → one number',
    gradient: 'dx = 2 (x − t) / M: grows with the error.',
  },
  options: {},
  tasks: ['regression'],
  defaultFor: ['regression'],
  op: () => fixed(squaredError, { reduction: 'mean' }),
  metric: meanSquare,
  baseline: (deviation) => deviation * deviation,
});
