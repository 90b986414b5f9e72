import * as shelf from '../../packages/engine/src/activations/index.js';
import type { Activation, Constants } from '../../packages/engine/src/activations/activation.js';
import type { Op } from '../../packages/engine/src/core/op.js';
import { parseOptions } from '../../packages/engine/src/core/options.js';
import { gatedOp } from '../../packages/engine/src/ops/gated.js';
import {
  absOp,
  expOp,
  hardShrinkOp,
  logOp,
  reciprocalOp,
  reluSquaredOp,
  sinOp,
  softShrinkOp,
  sqrtOp,
  squareOp,
  tanhShrinkOp,
  thresholdOp,
} from '../../packages/engine/src/ops/pointwise.js';
import { preluOp } from '../../packages/engine/src/ops/prelu.js';
import { softmaxOp } from '../../packages/engine/src/ops/softmax.js';
import { axisOf } from '../../packages/engine/src/ops/strides.js';
import type { Attributes, Mapping } from './mapping.js';

/** Maps a golden activation to the shelf's, renaming its options. */
function of(id: string, options: (attributes: Attributes) => Record<string, unknown> = () => ({})): Mapping {
  return {
    record: ({ x }, attributes, scope) => {
      const activation = (shelf as unknown as Record<string, Activation>)[id];
      if (!activation) throw new Error(`no activation ${id} on the shelf`);
      return { y: activation.apply(x!, parseOptions(activation.options, options(attributes), []), scope) };
    },
  };
}

/** A pointwise op that is on no shelf. */
function map(
  op: Op<Constants>,
  constants: (attributes: Attributes) => [unknown?, unknown?] = () => [],
): Mapping {
  return {
    record: ({ x }, attributes, scope) => {
      const [alpha = 0, beta = 0] = constants(attributes) as [number?, number?];
      return { y: scope.apply(op, [x!], { alpha, beta }) };
    },
  };
}

const alpha = ({ alpha }: Attributes) => ({ alpha });

export const activations: Record<string, Mapping> = {
  act_identity: of('identity'),
  act_sigmoid: of('sigmoid'),
  act_tanh: of('tanh'),
  act_relu: of('relu'),
  act_leaky_relu: of('leakyRelu', ({ slope }) => ({ slope })),
  act_elu: of('elu', alpha),
  act_celu: of('celu', alpha),
  act_selu: of('selu'),
  act_gelu: of('gelu', ({ approximate }) => ({ approximate })),
  act_silu: of('silu'),
  act_softplus: of('softplus', ({ beta, threshold }) => ({ beta, threshold })),
  act_mish: of('mish'),
  act_hardsigmoid: of('hardSigmoid'),
  act_hardswish: of('hardSwish'),
  act_hardtanh: of('hardTanh', ({ min, max }) => ({ min, max })),
  act_relu6: of('relu6'),
  act_softsign: of('softsign'),
  act_logsigmoid: of('logSigmoid'),
  act_erf: of('erf'),
  act_tanhshrink: map(tanhShrinkOp),
  act_softshrink: map(softShrinkOp, ({ lambda }) => [lambda]),
  act_hardshrink: map(hardShrinkOp, ({ lambda }) => [lambda]),
  act_threshold: map(thresholdOp, ({ threshold, value }) => [threshold, value]),
  act_abs: map(absOp),
  act_relu_squared: map(reluSquaredOp),
  act_exp: map(expOp),
  act_log: map(logOp),
  act_sqrt: map(sqrtOp),
  act_sin: map(sinOp),
  act_reciprocal: map(reciprocalOp),
  act_square: map(squareOp),
  act_prelu: {
    record: ({ x, weight }, _, scope) => ({ y: scope.apply(preluOp, [x!, weight!], { axis: 1 }) }),
  },
  act_glu: {
    record: ({ x }, { dim }, scope) => ({
      y: scope.apply(gatedOp, [x!], { gate: 'glu', axis: axisOf(dim as number, x!.shape.length) }),
    }),
  },
  act_swiglu: of('swiglu'),
  act_softmax: {
    record: ({ x }, { dim }, scope) => ({
      y: scope.apply(softmaxOp, [x!], { axis: axisOf(dim as number, x!.shape.length), log: false }),
    }),
  },
  act_log_softmax: {
    record: ({ x }, { dim }, scope) => ({
      y: scope.apply(softmaxOp, [x!], { axis: axisOf(dim as number, x!.shape.length), log: true }),
    }),
  },
};
