import { completeRecurrent, recurrent, recurrentOptions } from './recurrent.js';
import { layer } from '../core/layer.js';
import { oneOf, optional } from '../core/options.js';
import { constantFill } from '../core/parameters.js';
import { rnnCell } from '../ops/recurrent.js';

/** PyTorch's own: U(−1/√H, 1/√H), a third of LeCun's variance. */
const PLAIN = { fn: 'lecunUniform', gain: 0.5773502691896258 };

/**
 * Plain recurrent layer: hₜ = f(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh), h₀ = 0.
 *
 * Shapes:   x [N, T, I] → [N, D·H] (`last`) or [N, T, D·H] (`sequence`), D = 2 where bidirectional
 * Params:   weight_ih_l0 [H, I] by `init`, weight_hh_l0 [H, H] by `recurrentInit` (PyTorch's U(±1/√H): the plain case,
 *           whose gradient fades by about 0.58 a step; orthogonal is its cure), both biases 0; PyTorch's names
 * Gradient: dhₜ₋₁ = W_hhᵀ (f′ ⊙ dhₜ): over T steps a product of T Jacobians, which vanishes where ‖W‖ f′ < 1 and
 *           explodes where the largest singular value times the slope is above 1.
 */
export const rnn = layer({
  type: 'rnn',
  about: {
    does: 'Reads a sequence step by step, each step from the input and the state before it.',
    formula: 'hₜ = f(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh)',
    shapes: 'x [N, T, I] → [N, H] (last) or [N, T, H] (sequence); twice as wide if bidirectional',
    gradient:
      'Over T steps it is multiplied T times by W_hhᵀ and the slope: it vanishes or explodes exponentially in T.',
    source: 'Elman 1990; Bengio et al. 1994; Pascanu et al. 2013, arXiv:1211.5063',
  },
  options: { ...recurrentOptions(PLAIN), activation: optional(oneOf(['tanh', 'relu']), 'tanh') },
  complete: completeRecurrent,
  forward: ([x], options, scope) =>
    recurrent(x!, 'rnn', rnnCell, options, { relu: options.activation === 'relu' }, constantFill(0), scope),
  cases: [
    { inputs: [[2, 4, 3]], options: { hidden: 5 } },
    { inputs: [[3, 5, 2]], options: { hidden: 4, returns: 'sequence', bidirectional: true } },
    { inputs: [[1, 3, 1]], options: { hidden: 1, layers: 2 } },
    { inputs: [[2, 1, 3]], options: { hidden: 3 } },
    { inputs: [[2, 3, 6]], options: { hidden: 9, layers: 2, bidirectional: true } },
  ],
});
