import * as v from 'valibot';
import { count, optional } from '../core/options.js';
import { initSchema } from '../inits/init.js';
import { model } from './model.js';
import { embedOption, isPerStep, sequenceInput } from './sequences.js';

/** An embedding where the data are ids, `layers` of gru, one dense layer to the outputs. */
export const gru = model({
  type: 'gru',
  about: {
    does: 'Reads a sequence with gated recurrent units.',
    formula:
      '(embedding) → layers × gru hidden → dense outputs: of the last step, or of every step where each has a target',
    source: 'Cho et al. 2014, arXiv:1406.1078',
  },
  options: {
    hidden: optional(count(), 64),
    layers: optional(count(1, 1000), 1),
    bidirectional: optional(v.boolean(), false),
    init: v.optional(initSchema()),
    recurrentInit: v.optional(initSchema()),
    embed: embedOption(),
  },
  layers: ({ hidden, layers, bidirectional, init, recurrentInit, embed }, data) => [
    ...sequenceInput(data, embed, 'gru'),
    {
      type: 'gru',
      hidden,
      layers,
      bidirectional,
      returns: isPerStep(data) ? 'sequence' : 'last',
      ...(init === undefined ? {} : { init }),
      ...(recurrentInit === undefined ? {} : { recurrentInit }),
    },
    { type: 'dense', out: data.outputs },
  ],
});
