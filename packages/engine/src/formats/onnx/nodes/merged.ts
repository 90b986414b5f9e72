import type { Tensor } from '../../../core/tensor.js';
import { affine } from '../../../layers/dense.js';
import { layerNormalization } from '../../../layers/layerNorm.js';
import { rmsNormalization } from '../../../layers/rmsNorm.js';
import { addBroadcast } from '../../../ops/broadcast.js';
import { float, int } from '../args.js';
import type { Recorder } from '../context.js';
import { activate } from './activation.js';
import { product } from './linear.js';

/** x Wᵀ + b (turned) or x W + b, found in two or three nodes. */
const dense: Recorder = (c) => {
  let y: Tensor;
  if (int(c, 'turned', 0)) {
    const [rows, columns] = c.shape(1) as [number, number];
    const fans = { fanIn: columns, fanOut: rows };
    const w = c.parameter(1, fans);
    const isVector = c.has(2) && c.shape(2).length === 1 && c.shape(2)[0] === rows;
    y = c.scope.apply(affine, [c.tensor(0), w, ...(isVector ? [c.parameter(2, fans)] : [])], undefined);
    if (c.has(2) && !isVector) y = c.scope.apply(addBroadcast, [y, c.parameter(2)], undefined);
  } else y = c.scope.apply(addBroadcast, [product(c), c.parameter(2)], undefined);
  c.site('dense', y);
  return [y];
};

const layerNorm: Recorder = (c) => {
  const y = c.scope.apply(layerNormalization, [c.tensor(0)], {
    eps: float(c, 'epsilon', 1e-5),
    axes: -int(c, 'axis', -1),
  });
  c.site('layerNorm', y, { factor: 'normalization' });
  return [y];
};

const rmsNorm: Recorder = (c) => {
  const inputs = [c.tensor(0), ...(c.has(1) ? [c.parameter(1, { role: 'scale' })] : [])];
  const y = c.scope.apply(rmsNormalization, inputs, {
    eps: float(c, 'epsilon', 1e-5),
    axes: -int(c, 'axis', -1),
  });
  c.site('rmsNorm', y, { factor: 'normalization' });
  return [y];
};

/** What rewrite.ts puts in place of several nodes, where ONNX has no op of its own. */
export const mergedNodes: Readonly<Record<string, Recorder>> = {
  Silu: (c) => [activate(c, c.tensor(0), 'silu')],
  Dense: dense,
  PlainLayerNorm: layerNorm,
  RmsNorm: rmsNorm,
};
