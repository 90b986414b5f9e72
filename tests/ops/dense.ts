import type { Tensor } from '../../packages/engine/src/core/tensor.js';
import { affine } from '../../packages/engine/src/layers/dense.js';
import { matmulOp } from '../../packages/engine/src/ops/matmul.js';
import { transpose } from '../../packages/engine/src/ops/view.js';
import type { Mapping } from './mapping.js';

export const dense: Record<string, Mapping> = {
  dense: {
    record: ({ x, weight, bias }, _, scope) => ({
      y: scope.apply(affine, bias ? [x!, weight!, bias] : [x!, weight!], undefined),
    }),
  },
  matmul: {
    record: ({ a, b }, { trans_a: transA, trans_b: transB }, scope) => {
      const turned = (x: Tensor, isTurned: unknown) => {
        if (!isTurned) return x;
        const lead = x.shape.slice(0, -2).map((_, axis) => axis);
        return transpose(x, [...lead, lead.length + 1, lead.length], scope);
      };
      return { y: scope.apply(matmulOp, [turned(a!, transA), turned(b!, transB)], undefined) };
    },
  },
};
