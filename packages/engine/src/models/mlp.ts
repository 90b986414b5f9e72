import * as v from 'valibot';
import { activationSchema } from '../activations/activation.js';
import type { LayerSpec } from '../core/layer.js';
import { count, oneOf, optional } from '../core/options.js';
import { initSchema } from '../inits/init.js';
import { biasSchema, completeInit } from '../layers/activate.js';
import { model } from './model.js';

/** `depth` hidden dense layers of `width` units and one dense layer to the outputs. */
export const mlp = model({
  type: 'mlp',
  about: {
    does: 'Dense layers one after the other.',
    formula:
      'depth × [dense width → (norm) → activation], dense outputs; with skip, each hidden layer is a residual',
  },
  options: {
    depth: optional(count(0, 100_000), 4),
    width: optional(count(), 64),
    activation: optional(activationSchema(), 'relu'),
    init: v.optional(initSchema()),
    bias: optional(biasSchema(), true),
    norm: optional(oneOf(['none', 'batch', 'layer', 'rms']), 'none'),
    skip: optional(v.boolean(), false),
  },
  complete: completeInit,
  layers: ({ depth, width, activation, init, bias, norm, skip }, { outputs, input }) => {
    const hidden: LayerSpec[] =
      norm === 'none'
        ? [{ type: 'dense', out: width, activation, init, bias }]
        : [
            { type: 'dense', out: width, init, bias },
            { type: `${norm}Norm` },
            { type: 'activation', fn: activation },
          ];
    // Dense flattens images by itself, but works step by step on sequences.
    const flat: LayerSpec[] = input.shape.length === 2 ? [{ type: 'flatten' }] : [];
    const out: LayerSpec = { type: 'dense', out: outputs };
    if (depth === 0) return [...flat, out];
    if (skip) {
      // The first layer changes the width, so the skips start behind it.
      const body = { type: 'residual', body: hidden, repeat: depth - 1 };
      return [...flat, ...hidden, ...(depth > 1 ? [body] : []), out];
    }
    const block: LayerSpec =
      hidden.length === 1 ? { ...hidden[0]!, repeat: depth } : { type: 'block', body: hidden, repeat: depth };
    return [...flat, block, out];
  },
});
