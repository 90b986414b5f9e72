import { optional, positive } from '../core/options.js';
import { fixed, pairLoss, type Reduction } from '../ops/pairLoss.js';
import { loss, meanSquare } from './loss.js';

/** d²/2 up to δ, δ (|d| − δ/2) beyond, reduced. */
export const huberError = pairLoss<{ readonly reduction: Reduction; readonly delta: number }>(
  'huber',
  (k, { delta }) => ({
    value: (n, x, t) => k.huber(n, x, t, delta),
    gradient: (n, x, t, scale, dx, add) => k.huberGrad(n, x, t, delta, scale, dx, add),
  }),
);

/** Half the squared difference up to `delta`, δ (|d| − δ/2) beyond; PyTorch's `HuberLoss`. */
export const huber = loss({
  id: 'huber',
  about: {
    does: 'Squared for small errors, absolute for large ones: outliers do not dominate.',
    formula: 'L = 1/M Σ { d²/2 if |d| ≤ δ, δ (|d| − δ/2) otherwise },  d = x − t',
    shapes: 'x, t of one shape → one number',
    gradient: 'dx = clamp(x − t, −δ, δ) / M: bounded.',
    source: 'Huber 1964, Ann. Math. Statist. 35',
  },
  options: { delta: optional(positive(), 1) },
  tasks: ['regression'],
  op: ({ delta }) => fixed(huberError, { reduction: 'mean', delta }),
  metric: meanSquare,
});
