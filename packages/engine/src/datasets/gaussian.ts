import * as v from 'valibot';
import { count, optional } from '../core/options.js';
import { dataset, splitEvery } from './dataset.js';

/** White noise with random labels: what mean-field theory assumes of a network's input. */
export const gaussian = dataset({
  id: 'gaussian',
  about: {
    does: 'Independent N(0, 1) inputs with random labels: the input that the theory of signal propagation assumes. Nothing to learn but by heart.',
    shapes: 'x [features], or any `shape`',
    licence: 'made by Fuga',
    synthetic: true,
  },
  options: {
    samples: optional(count(10, 1e6), 512),
    features: optional(count(1, 1e6), 64),
    shape: v.optional(v.array(count())),
    classes: optional(count(2, 1e5), 10),
  },
  scaling: 'none',
  describe: ({ samples, features, shape, classes }) => ({
    task: 'classification',
    input: { shape: shape ?? [features], dtype: 'f32' },
    target: { shape: [], dtype: 'i32' },
    outputs: classes,
    samples,
  }),
  load: ({ samples, features, shape, classes }, { normal, integers }) => ({
    x: normal('input', samples * (shape ?? [features]).reduce((a, b) => a * b, 1)),
    y: integers('label', samples, classes),
    ...splitEvery(samples),
  }),
});
