import { layer } from '../core/layer.js';
import { oneOf, optional } from '../core/options.js';
import type { Fill } from '../core/parameters.js';
import { checkFloat, checkRank } from '../core/scope.js';
import * as inits from '../inits/index.js';
import { fillBy, initSchema, readInit } from '../inits/init.js';
import { addTableOp } from '../ops/lookUp.js';

/**
 * Adds to each step a vector that tells where it stands.
 *
 * Shapes:   x [N, T, D] → y of the same shape
 * Params:   learned: weight [T, D] by `init` (N(0, 0.02²), as GPT-2); sinusoidal: none
 * Gradient: passes unchanged.
 */
export const positional = layer({
  type: 'positional',
  about: {
    does: 'Adds a vector for its position to every step of a sequence; attention alone does not know the order.',
    formula: 'y = x + P;  sinusoidal: P[t, 2i] = sin(t / 10000^(2i/D)), P[t, 2i+1] = cos(t / 10000^(2i/D))',
    shapes: 'x [N, T, D] → y [N, T, D]',
    gradient: 'Unchanged.',
    source: 'Vaswani et al. 2017, arXiv:1706.03762, §3.5',
  },
  options: {
    kind: optional(oneOf(['learned', 'sinusoidal']), 'learned'),
    init: optional(initSchema(), { normal: 0.02 }),
  },
  complete: (options) => {
    readInit(inits, options.init, ['init']);
    return options;
  },
  forward: ([x], { kind, init }, scope) => {
    checkFloat(x!, 'positional');
    checkRank(x!, 3, 'positional', 'a sequence [N, T, D]');
    const shape = x!.shape.slice(1);
    const fans = { fanIn: shape[0]!, fanOut: shape[1]! };
    const table =
      kind === 'learned'
        ? scope.parameter('weight', shape, { fill: fillBy(inits, init), ...fans })
        : scope.state('table', shape, { fill: sinusoids });
    return scope.apply(addTableOp, [x!, table], undefined);
  },
  cases: [
    { inputs: [[2, 3, 4]], options: {} },
    { inputs: [[2, 3, 5]], options: { kind: 'sinusoidal' } },
  ],
});

const sinusoids: Fill = ({ arena, address, shape }) => {
  const [T, D] = shape as [number, number];
  const { kernels, f32 } = arena;
  for (let t = 0; t < T; t++) {
    for (let d = 0; d < D; d++) {
      const angle = t / kernels.mathPow(10_000, (d - (d % 2)) / D);
      f32[(address >> 2) + t * D + d] = d % 2 === 0 ? kernels.mathSin(angle) : kernels.mathCos(angle);
    }
  }
};
