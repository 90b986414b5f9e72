import * as shelf from '../../packages/engine/src/activations/index.js';
import type { Activation } from '../../packages/engine/src/activations/activation.js';
import { parseOptions } from '../../packages/engine/src/core/options.js';
import type { Attributes, Mapping } from './mapping.js';

/** Maps a golden activation to the shelf's, renaming its options. */
function of(id: string, options: (attributes: Attributes) => Record<string, unknown> = () => ({})): Mapping {
  return {
    record: ({ x }, attributes, scope) => {
      const activation = (shelf as Record<string, Activation>)[id];
      if (!activation) throw new Error(`no activation ${id} on the shelf`);
      return { y: activation.apply(x!, parseOptions(activation.options, options(attributes), []), scope) };
    },
  };
}

export const activations: Record<string, Mapping> = {
  act_identity: of('identity'),
  act_sigmoid: of('sigmoid'),
  act_tanh: of('tanh'),
  act_relu: of('relu'),
  act_leaky_relu: of('leakyRelu', ({ slope }) => ({ slope })),
};
