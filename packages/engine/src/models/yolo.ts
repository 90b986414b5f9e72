import * as v from 'valibot';
import { activationSchema } from '../activations/activation.js';
import { check } from '../core/errors.js';
import type { LayerSpec } from '../core/layer.js';
import { count, optional } from '../core/options.js';
import { initSchema } from '../inits/init.js';
import { completeInit } from '../layers/activate.js';
import { convLayers, imageSize, normOption } from './images.js';
import { model } from './model.js';

/**
 * A nano detector in the YOLO manner: a backbone of strided convolutions and CSP blocks with SPPF at its end, a neck
 * that goes up and down the scales, and a decoupled anchor-free head on strides 8, 16 and 32.
 */
export const yolo = model({
  type: 'yolo',
  about: {
    does: 'Finds objects: boxes and classes from three scales of one network.',
    formula:
      'stem, 4 × [conv stride 2 → CSP], SPPF; neck: up and join twice, down and join twice; detect on strides 8, 16, 32',
    gradient: 'CSP blocks and joins are short ways back; without `skip` the blocks’ shortcuts are cut.',
    source:
      'Redmon et al. 2016, arXiv:1506.02640; Wang et al. 2019, arXiv:1911.11929 (CSP); Liu et al. 2018, arXiv:1803.01534 (neck)',
  },
  options: {
    width: optional(count(2), 12),
    depth: optional(count(1, 12), 1),
    activation: optional(activationSchema(), 'silu'),
    init: v.optional(initSchema()),
    norm: normOption('batch'),
    skip: optional(v.boolean(), true),
  },
  complete: completeInit,
  layers: ({ width, depth, activation, init, norm, skip }, data) => {
    const { height, width: columns } = imageSize(data, 'yolo');
    check(
      height % 32 === 0 && columns % 32 === 0,
      'SPEC',
      `yolo expects images whose sides 32 divides, got ${height} × ${columns}`,
    );
    const style = { activation, init, norm };
    const conv = (out: number, kernel: number, stride = 1): LayerSpec[] =>
      convLayers({ out, kernel, stride, ...(stride > 1 ? { padding: kernel >> 1 } : {}) }, style);
    const block = (body: LayerSpec[], id?: string): LayerSpec => ({
      type: 'block',
      body,
      ...(id ? { id } : {}),
    });
    /** Half the channels go through `depth` bottlenecks, the other half past them. */
    const csp = (out: number, hasSkips: boolean, id?: string): LayerSpec => {
      const half = Math.max(1, out >> 1);
      const bottleneck = [...conv(half, 3), ...conv(half, 3)];
      const inner: LayerSpec[] =
        hasSkips && skip
          ? [{ type: 'residual', body: bottleneck, repeat: depth, id: 'through' }]
          : [{ type: 'block', body: bottleneck, repeat: depth, id: 'through' }];
      return block(
        [
          ...conv(half, 1),
          ...inner,
          { ...block(conv(half, 1), 'past'), inputs: ['input'] },
          { type: 'concat', inputs: ['through', 'past'] },
          ...conv(out, 1),
        ],
        id,
      );
    };
    const pool: LayerSpec = { type: 'maxPool2d', kernel: 5, stride: 1, padding: 2 };
    /** Max over 5, 9 and 13 pixels, joined: one view of the whole image. */
    const pyramid = (out: number, id: string): LayerSpec =>
      block(
        [
          block(conv(Math.max(1, out >> 1), 1), 'at0'),
          { ...pool, id: 'at1' },
          { ...pool, id: 'at2' },
          { ...pool, id: 'at3' },
          { type: 'concat', inputs: ['at0', 'at1', 'at2', 'at3'] },
          ...conv(out, 1),
        ],
        id,
      );
    const [w3, w4, w5] = [4 * width, 8 * width, 16 * width];
    return [
      ...conv(width, 3, 2),
      ...conv(2 * width, 3, 2),
      csp(2 * width, true),
      ...conv(w3, 3, 2),
      csp(w3, true, 'stride8'),
      ...conv(w4, 3, 2),
      csp(w4, true, 'stride16'),
      ...conv(w5, 3, 2),
      csp(w5, true),
      pyramid(w5, 'stride32'),
      { type: 'upsample', id: 'upper16' },
      { type: 'concat', inputs: ['upper16', 'stride16'] },
      csp(w4, false, 'middle16'),
      { type: 'upsample', id: 'upper8' },
      { type: 'concat', inputs: ['upper8', 'stride8'] },
      csp(w3, false, 'out8'),
      block(conv(w3, 3, 2), 'lower16'),
      { type: 'concat', inputs: ['lower16', 'middle16'] },
      csp(w4, false, 'out16'),
      block(conv(w4, 3, 2), 'lower32'),
      { type: 'concat', inputs: ['lower32', 'stride32'] },
      csp(w5, false, 'out32'),
      { type: 'detect', classes: data.outputs, activation, inputs: ['out8', 'out16', 'out32'] },
    ];
  },
});
