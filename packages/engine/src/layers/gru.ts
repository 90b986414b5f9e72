import { completeRecurrent, recurrent, recurrentOptions } from './recurrent.js';
import { layer } from '../core/layer.js';
import { constantFill } from '../core/parameters.js';
import { gruCell } from '../ops/recurrent.js';

/**
 * Gated recurrent unit, gates in PyTorch's order r, z, n, the hidden bias of n inside r ⊙ ( ).
 *
 * Shapes:   x [N, T, I] → [N, D·H] (`last`) or [N, T, D·H] (`sequence`), D = 2 where bidirectional
 * Params:   weight_ih_l0 [3H, I] by `init`, weight_hh_l0 [3H, H] by `recurrentInit` (orthogonal, gate by gate), both biases 0
 * Gradient: the update gate is a skip in time: dhₜ₋₁ = z ⊙ dhₜ + what comes through the gates.
 */
export const gru = layer({
  type: 'gru',
  about: {
    does: 'A recurrent layer that mixes its old state with a new one, gate by gate.',
    formula: 'hₜ = (1 − z) ⊙ n + z ⊙ hₜ₋₁;  r, z = σ(…),  n = tanh(W xₜ + b + r ⊙ (U hₜ₋₁ + c))',
    shapes: 'x [N, T, I] → [N, H] (last) or [N, T, H] (sequence); twice as wide if bidirectional',
    gradient: 'Where z is near 1 the state, and the gradient, pass on unchanged.',
    source: 'Cho et al. 2014, arXiv:1406.1078; PyTorch GRU',
  },
  options: recurrentOptions('orthogonal'),
  complete: completeRecurrent,
  forward: ([x], options, scope) => recurrent(x!, 'gru', gruCell, options, {}, constantFill(0), scope),
  cases: [
    { inputs: [[2, 4, 3]], options: { hidden: 5 } },
    { inputs: [[3, 5, 2]], options: { hidden: 4, returns: 'sequence', bidirectional: true } },
    { inputs: [[1, 3, 1]], options: { hidden: 1, layers: 2 } },
    { inputs: [[2, 1, 3]], options: { hidden: 3 } },
    { inputs: [[2, 3, 6]], options: { hidden: 9, layers: 2, bidirectional: true } },
  ],
});
