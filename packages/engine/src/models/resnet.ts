import * as v from 'valibot';
import { activationSchema } from '../activations/activation.js';
import { check } from '../core/errors.js';
import type { LayerSpec } from '../core/layer.js';
import { count, optional, real } from '../core/options.js';
import { initSchema } from '../inits/init.js';
import { completeInit } from '../layers/activate.js';
import { convLayers, imageSize, normLayers, normOption, outputLayer } from './images.js';
import { model } from './model.js';

/**
 * He et al.'s residual network for small images: a 3 × 3 convolution, `stages` stages of equally many blocks of two
 * 3 × 3 convolutions, each stage half as large and twice as wide as the one before, the mean over the image, one dense
 * layer. `depth` counts weighted layers as they do: 2 · stages · blocks + 2 (20, 32, 44, 56, 110 for three stages).
 * `skip: false` is the plain twin: the same layers without shortcuts.
 */
export const resnet = model({
  type: 'resnet',
  about: {
    does: 'Blocks of two convolutions, each with a shortcut around it; without `skip` the plain twin of equal depth.',
    formula:
      'conv 3×3, stages × blocks × [x + conv 3×3 → norm → f → conv 3×3 → norm → f], mean over the image, dense; preactivation: x + [norm → f → conv 3×3] twice',
    gradient:
      'The shortcuts pass the gradient on with factor 1; the plain twin multiplies 2 · stages · blocks factors.',
    source: 'He et al. 2015, arXiv:1512.03385, §4.2; He et al. 2016, arXiv:1603.05027 (preactivation)',
  },
  options: {
    depth: optional(count(4, 10_002), 20),
    width: optional(count(), 16),
    stages: optional(count(1, 6), 3),
    activation: optional(activationSchema(), 'relu'),
    init: v.optional(initSchema()),
    norm: normOption('batch'),
    skip: optional(v.boolean(), true),
    preactivation: optional(v.boolean(), false),
    scale: optional(real(), 1),
  },
  complete: (options) => {
    const { depth, stages } = options;
    const blocks = Math.max(1, Math.round((depth - 2) / (2 * stages)));
    check(
      depth === 2 * stages * blocks + 2,
      'SPEC',
      `resnet of ${stages} stages expects a depth of ${2 * stages} · blocks + 2, got ${depth}; nearest: ${2 * stages * blocks + 2}`,
    );
    return completeInit(options);
  },
  layers: ({ depth, width, stages, activation, init, norm, skip, preactivation, scale }, data) => {
    imageSize(data, 'resnet');
    const blocks = (depth - 2) / (2 * stages);
    const act: LayerSpec = { type: 'activation', fn: activation };
    const style = { activation, init, norm };
    const layers: LayerSpec[] = preactivation
      ? [{ type: 'conv2d', out: width, padding: 1, bias: norm === 'none', init }]
      : convLayers({ out: width, padding: 1 }, style);
    for (let stage = 0; stage < stages; stage++) {
      const out = width * 2 ** stage;
      const first = block(out, stage > 0 ? 2 : 1);
      layers.push(...first);
      if (blocks > 1) {
        const rest = block(out, 1);
        layers.push(
          ...(rest.length === 1
            ? [{ ...rest[0]!, repeat: blocks - 1 }]
            : [{ type: 'block', body: rest, repeat: blocks - 1 }]),
        );
      }
    }
    if (preactivation) layers.push(...normLayers(norm), act);
    return [...layers, { type: 'globalAvgPool2d' }, outputLayer(data.outputs, init)];

    function block(out: number, stride: number): LayerSpec[] {
      const strided = { out, stride, padding: 1 };
      const body: LayerSpec[] = preactivation
        ? [
            ...normLayers(norm),
            act,
            { type: 'conv2d', ...strided, bias: norm === 'none', init },
            ...normLayers(norm),
            act,
            { type: 'conv2d', out, padding: 1, bias: norm === 'none', init },
          ]
        : [
            ...convLayers(strided, style),
            ...convLayers({ out, padding: 1 }, { ...style, activation: 'identity' }),
          ];
      if (!skip) return preactivation ? body : [...body, act];
      return [{ type: 'residual', body, scale, ...(preactivation ? {} : { activation }) }];
    }
  },
});
