import { lookUpOp } from '../../packages/engine/src/ops/lookUp.js';
import type { Mapping } from './mapping.js';

export const embedding: Record<string, Mapping> = {
  embedding: {
    record: ({ index, weight }, { padding_idx: padding }, scope) => ({
      y: scope.apply(lookUpOp, [index!, weight!], { padding: (padding as number | null) ?? -1 }),
    }),
  },
};
