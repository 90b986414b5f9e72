import * as v from 'valibot';
import { count, oneOf, optional } from '../core/options.js';
import { initSchema } from '../inits/init.js';
import { model } from './model.js';
import { embedOption, isPerStep, sequenceInput } from './sequences.js';

/** An embedding where the data are ids, `layers` of rnn, one dense layer to the outputs. */
export const rnn = model({
  type: 'rnn',
  about: {
    does: 'Reads a sequence with plain recurrent layers.',
    formula:
      '(embedding) → layers × rnn hidden → dense outputs: of the last step, or of every step where each has a target',
    source: 'Elman 1990',
  },
  options: {
    hidden: optional(count(), 64),
    layers: optional(count(1, 1000), 1),
    bidirectional: optional(v.boolean(), false),
    activation: optional(oneOf(['tanh', 'relu']), 'tanh'),
    init: v.optional(initSchema()),
    recurrentInit: v.optional(initSchema()),
    embed: embedOption(),
  },
  layers: ({ hidden, layers, bidirectional, activation, init, recurrentInit, embed }, data) => [
    ...sequenceInput(data, embed, 'rnn'),
    {
      type: 'rnn',
      hidden,
      layers,
      bidirectional,
      returns: isPerStep(data) ? 'sequence' : 'last',
      ...(init === undefined ? {} : { init }),
      ...(recurrentInit === undefined ? {} : { recurrentInit }),
      activation,
    },
    { type: 'dense', out: data.outputs },
  ],
});
