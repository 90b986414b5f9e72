import * as v from 'valibot';
import { activationSchema } from '../activations/activation.js';
import type { LayerSpec } from '../core/layer.js';
import { count, oneOf, optional } from '../core/options.js';
import { initSchema } from '../inits/init.js';
import { completeInit } from '../layers/activate.js';
import { convLayers, imageSize, normOption, outputLayer } from './images.js';
import { model } from './model.js';

/** `depth` convolutions of `width` channels, max-pooled now and then, and one dense layer to the outputs. */
export const cnn = model({
  type: 'cnn',
  about: {
    does: 'Convolutions one after the other, with max-pooling in between.',
    formula:
      'depth × [conv kernel × kernel, width channels → (norm) → activation], `pools` times max-pool 2 × 2, dense outputs; with skip, each convolution behind the first is a residual',
    source: 'LeCun et al. 1998; Simonyan & Zisserman 2014, arXiv:1409.1556',
  },
  options: {
    depth: optional(count(1, 100_000), 4),
    width: optional(count(), 16),
    kernel: optional(count(1, 31), 3),
    activation: optional(activationSchema(), 'relu'),
    init: v.optional(initSchema()),
    norm: normOption('none'),
    skip: optional(v.boolean(), false),
    pools: v.optional(count(0, 16)),
    head: optional(oneOf(['flatten', 'mean']), 'flatten'),
  },
  complete: completeInit,
  layers: ({ depth, width, kernel, activation, init, norm, skip, pools, head }, data) => {
    const { height, width: columns } = imageSize(data, 'cnn');
    const conv = convLayers({ out: width, kernel }, { activation, init, norm });
    const most = Math.max(0, Math.floor(Math.log2(Math.min(height, columns) / 2)));
    const stages = Math.min(pools ?? Math.min(most, 3), depth);
    const layers: LayerSpec[] = [];
    let done = 0;
    for (let stage = 0; stage <= stages; stage++) {
      // The pools stand at equal distances; the last stage has what is left.
      const until = stages === 0 ? depth : Math.round((depth * Math.min(stage + 1, stages)) / stages);
      layers.push(...repeated(until - done, layers.length === 0 && skip));
      done = until;
      if (stage < stages) layers.push({ type: 'maxPool2d' });
    }
    const summary = head === 'mean' ? 'globalAvgPool2d' : 'flatten';
    return [...layers, { type: summary }, outputLayer(data.outputs, init)];

    /** `times` convolutions; the first changes the number of channels, so skips start behind it. */
    function repeated(times: number, startsPlain: boolean): LayerSpec[] {
      if (times <= 0) return [];
      if (!skip)
        return conv.length === 1
          ? [{ ...conv[0]!, repeat: times }]
          : [{ type: 'block', body: conv, repeat: times }];
      const plain = startsPlain ? conv : [];
      const rest = startsPlain ? times - 1 : times;
      return rest > 0 ? [...plain, { type: 'residual', body: conv, repeat: rest }] : plain;
    }
  },
});
