import { activationSchema } from '../activations/activation.js';
import { EngineError } from '../core/errors.js';
import { count, oneOf, optional, share } from '../core/options.js';
import { model } from './model.js';
import { isPerStep, sequenceInput } from './sequences.js';

/** Causal transformer that predicts the next token at every position. */
export const gpt = model({
  type: 'gpt',
  about: {
    does: 'Causal transformer: predicts the next token at every position, and can go on writing by itself.',
    formula: 'embedding → positions → layers × causal transformer → (norm, where pre) → dense vocabulary',
    source: 'Radford et al. 2018, 2019 (GPT, GPT-2)',
  },
  options: {
    layers: optional(count(1, 1000), 4),
    width: optional(count(), 64),
    heads: optional(count(), 4),
    hidden: optional(count(), 256),
    norm: optional(oneOf(['pre', 'post']), 'pre'),
    activation: optional(activationSchema(), 'gelu'),
    dropout: optional(share(), 0),
  },
  layers: ({ layers, width, heads, hidden, norm, activation, dropout }, data) => {
    if (!isPerStep(data) || data.input.dtype !== 'i32') {
      throw new EngineError(
        'SPEC',
        'gpt expects ids with a target at every position, as data source text gives them',
      );
    }
    return [
      ...sequenceInput(data, width, 'gpt'),
      { type: 'positional' },
      { type: 'transformer', heads, hidden, norm, activation, dropout, causal: true, repeat: layers },
      ...(norm === 'pre' ? [{ type: 'layerNorm' }] : []),
      { type: 'dense', out: data.outputs },
    ];
  },
});
