import { fixed, pairLoss, type Reduction } from '../ops/pairLoss.js';
import { meanSquare, type Loss } from './loss.js';

/** d²/2 up to δ, δ (|d| − δ/2) beyond, reduced. */
export const huberError = pairLoss<{ readonly reduction: Reduction; readonly delta: number }>(
  'huber',
  (k, { delta }) => ({
    value: (n, x, t) => k.huber(n, x, t, delta),
    gradient: (n, x, t, scale, dx, add) => k.huberGrad(n, x, t, delta, scale, dx, add),
  }),
);

/** Half the squared difference up to 1, the absolute difference less a half beyond; PyTorch's `HuberLoss` at δ = 1. */
export const huber: Loss = {
  id: 'huber',
  about: {
    does: 'Squared for small errors, absolute for large ones: outliers do not dominate.',
    formula: 'L = 1/M Σ { d²/2 if |d| ≤ 1, |d| − 1/2 otherwise },  d = x − t',
    shapes: 'x, t of one shape → one number',
    gradient: 'dx = clamp(x − t, −1, 1) / M: bounded.',
    source: 'Huber 1964, Ann. Math. Statist. 35',
  },
  tasks: ['regression'],
  op: fixed(huberError, { reduction: 'mean', delta: 1 }),
  metric: meanSquare,
};
