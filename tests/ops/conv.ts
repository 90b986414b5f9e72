import { convolution, type ConvAttributes } from '../../packages/engine/src/layers/conv2d.js';
import { growth, transposedConvolution } from '../../packages/engine/src/layers/convTranspose2d.js';
import { walk } from '../../packages/engine/src/layers/window.js';
import type { Attributes, Mapping } from './mapping.js';

type Pair = readonly [number, number];

/** Geometry of a golden convolution over `[H, W]`. */
function convAttributes(attributes: Attributes, [H, W]: Pair): ConvAttributes {
  const pairOf = (name: string) => attributes[name] as Pair;
  const [kernel, stride, dilation] = [pairOf('kernel'), pairOf('stride'), pairOf('dilation')];
  const { padding } = attributes;
  const [PH, PW] = padding === 'same' ? (['same', 'same'] as const) : (padding as Pair);
  return {
    rows: walk(H, kernel[0], stride[0], dilation[0], PH, 'conv2d'),
    columns: walk(W, kernel[1], stride[1], dilation[1], PW, 'conv2d'),
    groups: attributes['groups'] as number,
  };
}

export const conv: Record<string, Mapping> = {
  conv2d: {
    record: ({ x, weight, bias }, attributes, scope) => {
      const [, , H, W] = x!.shape as [number, number, number, number];
      const inputs = bias ? [x!, weight!, bias] : [x!, weight!];
      return { y: scope.apply(convolution, inputs, convAttributes(attributes, [H, W])) };
    },
  },
  conv1d: {
    record: ({ x, weight, bias }, attributes, scope) => {
      const [N, C, L] = x!.shape as [number, number, number];
      const [O, I, K] = weight!.shape as [number, number, number];
      const along = (name: string) => (attributes[name] as [number])[0];
      const { padding } = attributes;
      const wide = {
        ...attributes,
        kernel: [1, along('kernel')],
        stride: [1, along('stride')],
        padding: padding === 'same' ? padding : [0, along('padding')],
        dilation: [1, along('dilation')],
      };
      const inputs = [scope.reshape(x!, [N, C, 1, L]), scope.reshape(weight!, [O, I, 1, K])];
      if (bias) inputs.push(bias);
      const y = scope.apply(convolution, inputs, convAttributes(wide, [1, L]));
      return { y: scope.reshape(y, [N, O, y.shape[3]!]) };
    },
  },
  conv_transpose2d: {
    record: ({ x, weight, bias }, attributes, scope) => {
      const [, , H, W] = x!.shape as [number, number, number, number];
      const pairOf = (name: string) => attributes[name] as Pair;
      const axis = (size: number, i: 0 | 1) =>
        growth(
          size,
          pairOf('kernel')[i],
          pairOf('stride')[i],
          pairOf('dilation')[i],
          pairOf('padding')[i],
          pairOf('output_padding')[i],
        );
      const [rows, columns] = [axis(H, 0), axis(W, 1)];
      const inputs = bias ? [x!, weight!, bias] : [x!, weight!];
      return {
        y: scope.apply(transposedConvolution, inputs, {
          rows: rows.walk,
          columns: columns.walk,
          height: rows.size,
          width: columns.size,
          groups: attributes['groups'] as number,
        }),
      };
    },
  },
};
