import { fixed, pairLoss, type Reduction } from '../ops/pairLoss.js';
import { loss, meanMetric } from './loss.js';

/** |x − t|, reduced. */
export const absoluteError = pairLoss<{ readonly reduction: Reduction }>('meanAbsoluteError', (k) => ({
  value: k.meanAbsoluteError,
  gradient: k.meanAbsoluteErrorGrad,
}));

/** Mean of absolute differences. */
export const meanAbsolute = meanMetric(
  { id: 'meanAbsoluteError', title: 'mean absolute error', better: 'lower' },
  ({ output, target, rows, outputShape }) => {
    const count = rows * outputShape.slice(1).reduce((a, b) => a * b, 1);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += Math.abs(output[i]! - target[i]!);
    return { sum, count };
  },
);

/** Mean of the absolute differences over all entries; PyTorch's `L1Loss`. */
export const meanAbsoluteError = loss({
  id: 'meanAbsoluteError',
  about: {
    does: 'Mean distance to the target.',
    formula: 'L = 1/M Σ |x − t|',
    shapes: 'x, t of one shape → one number',
    gradient: 'dx = sign(x − t) / M: the same size however large the error, 0 only at the target.',
  },
  options: {},
  tasks: ['regression'],
  op: () => fixed(absoluteError, { reduction: 'mean' }),
  metric: meanAbsolute,
});
