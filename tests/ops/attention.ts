import type { OpRecord } from '../../packages/engine/src/core/graph.js';
import type { Op } from '../../packages/engine/src/core/op.js';
import { sizeOf } from '../../packages/engine/src/core/shape.js';
import type { Tensor } from '../../packages/engine/src/core/tensor.js';
import { affine } from '../../packages/engine/src/layers/dense.js';
import { transformerBlock } from '../../packages/engine/src/layers/transformer.js';
import { attendOp, selfAttentionOp, type MaskKind } from '../../packages/engine/src/ops/attention.js';
import type { Mapping } from './mapping.js';

/** What an op kept, as a tensor: the probabilities of attention. */
const kept: Op<{ readonly record: OpRecord; readonly name: string; readonly shape: readonly number[] }> = {
  name: 'kept',
  shapes: (_, { shape }) => [shape],
  differentiable: false,
  bind: ({ kernels: k, y: [y] }, { record, name, shape }) => ({
    forward: () => k.copy(sizeOf(shape), record.keep[name]!, y!.data),
  }),
};

/** Rows `index` of `parts` equal blocks of rows: the queries', keys' or values' part of a packed weight. */
const rows: Op<{ readonly index: number; readonly parts: number }> = {
  name: 'rows',
  shapes: ([x], { parts }) => [[x![0]! / parts, ...x!.slice(1)]],
  bind: ({ kernels: k, x: [x], y: [y] }, { index }) => ({
    forward: () => k.copy(y!.size, x!.data + 4 * index * y!.size, y!.data),
    backward: () => {
      if (x!.grad) k.axpy(y!.size, 1, y!.grad, x!.grad + 4 * index * y!.size);
    },
  }),
};

export const attention: Record<string, Mapping> = {
  attention: {
    record: ({ q, k, v, mask }, { causal, mask: kind, scale }, scope) => {
      const attributes = {
        heads: 1,
        causal: causal as boolean,
        scale: scale as number,
        mask: (kind === 'bool' ? 'allow' : (kind ?? 'none')) as MaskKind,
      };
      const shape = mask && [...Array.from({ length: 4 - mask.shape.length }, () => 1), ...mask.shape];
      const inputs = [q!, k!, v!, ...(mask ? [scope.reshape(mask, shape!)] : [])];
      return { y: scope.apply(attendOp, inputs, attributes) };
    },
  },
  multihead_attention: {
    record: (t, { embed, heads, causal, cross }, scope) => {
      const x = t['x']!;
      const [D, A] = [embed as number, heads as number];
      const weight = t['in_proj_weight']!;
      const bias = t['in_proj_bias'];
      const padding = t['key_padding_mask'];
      const [N, T] = x.shape as [number, number];
      let record: OpRecord;
      if (!cross && !padding) {
        const qkv = scope.apply(affine, [x, weight, ...(bias ? [bias] : [])], undefined);
        record = scope.record(selfAttentionOp, [qkv], { heads: A, causal: causal as boolean });
      } else {
        const project = (input: Tensor, index: number) => {
          const part = (tensor: Tensor) => scope.apply(rows, [tensor], { index, parts: 3 });
          return scope.apply(affine, [input, part(weight), ...(bias ? [part(bias)] : [])], undefined);
        };
        const source = t['kv'] ?? x;
        const inputs = [project(x, 0), project(source, 1), project(source, 2)];
        if (padding) inputs.push(scope.reshape(padding, [N, 1, 1, source.shape[1]!]));
        const mask: MaskKind = padding ? 'ignore' : 'none';
        record = scope.record(attendOp, inputs, { heads: A, causal: causal as boolean, mask });
      }
      const out = t['out_proj.bias'];
      const joined = record.outputs[0]!;
      const y = scope.apply(affine, [joined, t['out_proj.weight']!, ...(out ? [out] : [])], undefined);
      const keys = (t['kv'] ?? x).shape[1]!;
      const attn = scope.apply(kept, [joined], { record, name: 'probs', shape: [N, A, T, keys] });
      if (D !== y.shape[2]) throw new Error(`expected a width of ${D}, got ${y.shape[2]}`);
      return { y, attn };
    },
  },
  transformer_encoder_layer: {
    record: (t, { heads, ff, norm_first: normFirst, activation, dropout }, scope) => {
      const options = {
        heads: heads as number,
        hidden: ff as number,
        norm: normFirst ? ('pre' as const) : ('post' as const),
        activation: activation as string,
        causal: false,
        dropout: dropout as number,
      };
      return { y: transformerBlock(t['x']!, options, (name) => t[name]!, scope) };
    },
  },
};
