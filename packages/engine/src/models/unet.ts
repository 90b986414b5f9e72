import * as v from 'valibot';
import { activationSchema } from '../activations/activation.js';
import { check } from '../core/errors.js';
import type { LayerSpec } from '../core/layer.js';
import { count, oneOf, optional } from '../core/options.js';
import { initSchema } from '../inits/init.js';
import { completeInit } from '../layers/activate.js';
import { convLayers, imageSize, normOption } from './images.js';
import { model } from './model.js';

/**
 * Ronneberger's U-Net: `depth` times two convolutions and a halving, two convolutions at the bottom, and back up, each
 * level joined with what the way down had there. Gives one map an output, as large as the image.
 */
export const unet = model({
  type: 'unet',
  about: {
    does: 'Down to the whole and back up to the pixel, with a short cut across at every level: for masks.',
    formula:
      'depth × [2 conv 3×3 → max-pool 2], 2 conv, depth × [up 2 → concat with the level’s way down → 2 conv], conv 1×1',
    gradient:
      'The joins are short ways back to the first layers; without `skip` all must go through the bottom.',
    source: 'Ronneberger et al. 2015, arXiv:1505.04597',
  },
  options: {
    depth: optional(count(1, 6), 2),
    width: optional(count(), 8),
    activation: optional(activationSchema(), 'relu'),
    init: v.optional(initSchema()),
    norm: normOption('batch'),
    skip: optional(v.boolean(), true),
    up: optional(oneOf(['transpose', 'nearest', 'bilinear']), 'transpose'),
  },
  complete: completeInit,
  layers: ({ depth, width, activation, init, norm, skip, up }, data) => {
    const { height, width: columns } = imageSize(data, 'unet');
    check(
      data.target.shape.length >= 2,
      'SPEC',
      `unet says something of every pixel, and expects data with a mask for each image (phantoms: target: segmentation), got data for ${data.task}`,
    );
    const factor = 2 ** depth;
    check(
      height % factor === 0 && columns % factor === 0,
      'SPEC',
      `unet of depth ${depth} expects images whose sides ${factor} divides, got ${height} × ${columns}`,
    );
    const style = { activation, init, norm };
    const twice = (out: number, id?: string): LayerSpec[] => [
      ...convLayers({ out }, style),
      ...named(convLayers({ out }, style), id),
    ];
    const layers: LayerSpec[] = [];
    for (let level = 0; level < depth; level++) {
      layers.push(...twice(width * 2 ** level, `down${level}`), { type: 'maxPool2d' });
    }
    layers.push(...twice(width * factor));
    for (let level = depth - 1; level >= 0; level--) {
      const out = width * 2 ** level;
      const grow: LayerSpec[] =
        up === 'transpose'
          ? [{ type: 'convTranspose2d', out, kernel: 2, stride: 2, init }]
          : [
              { type: 'upsample', mode: up },
              { type: 'conv2d', out, init },
            ];
      layers.push(...named(grow, `up${level}`));
      if (skip) layers.push({ type: 'concat', inputs: [`up${level}`, `down${level}`] });
      layers.push(...twice(out));
    }
    return [...layers, { type: 'conv2d', out: data.outputs, kernel: 1 }];
  },
});

/** The last layer gets the id. */
function named(layers: readonly LayerSpec[], id: string | undefined): LayerSpec[] {
  return id === undefined ? [...layers] : [...layers.slice(0, -1), { ...layers.at(-1)!, id }];
}
