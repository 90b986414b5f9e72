import { completeRecurrent, recurrent, recurrentOptions } from './recurrent.js';
import { layer } from '../core/layer.js';
import { optional, real } from '../core/options.js';
import type { Fill } from '../core/parameters.js';
import { lstmCell } from '../ops/recurrent.js';

/**
 * Long short-term memory, gates in PyTorch's order i, f, g, o.
 *
 * Shapes:   x [N, T, I] → [N, D·H] (`last`) or [N, T, D·H] (`sequence`), D = 2 where bidirectional
 * Params:   weight_ih_l0 [4H, I] by `init`, weight_hh_l0 [4H, H] by `recurrentInit` (orthogonal, gate by gate), biases 0 but for
 *           the forget gate's, which starts at `forgetBias` (in bias_ih)
 * Gradient: dcₜ₋₁ = f ⊙ dcₜ: with open forget gates the cell passes the gradient on unchanged. A forget bias b alone
 *           multiplies it by σ(b)ᵀ over T steps.
 */
export const lstm = layer({
  type: 'lstm',
  about: {
    does: 'A recurrent layer with a memory cell that gates write to, keep and read from.',
    formula: 'cₜ = f ⊙ cₜ₋₁ + i ⊙ g,  hₜ = o ⊙ tanh cₜ;  i, f, o = σ(W xₜ + U hₜ₋₁ + b), g = tanh(…)',
    shapes: 'x [N, T, I] → [N, H] (last) or [N, T, H] (sequence); twice as wide if bidirectional',
    gradient: 'Along the cell it is multiplied by the forget gate alone: near 1, it lasts.',
    source: 'Hochreiter & Schmidhuber 1997; Gers et al. 2000; forget bias: Jozefowicz et al. 2015',
  },
  options: { ...recurrentOptions('orthogonal'), forgetBias: optional(real(), 1) },
  complete: completeRecurrent,
  forward: ([x], options, scope) =>
    recurrent(x!, 'lstm', lstmCell, options, {}, forgetFill(options.forgetBias), scope),
  cases: [
    { inputs: [[2, 4, 3]], options: { hidden: 5 } },
    { inputs: [[3, 5, 2]], options: { hidden: 4, returns: 'sequence', bidirectional: true } },
    { inputs: [[1, 3, 1]], options: { hidden: 1, layers: 2, forgetBias: 0 } },
    { inputs: [[2, 1, 3]], options: { hidden: 3, returns: 'sequence' } },
    { inputs: [[2, 3, 6]], options: { hidden: 9, layers: 2, bidirectional: true } },
  ],
});

/** Zeros, and `forget` in the second of four blocks. */
function forgetFill(forget: number): Fill {
  return ({ arena, address, size }) => {
    arena.kernels.fill(size, address, 0);
    arena.kernels.fill(size / 4, address + size, forget); // size / 4 floats of 4 bytes: `size` bytes
  };
}
