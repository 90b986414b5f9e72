import { adaptive, averaging, type AveragingWalk } from '../../packages/engine/src/layers/avgPool2d.js';
import { planeMeans } from '../../packages/engine/src/layers/globalAvgPool2d.js';
import { largestOfPlanes, maxPooling } from '../../packages/engine/src/layers/maxPool2d.js';
import { both, type Pair, type Walk } from '../../packages/engine/src/layers/window.js';
import type { Attributes, Mapping } from './mapping.js';

/** A pooling window's walk as PyTorch computes it: with ceil_mode, a last window may reach beyond the padding. */
function pooling(size: number, attributes: Attributes, which: 0 | 1): Walk & AveragingWalk {
  const of = (name: string, fallback: Pair) =>
    both((attributes[name] as Pair | undefined) ?? fallback)[which];
  const [kernel, stride, before, dilation] = [
    of('kernel', 1),
    of('stride', 1),
    of('padding', 0),
    of('dilation', 1),
  ];
  const steps = (size + 2 * before - dilation * (kernel - 1) - 1) / stride;
  let output = (attributes['ceil_mode'] === true ? Math.ceil(steps) : Math.floor(steps)) + 1;
  if ((output - 1) * stride >= size + before) output--; // it would start in the padding behind
  return { kernel, stride, dilation, before, after: before, output };
}

export const pool: Record<string, Mapping> = {
  max_pool2d: {
    record: ({ x }, attributes, scope) => {
      const [rows, columns] = [pooling(x!.shape[2]!, attributes, 0), pooling(x!.shape[3]!, attributes, 1)];
      return { y: scope.apply(maxPooling, [x!], { rows, columns }) };
    },
  },
  avg_pool2d: {
    record: ({ x }, attributes, scope) => {
      const [rows, columns] = [pooling(x!.shape[2]!, attributes, 0), pooling(x!.shape[3]!, attributes, 1)];
      const countPad = attributes['count_include_pad'] as boolean;
      return { y: scope.apply(averaging, [x!], { rows, columns, countPad }) };
    },
  },
  adaptive_avg_pool2d: {
    record: ({ x }, attributes, scope) => {
      const [height, width] = both(attributes['output'] as Pair);
      const [N, C] = x!.shape as [number, number];
      if (height === 1 && width === 1) {
        return { y: scope.reshape(scope.apply(planeMeans, [x!], undefined), [N, C, 1, 1]) };
      }
      return { y: scope.apply(averaging, [x!], adaptive(height, width)) };
    },
  },
  global_max_pool2d: {
    record: ({ x }, _, scope) => ({ y: scope.apply(maxPooling, [x!], largestOfPlanes(x!.shape)) }),
  },
};
