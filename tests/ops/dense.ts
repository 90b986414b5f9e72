import { affine } from '../../packages/engine/src/layers/dense.js';
import type { Mapping } from './mapping.js';

export const dense: Record<string, Mapping> = {
  dense: {
    record: ({ x, weight, bias }, _, scope) => ({
      y: scope.apply(affine, bias ? [x!, weight!, bias] : [x!, weight!], undefined),
    }),
  },
};
