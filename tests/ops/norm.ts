import { addOp } from '../../packages/engine/src/core/elementwise.js';
import type { Op } from '../../packages/engine/src/core/op.js';
import type { Scope } from '../../packages/engine/src/core/scope.js';
import type { Tensor } from '../../packages/engine/src/core/tensor.js';
import { relu } from '../../packages/engine/src/activations/relu.js';
import { batchNormalization } from '../../packages/engine/src/layers/batchNorm.js';
import { convolution } from '../../packages/engine/src/layers/conv2d.js';
import { groupNormalization } from '../../packages/engine/src/layers/groupNorm.js';
import { l2Normalization } from '../../packages/engine/src/layers/l2Norm.js';
import { layerNormalization } from '../../packages/engine/src/layers/layerNorm.js';
import { rmsNormalization } from '../../packages/engine/src/layers/rmsNorm.js';
import { walk } from '../../packages/engine/src/layers/window.js';
import { transpose } from '../../packages/engine/src/ops/view.js';
import type { Mapping } from './mapping.js';

const given = (...tensors: readonly (Tensor | undefined)[]) =>
  tensors.filter((tensor) => tensor !== undefined);
const eps = (attributes: Readonly<Record<string, unknown>>) => attributes['eps'] as number;

/** A bias-free convolution with "padding = half the kernel". */
function conv(x: Tensor, weight: Tensor, stride: number, scope: Scope): Tensor {
  const [, , KH, KW] = weight.shape as [number, number, number, number];
  return scope.apply(convolution, [x, weight], {
    rows: walk(x.shape[2]!, KH, stride, 1, KH >> 1, 'conv2d'),
    columns: walk(x.shape[3]!, KW, stride, 1, KW >> 1, 'conv2d'),
    groups: 1,
  });
}

/** Dropout by a given mask: with a threshold of 1 the kernels drop where the word is 0. */
const masking: Op<{ readonly rate: number }> = {
  name: 'masking',
  shapes: ([x]) => [x!],
  bind: ({ kernels: k, x: [x, mask], y: [y] }, { rate }) => {
    const scale = 1 / (1 - rate);
    return {
      forward: () => k.dropout(x!.size, mask!.data, 1, scale, x!.data, y!.data),
      backward: () => k.dropoutGrad(x!.size, mask!.data, 1, scale, y!.grad, x!.grad, 1),
    };
  },
};

export const norm: Record<string, Mapping> = {
  batch_norm: {
    states: ['running_mean', 'running_var'],
    record: ({ x, running_mean, running_var, weight, bias }, attributes, scope) => ({
      y: scope.apply(batchNormalization, given(x, running_mean, running_var, weight, bias), {
        eps: eps(attributes),
        momentum: attributes['momentum'] as number,
        training: attributes['training'] as boolean,
      }),
    }),
  },
  layer_norm: {
    record: ({ x, weight, bias }, attributes, scope) => ({
      y: scope.apply(layerNormalization, given(x, weight, bias), {
        eps: eps(attributes),
        axes: (attributes['normalized_shape'] as number[]).length,
      }),
    }),
  },
  rms_norm: {
    record: ({ x, weight }, attributes, scope) => ({
      y: scope.apply(rmsNormalization, given(x, weight), { eps: eps(attributes), axes: 1 }),
    }),
  },
  group_norm: {
    record: ({ x, weight, bias }, attributes, scope) => ({
      y: scope.apply(groupNormalization, given(x, weight, bias), {
        eps: eps(attributes),
        groups: attributes['groups'] as number,
      }),
    }),
  },
  instance_norm: {
    record: ({ x, weight, bias }, attributes, scope) => ({
      y: scope.apply(groupNormalization, given(x, weight, bias), {
        eps: eps(attributes),
        groups: x!.shape[1]!,
      }),
    }),
  },
  l2_normalize: {
    record: ({ x }, attributes, scope) => {
      // The op walks the last axis: the case's is brought there and back.
      const axes = x!.shape.map((_, axis) => axis);
      const dim = attributes['dim'] as number;
      [axes[dim], axes[axes.length - 1]] = [axes.length - 1, dim];
      const last = scope.apply(l2Normalization, [transpose(x!, axes, scope)], { eps: eps(attributes) });
      return { y: transpose(last, axes, scope) };
    },
  },
  dropout_with_mask: {
    record: ({ x, mask }, attributes, scope) => ({
      y: scope.apply(masking, [x!, mask!], { rate: attributes['p'] as number }),
    }),
  },
  residual_block: {
    record: ({ x, w1, w2, g1, b1, g2, b2, wp }, attributes, scope) => {
      const stride = attributes['stride'] as number;
      const normalize = (input: Tensor, weight: Tensor, bias: Tensor, name: string) => {
        const shape = [input.shape[1]!];
        const states = ['mean', 'variance'].map((state) =>
          scope.state(`${name}.${state}`, shape, { fill: () => undefined }),
        );
        const options = { eps: eps(attributes), momentum: 0.1, training: true };
        return scope.apply(batchNormalization, [input, ...states, weight, bias], options);
      };
      const rectify = (input: Tensor) => relu.apply(input, {}, scope);
      const skip = wp ? conv(x!, wp, stride, scope) : x!;
      if (attributes['preactivation'] === true) {
        const first = conv(rectify(normalize(x!, g1!, b1!, '1')), w1!, stride, scope);
        const second = conv(rectify(normalize(first, g2!, b2!, '2')), w2!, 1, scope);
        return { y: scope.apply(addOp, [second, skip], undefined) };
      }
      const first = rectify(normalize(conv(x!, w1!, stride, scope), g1!, b1!, '1'));
      const second = normalize(conv(first, w2!, 1, scope), g2!, b2!, '2');
      return { y: rectify(scope.apply(addOp, [second, skip], undefined)) };
    },
  },
};
