import { affine } from './dense.js';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import { count, optional } from '../core/options.js';
import { constantFill } from '../core/parameters.js';
import { checkFloat, checkRank, type Scope } from '../core/scope.js';
import { showShape } from '../core/shape.js';
import { placeOf } from '../core/tape.js';
import type { Tensor } from '../core/tensor.js';
import * as inits from '../inits/index.js';
import { fillBy, initSchema, readInit, type InitSpec } from '../inits/init.js';
import { selfAttentionOp } from '../ops/attention.js';
import { attentionWeights } from '../ops/attentionWeights.js';
import { blockByBlock } from './blocks.js';
import * as v from 'valibot';

/** How attention asks for its weights, by PyTorch's names: in_proj_weight [3D, D] (rows q, k, v), out_proj.weight. */
export type AttentionWeights = (name: string, rows: number, columns?: number) => Tensor;

/** Projections, heads, output projection on x [N, T, D]. */
export function attend(
  x: Tensor,
  options: { readonly heads: number; readonly causal: boolean },
  weights: AttentionWeights,
  scope: Scope,
): Tensor {
  const D = x.shape[2]!;
  const { heads } = options;
  check(
    D % heads === 0,
    'SHAPE',
    `attention with ${heads} heads needs a width that is a multiple of ${heads}, got ${showShape(x.shape)}`,
  );
  const qkv = scope.apply(
    affine,
    [x, weights('in_proj_weight', 3 * D, D), weights('in_proj_bias', 3 * D)],
    undefined,
  );
  const record = scope.record(selfAttentionOp, [qkv], options);
  tapEntropy(record, heads, scope);
  const [, T] = record.outputs[0]!.shape as [number, number];
  scope.tapMap({
    id: 'attention',
    title: 'where each head looks: one row a query, one column a key',
    labels: Array.from({ length: heads }, (_, head) => `head ${head + 1}`),
    shape: [heads, T, T],
    record,
    read: (arena, sample) => attentionWeights(arena, placeOf(record.inputs[0]!), options, sample),
  });
  return scope.apply(
    affine,
    [record.outputs[0]!, weights('out_proj.weight', D, D), weights('out_proj.bias', D)],
    undefined,
  );
}

function tapEntropy(record: ReturnType<Scope['record']>, heads: number, scope: Scope): void {
  const [N, T] = record.outputs[0]!.shape as [number, number];
  scope.tapMeter({
    id: 'headEntropy',
    title: 'entropy of each head’s attention, mean over queries',
    unit: 'nats',
    labels: Array.from({ length: heads }, (_, head) => `head ${head + 1}`),
    record,
    read: (kernels, out) => {
      const head = 4 * T * T;
      for (let a = 0; a < heads; a++) {
        let sum = 0;
        for (let n = 0; n < N; n++)
          sum += kernels.rowEntropy(T, T, record.keep['probs']! + (n * heads + a) * head);
        out[a] = sum / (N * T);
      }
    },
  });
}

/** The scope's parameters as attention's weights; `prefix` goes before PyTorch's names. */
export function attentionParameters(scope: Scope, prefix: string, init: InitSpec): AttentionWeights {
  return (name, rows, columns) => {
    if (columns === undefined)
      return scope.parameter(prefix + name, [rows], { fill: constantFill(0), fanIn: rows });
    const fill = blockByBlock(fillBy(inits, init), rows / columns);
    return scope.parameter(prefix + name, [rows, columns], { fill, fanIn: columns, fanOut: columns });
  };
}

/**
 * Multi-head self-attention.
 *
 * Shapes:   x [N, T, D] → y [N, T, D]; D a multiple of `heads`
 * Params:   in_proj_weight [3D, D] (rows q, k, v, each by `init` as a matrix of its own), in_proj_bias [3D] 0,
 *           out_proj.weight [D, D], out_proj.bias [D] 0; PyTorch's names
 * Gradient: any two positions are one step apart: no product over time, so nothing vanishes with distance. A
 *           saturated softmax (one key takes all) passes nothing back to queries and keys.
 */
export const attention = layer({
  type: 'attention',
  about: {
    does: 'Every position gathers from all positions (causal: from those before it), weighted by how well they match.',
    formula: 'y = concat(softmax(Q Kᵀ / √d) V) W_o;  Q, K, V = x W_q, x W_k, x W_v',
    shapes: 'x [N, T, D] → y [N, T, D]',
    gradient:
      'One step between any two positions, whatever their distance; a softmax that has settled passes nothing to Q and K.',
    source: 'Vaswani et al. 2017, arXiv:1706.03762',
  },
  options: {
    heads: count(),
    causal: optional(v.boolean(), false),
    init: optional(initSchema(), 'xavierUniform'),
  },
  complete: (options) => {
    readInit(inits, options.init, ['init']);
    return options;
  },
  forward: ([x], { heads, causal, init }, scope) => {
    checkFloat(x!, 'attention');
    checkRank(x!, 3, 'attention', 'a sequence [N, T, D]');
    return attend(x!, { heads, causal }, attentionParameters(scope, '', init), scope);
  },
  cases: [
    { inputs: [[2, 4, 6]], options: { heads: 2 } },
    { inputs: [[1, 5, 4]], options: { heads: 4, causal: true } },
    { inputs: [[1, 1, 3]], options: { heads: 1 } },
    { inputs: [[1, 53, 3]], options: { heads: 1, causal: true } },
  ],
});
