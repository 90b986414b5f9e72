import * as v from 'valibot';
import { activationSchema, readActivation, type ActivationSpec } from '../activations/activation.js';
import * as activations from '../activations/index.js';
import { attend } from './attention.js';
import { blockByBlock } from './blocks.js';
import { affine } from './dense.js';
import { dropping } from './dropout.js';
import { layerNormalization } from './layerNorm.js';
import { addOp, forkOp } from '../core/elementwise.js';
import { layer } from '../core/layer.js';
import { count, oneOf, optional, share } from '../core/options.js';
import { constantFill } from '../core/parameters.js';
import { checkFloat, checkRank, type Scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import * as inits from '../inits/index.js';
import { fillBy, initSchema, readInit } from '../inits/init.js';

const EPS = 1e-5; // PyTorch's LayerNorm

/** What a transformer block is made of; its weights come by PyTorch's names. */
export interface BlockOptions {
  readonly heads: number;
  readonly hidden: number;
  readonly norm: 'pre' | 'post';
  readonly activation: ActivationSpec;
  readonly causal: boolean;
  readonly dropout: number;
}

/** `self_attn.in_proj_weight`, `linear1.bias`, `norm2.weight`, … */
export type BlockWeights = (name: string, rows: number, columns?: number) => Tensor;

/** One encoder block on x [N, T, D]: attention, then a network applied to each position, each with a skip. */
export function transformerBlock(
  x: Tensor,
  options: BlockOptions,
  weights: BlockWeights,
  scope: Scope,
): Tensor {
  const { norm, heads, causal } = options;
  const attention = (input: Tensor) =>
    attend(input, { heads, causal }, (name, ...shape) => weights(`self_attn.${name}`, ...shape), scope);
  const forward = (input: Tensor) => feedForward(input, options, weights, scope);
  const half = (input: Tensor, index: 1 | 2, name: string, body: (input: Tensor) => Tensor): Tensor => {
    const fork = scope.apply(forkOp, [input], undefined);
    const made = body(norm === 'pre' ? normalize(fork, index, weights, scope) : fork);
    const branch = drop(made, options.dropout, scope);
    scope.tapPart(`${name}In`, fork);
    scope.tapPart(`${name}Out`, branch);
    const sum = scope.apply(addOp, [input, branch], undefined);
    return norm === 'post' ? normalize(sum, index, weights, scope) : sum;
  };
  return half(half(x, 1, 'attention', attention), 2, 'feedForward', forward);
}

function normalize(x: Tensor, index: 1 | 2, weights: BlockWeights, scope: Scope): Tensor {
  const D = x.shape[2]!;
  const affineWeights = [weights(`norm${index}.weight`, D), weights(`norm${index}.bias`, D)];
  return scope.apply(layerNormalization, [x, ...affineWeights], { eps: EPS, axes: 1 });
}

function feedForward(
  x: Tensor,
  { hidden, activation: spec, dropout }: BlockOptions,
  weights: BlockWeights,
  scope: Scope,
): Tensor {
  const D = x.shape[2]!;
  const wide = scope.apply(
    affine,
    [x, weights('linear1.weight', hidden, D), weights('linear1.bias', hidden)],
    undefined,
  );
  const { activation, options } = readActivation(activations, spec);
  const active = drop(activation.apply(wide, options, scope), dropout, scope);
  // A gated unit halves the width.
  const width = active.shape[2]!;
  return scope.apply(
    affine,
    [active, weights('linear2.weight', D, width), weights('linear2.bias', D)],
    undefined,
  );
}

function drop(x: Tensor, rate: number, scope: Scope): Tensor {
  return rate === 0 || scope.mode === 'eval' ? x : scope.apply(dropping, [x], { rate });
}

/**
 * A transformer encoder block; with `causal`, a decoder block without cross attention.
 *
 * Shapes:   x [N, T, D] → y [N, T, D]; D a multiple of `heads`
 * Params:   self_attn.in_proj_weight [3D, D], self_attn.out_proj.weight [D, D], linear1.weight [hidden, D],
 *           linear2.weight [D, hidden] by `init`, their biases 0; norm1, norm2 weight 1 and bias 0; PyTorch's names
 * Gradient: pre-norm: the skips are a path with factor 1 through all blocks. Post-norm: every block's norm stands on
 *           that path, and the gradient near the output is large at the start: it needs a warm-up.
 */
export const transformer = layer({
  type: 'transformer',
  about: {
    does: 'Self-attention, then a small network applied to every position, each added to its input and normalised.',
    formula:
      'pre: h = x + A(N(x)), y = h + F(N(h));  post: h = N(x + A(x)), y = N(h + F(h));  F(x) = W₂ f(W₁ x)',
    shapes: 'x [N, T, D] → y [N, T, D]',
    gradient:
      'Pre-norm leaves a clean skip through all blocks; post-norm puts a norm on it and wants a warm-up.',
    source: 'Vaswani et al. 2017, arXiv:1706.03762; pre-norm: Xiong et al. 2020, arXiv:2002.04745',
  },
  options: {
    heads: count(),
    hidden: v.optional(count()),
    norm: optional(oneOf(['pre', 'post']), 'pre'),
    activation: optional(activationSchema(), 'gelu'),
    causal: optional(v.boolean(), false),
    dropout: optional(share(), 0),
    init: optional(initSchema(), 'xavierUniform'),
  },
  factor: 'skip',
  complete: (options) => {
    readActivation(activations, options.activation, ['activation']);
    readInit(inits, options.init, ['init']);
    return options;
  },
  forward: ([x], options, scope) => {
    checkFloat(x!, 'transformer');
    checkRank(x!, 3, 'transformer', 'a sequence [N, T, D]');
    const D = x!.shape[2]!;
    const weights: BlockWeights = (name, rows, columns) => {
      if (columns === undefined) {
        const fill = constantFill(/^norm.*weight$/.test(name) ? 1 : 0);
        return scope.parameter(name, [rows], { fill, fanIn: rows });
      }
      const blocks = name.endsWith('in_proj_weight') ? 3 : 1;
      const fill = blockByBlock(fillBy(inits, options.init), blocks);
      return scope.parameter(name, [rows, columns], { fill, fanIn: columns, fanOut: rows / blocks });
    };
    return transformerBlock(x!, { ...options, hidden: options.hidden ?? 4 * D }, weights, scope);
  },
  cases: [
    { inputs: [[2, 4, 6]], options: { heads: 2, hidden: 5 } },
    { inputs: [[1, 3, 4]], options: { heads: 1, norm: 'post', activation: 'tanh', causal: true } },
    { inputs: [[2, 3, 4]], options: { heads: 2, hidden: 6, activation: 'swiglu' } },
    { inputs: [[2, 3, 4]], options: { heads: 2, hidden: 6, dropout: 0.3 } },
  ],
});
