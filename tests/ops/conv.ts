import { convolution, type ConvAttributes } from '../../packages/engine/src/layers/conv2d.js';
import { walk } from '../../packages/engine/src/layers/window.js';
import type { Attributes, Mapping } from './mapping.js';

/** Geometry of a golden convolution over `[H, W]`. */
export function convAttributes(attributes: Attributes, [H, W]: readonly [number, number]): ConvAttributes {
  const pairOf = (name: string) => attributes[name] as readonly [number, number];
  const [kernel, stride, dilation] = [pairOf('kernel'), pairOf('stride'), pairOf('dilation')];
  const { padding } = attributes;
  const [PH, PW] = padding === 'same' ? (['same', 'same'] as const) : (padding as readonly [number, number]);
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
};
