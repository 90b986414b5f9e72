import { activationSchema } from '../activations/activation.js';
import type { LayerSpec } from '../core/layer.js';
import { count, oneOf, optional, share } from '../core/options.js';
import { model } from './model.js';
import { isPerStep, sequenceInput } from './sequences.js';

/** `layers` encoder blocks over embedded ids or projected vectors, averaged over the steps, one dense layer to the outputs. */
export const transformer = model({
  type: 'transformer',
  about: {
    does: 'Transformer encoder: every step may look at every other.',
    formula:
      'embedding (or dense) → positions → layers × transformer → (norm, where pre) → mean over steps → dense outputs',
    source: 'Vaswani et al. 2017, arXiv:1706.03762',
  },
  options: {
    layers: optional(count(1, 1000), 2),
    width: optional(count(), 64),
    heads: optional(count(), 4),
    hidden: optional(count(), 128),
    norm: optional(oneOf(['pre', 'post']), 'pre'),
    activation: optional(activationSchema(), 'gelu'),
    dropout: optional(share(), 0),
    positions: optional(oneOf(['learned', 'sinusoidal', 'none']), 'learned'),
  },
  layers: ({ layers, width, heads, hidden, norm, activation, dropout, positions }, data) => {
    const input = sequenceInput(data, width, 'transformer');
    const isEmbedded = input.some(({ type }) => type === 'embedding');
    const block: LayerSpec = {
      type: 'transformer',
      heads,
      hidden,
      norm,
      activation,
      dropout,
      repeat: layers,
    };
    return [
      ...input,
      ...(isEmbedded ? [] : [{ type: 'dense', out: width }]),
      ...(positions === 'none' ? [] : [{ type: 'positional', kind: positions }]),
      block,
      ...(norm === 'pre' ? [{ type: 'layerNorm' }] : []),
      ...(isPerStep(data) ? [] : [{ type: 'globalAvgPool1d' }]),
      { type: 'dense', out: data.outputs },
    ];
  },
});
