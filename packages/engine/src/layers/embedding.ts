import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import { count, optional } from '../core/options.js';
import { showShape } from '../core/shape.js';
import { ownerOf } from '../core/tensor.js';
import * as inits from '../inits/index.js';
import { fillBy, initSchema, readInit } from '../inits/init.js';
import { lookUpOp } from '../ops/lookUp.js';
import * as v from 'valibot';

/**
 * A learnt vector for every id.
 *
 * Shapes:   ids [N, …] (integers) → [N, …, out]
 * Params:   weight [vocab, out] by `init` (N(0, 1), as PyTorch)
 * Gradient: a row's gradient is the sum over its occurrences; rows that did not occur get 0. Nothing goes back to ids.
 */
export const embedding = layer({
  type: 'embedding',
  about: {
    does: 'Looks up a learnt vector for every id.',
    formula: 'y = W[id]',
    shapes: 'ids [N, T] → y [N, T, out]',
    gradient: 'Each row gets the sum over its occurrences in the batch; rare ids rarely move.',
    source: 'Bengio et al. 2003, JMLR 3',
  },
  options: {
    vocab: count(),
    out: count(),
    init: optional(initSchema(), { normal: 1 }),
    padding: v.optional(count(0)),
  },
  complete: (options) => {
    readInit(inits, options.init, ['init']);
    return options;
  },
  forward: ([ids], { vocab, out, init, padding }, scope) => {
    const { dtype, below = vocab } = ownerOf(ids!);
    check(
      dtype === 'i32',
      'SHAPE',
      `embedding expects integer ids, got numbers ${showShape(ids!.shape)}; use dense for numbers`,
    );
    check(
      below <= vocab,
      'SHAPE',
      `embedding has a vocabulary of ${vocab}, its ids go up to ${below - 1}; expected a vocab of at least ${below}`,
    );
    check(
      padding === undefined || padding < vocab,
      'SHAPE',
      `embedding expects a padding id below its vocab of ${vocab}, got ${padding}`,
    );
    const weight = scope.parameter('weight', [vocab, out], {
      fill: fillBy(inits, init),
      fanIn: vocab,
      fanOut: out,
    });
    return scope.apply(lookUpOp, [ids!, weight], { padding: padding ?? -1 });
  },
  cases: [
    { inputs: [[3, 4]], options: { vocab: 6, out: 5 }, ids: 6 },
    { inputs: [[2, 7]], options: { vocab: 3, out: 1 }, ids: 3 },
  ],
});
