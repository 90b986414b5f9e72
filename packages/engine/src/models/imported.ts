import * as v from 'valibot';
import { activationSchema } from '../activations/activation.js';
import { EngineError } from '../core/errors.js';
import { oneOf, optional } from '../core/options.js';
import { initSchema } from '../inits/init.js';
import { model } from './model.js';

/**
 * A network from a file. Its layers are in the file; these options turn it as a whole, so that remedies treat it as
 * they treat a family.
 */
export const imported = model({
  type: 'imported',
  fromFile: true,
  about: {
    does: 'A network read from an ONNX or Keras file.',
    formula: 'as the file has it; activation, init, norm and skip change all hidden layers alike',
  },
  options: {
    file: optional(v.string(), ''),
    /** The activation that most hidden layers of the file have, and the one they shall have. */
    original: optional(v.string(), 'identity'),
    activation: optional(activationSchema(), 'identity'),
    /** Absent: the file's weights. */
    init: v.optional(initSchema()),
    /** A norm put between weights and activations; `present` where the file has norms already. */
    norm: optional(oneOf(['none', 'batch', 'layer', 'present']), 'none'),
    /** Skips put around hidden layers that keep their shape. */
    skip: optional(v.boolean(), false),
    batchStatistics: optional(oneOf(['asExported', 'batch']), 'asExported'),
    output: v.optional(v.string()),
  },
  layers: ({ file }, { network }) => {
    if (network) return [];
    throw new EngineError(
      'SPEC',
      `the network is in the file "${file}", which was not given; open the file itself`,
      ['model'],
    );
  },
});
