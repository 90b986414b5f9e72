import * as v from 'valibot';
import { count, optional, real } from '../core/options.js';
import { initSchema } from '../inits/init.js';
import { model } from './model.js';
import { embedOption, isPerStep, sequenceInput } from './sequences.js';

/** An embedding where the data are ids, `layers` of lstm, one dense layer to the outputs. */
export const lstm = model({
  type: 'lstm',
  about: {
    does: 'Reads a sequence with long short-term memory.',
    formula:
      '(embedding) → layers × lstm hidden → dense outputs: of the last step, or of every step where each has a target',
    source: 'Hochreiter & Schmidhuber 1997',
  },
  options: {
    hidden: optional(count(), 64),
    layers: optional(count(1, 1000), 1),
    bidirectional: optional(v.boolean(), false),
    forgetBias: optional(real(), 1),
    init: v.optional(initSchema()),
    recurrentInit: v.optional(initSchema()),
    embed: embedOption(),
  },
  layers: ({ hidden, layers, bidirectional, forgetBias, init, recurrentInit, embed }, data) => [
    ...sequenceInput(data, embed, 'lstm'),
    {
      type: 'lstm',
      hidden,
      layers,
      bidirectional,
      returns: isPerStep(data) ? 'sequence' : 'last',
      ...(init === undefined ? {} : { init }),
      ...(recurrentInit === undefined ? {} : { recurrentInit }),
      forgetBias,
    },
    { type: 'dense', out: data.outputs },
  ],
});
