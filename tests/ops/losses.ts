import type { Op } from '../../packages/engine/src/core/op.js';
import type { Scope } from '../../packages/engine/src/core/scope.js';
import type { Tensor } from '../../packages/engine/src/core/tensor.js';
import { absoluteError } from '../../packages/engine/src/losses/meanAbsoluteError.js';
import { huberError } from '../../packages/engine/src/losses/huber.js';
import { squaredError } from '../../packages/engine/src/losses/meanSquaredError.js';
import { crossEntropyOp } from '../../packages/engine/src/ops/crossEntropy.js';
import {
  binaryCrossEntropyOp,
  binaryLikelihood,
  divergence,
  negativeLogLikelihood,
  smoothAbsoluteError,
  softCrossEntropy,
} from '../../packages/engine/src/ops/likelihood.js';
import { softmaxOp } from '../../packages/engine/src/ops/softmax.js';
import { scaleShift } from '../../packages/engine/src/ops/unary.js';
import type { Reduction } from '../../packages/engine/src/ops/pairLoss.js';
import type { Attributes, Mapping } from './mapping.js';

/** A loss of x and target (and weights, where the case gives some). */
function of<A>(
  op: Op<A>,
  attributes: (given: Attributes, x: Tensor) => Omit<A, 'reduction'>,
  weights: (t: Readonly<Record<string, Tensor>>) => (Tensor | undefined)[] = () => [],
): Mapping {
  return {
    record: (t, given, scope: Scope) => {
      const extra = weights(t).filter((tensor) => tensor !== undefined);
      const all = {
        ...attributes(given, t['x']!),
        reduction: given['reduction'] as Reduction,
      } as unknown as A;
      return { loss: scope.apply(op, [t['x']!, t['target']!, ...extra], all) };
    },
  };
}

const crossEntropy = of(
  crossEntropyOp,
  ({ label_smoothing: smoothing, ignore_index: ignore }) => ({
    smoothing: (smoothing as number | undefined) ?? 0,
    ignore: (ignore as number | undefined) ?? -100,
    axis: 1,
  }),
  ({ weight }) => [weight],
);

export const losses: Record<string, Mapping> = {
  loss_mse: of(squaredError, () => ({})),
  loss_l1: of(absoluteError, () => ({})),
  loss_smooth_l1: of(smoothAbsoluteError, ({ beta }) => ({ beta: beta as number })),
  loss_huber: of(huberError, ({ delta }) => ({ delta: delta as number })),
  loss_cross_entropy: {
    record: (t, given, scope) => {
      if (given['soft_targets']) {
        const smoothing = (given['label_smoothing'] as number | undefined) ?? 0;
        const target = scope.apply(scaleShift, [t['target']!], {
          factor: 1 - smoothing,
          shift: smoothing / t['x']!.shape[1]!,
        });
        return {
          loss: scope.apply(softCrossEntropy, [t['x']!, target], {
            reduction: given['reduction'] as Reduction,
          }),
        };
      }
      return 'record' in crossEntropy ? crossEntropy.record(t, given, scope) : {};
    },
  },
  loss_bce_with_logits: {
    record: ({ x, target, pos_weight: positive, weight }, { reduction }, scope) => {
      const inputs = [x!, target!, ...(positive ? [positive] : []), ...(weight ? [weight] : [])];
      const attributes = { reduction: reduction as Reduction, positive: !!positive, weighted: !!weight };
      return { loss: scope.apply(binaryCrossEntropyOp, inputs, attributes) };
    },
  },
  loss_bce: of(binaryLikelihood, () => ({})),
  loss_nll: of(
    negativeLogLikelihood,
    ({ ignore_index: ignore }) => ({ ignore: (ignore as number | undefined) ?? -100 }),
    ({ weight }) => [weight],
  ),
  loss_kl_div: {
    record: ({ x, target }, { reduction }, scope) => {
      const logs = scope.apply(softmaxOp, [x!], { axis: 1, log: true });
      return { loss: scope.apply(divergence, [logs, target!], { reduction: reduction as Reduction }) };
    },
  },
};
