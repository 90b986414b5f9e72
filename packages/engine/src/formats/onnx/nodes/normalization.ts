import { batchNormalization } from '../../../layers/batchNorm.js';
import { dropping } from '../../../layers/dropout.js';
import { groupNormalization } from '../../../layers/groupNorm.js';
import { layerNormalization } from '../../../layers/layerNorm.js';
import { sizeOf } from '../../../core/shape.js';
import type { Tensor } from '../../../core/tensor.js';
import { divide, multiplyBroadcast, subtract } from '../../../ops/broadcast.js';
import { reductions } from '../../../ops/reduce.js';
import { axisOf } from '../../../ops/strides.js';
import { clamp, scaleShift } from '../../../ops/unary.js';
import { reciprocalOp, sqrtOp } from '../../../ops/pointwise.js';
import { float, int, scalarOf } from '../args.js';
import { BOOL, constantOf } from '../constant.js';
import type { NodeContext, Recorder } from '../context.js';

/**
 * Training where the graph says so: `training_mode` since operator set 14, five outputs before. A norm exported for
 * inference uses its running statistics, unless the importer was asked to take the batch's.
 */
const batchNorm: Recorder = (c) => {
  const x = c.tensor(0);
  const exported =
    c.version >= 14
      ? int(c, 'training_mode', 0) !== 0
      : c.node.outputs.filter((name) => name !== '').length > 1;
  const training = c.mode === 'train' && (exported || c.network.batchStatistics === 'batch');
  const weight = c.parameter(1, { role: 'scale' });
  const bias = c.parameter(2, { role: 'shift' });
  const inputs = [x, c.fixed(3), c.fixed(4), weight, bias];
  // ONNX's momentum is the share of the old value, PyTorch's that of the new.
  const momentum = 1 - float(c, 'momentum', 0.9);
  const y = c.scope.apply(batchNormalization, inputs, { eps: float(c, 'epsilon', 1e-5), momentum, training });
  c.site('batchNorm', y, {
    factor: 'normalization',
    options: { statistics: training ? 'batch' : 'running' },
  });
  return [y, inputs[1]!, inputs[2]!];
};

const layerNorm: Recorder = (c) => {
  const x = c.tensor(0);
  const axis = axisOf(int(c, 'axis', -1), x.shape.length);
  const features = x.shape.slice(axis);
  const flat = (tensor: Tensor): Tensor => {
    if (sizeOf(tensor.shape) === sizeOf(features)) return tensor;
    return c.fail('LayerNormalization whose scale is broadcast');
  };
  const inputs = [
    x,
    flat(c.parameter(1, { role: 'scale' })),
    ...(c.has(2) ? [flat(c.parameter(2, { role: 'shift' }))] : []),
  ];
  const y = c.scope.apply(layerNormalization, inputs, {
    eps: float(c, 'epsilon', 1e-5),
    axes: features.length,
  });
  c.site('layerNorm', y, { factor: 'normalization' });
  return c.node.outputs[1] || c.node.outputs[2] ? [y, ...moments(c, x, axis)] : [y];
};

/** Mean and 1 / deviation over the axes from `axis` on, for graphs that read them. */
function moments(c: NodeContext, x: Tensor, axis: number): Tensor[] {
  const { scope } = c;
  const reduced = { axes: x.shape.map((_, i) => i).slice(axis), keep: true };
  const mean = scope.apply(reductions.mean, [x], reduced);
  const centred = scope.apply(subtract, [x, mean], undefined);
  const squares = scope.apply(multiplyBroadcast, [centred, centred], undefined);
  const variance = scope.apply(reductions.mean, [squares], reduced);
  const safe = scope.apply(scaleShift, [variance], { factor: 1, shift: float(c, 'epsilon', 1e-5) });
  const deviation = scope.apply(sqrtOp, [safe], { alpha: 0, beta: 0 });
  return [mean, scope.apply(reciprocalOp, [deviation], { alpha: 0, beta: 0 })];
}

const instanceNorm: Recorder = (c) => {
  const x = c.tensor(0);
  const inputs = [x, c.parameter(1, { role: 'scale' }), c.parameter(2, { role: 'shift' })];
  const y = c.scope.apply(groupNormalization, inputs, {
    eps: float(c, 'epsilon', 1e-5),
    groups: x.shape[1]!,
  });
  c.site('instanceNorm', y, { factor: 'normalization' });
  return [y];
};

const groupNorm: Recorder = (c) => {
  const x = c.tensor(0);
  const groups = int(c, 'num_groups', 1);
  const [scale, shift] = [c.parameter(1, { role: 'scale' }), c.parameter(2, { role: 'shift' })];
  if (scale.shape[0] !== x.shape[1])
    c.fail('GroupNormalization with one scale a group (operator set 18); export with operator set 21');
  const y = c.scope.apply(groupNormalization, [x, scale, shift], { eps: float(c, 'epsilon', 1e-5), groups });
  c.site('groupNorm', y, { factor: 'normalization' });
  return [y];
};

/** (x − mean) / √var over some axes, as Caffe2's normalisation: no affine part. */
const meanVariance: Recorder = (c) => {
  const x = c.tensor(0);
  const axes = c.node.attributes.get('axes')?.ints ?? [0, 2, 3];
  const { scope } = c;
  const mean = scope.apply(reductions.mean, [x], { axes, keep: true });
  const squares = scope.apply(reductions.mean, [scope.apply(multiplyBroadcast, [x, x], undefined)], {
    axes,
    keep: true,
  });
  const square = scope.apply(multiplyBroadcast, [mean, mean], undefined);
  const variance = scope.apply(subtract, [squares, square], undefined);
  const deviation = scope.apply(sqrtOp, [scope.apply(scaleShift, [variance], { factor: 1, shift: 1e-9 })], {
    alpha: 0,
    beta: 0,
  });
  const y = scope.apply(divide, [scope.apply(subtract, [x, mean], undefined), deviation], undefined);
  c.site('instanceNorm', y, { factor: 'normalization' });
  return [y];
};

const lpNorm: Recorder = (c) => {
  const x = c.tensor(0);
  const axis = axisOf(int(c, 'axis', -1), x.shape.length);
  const kind = int(c, 'p', 2) === 1 ? 'l1' : 'l2';
  const norm = c.scope.apply(reductions[kind], [x], { axes: [axis], keep: true });
  const safe = c.scope.apply(clamp, [norm], { low: 1e-12, high: Infinity });
  const y = c.scope.apply(divide, [x, safe], undefined);
  c.site('l2Norm', y, { factor: 'normalization' });
  return [y];
};

/** Drops in training, where the graph was exported for training (or the ratio is an attribute of an old one). */
const dropout: Recorder = (c) => {
  const x = c.tensor(0);
  const rate = scalarOf(c, 'ratio', 1) ?? 0.5;
  const training = c.has(2) && c.constant(2).data[0] !== 0;
  if (!training || c.mode === 'eval' || rate === 0) {
    return [x, constantOf(x.shape, BOOL, new Float64Array(sizeOf(x.shape)).fill(1))];
  }
  // Exporters in training mode declare the mask always; hardly a graph reads it.
  if (c.isRead(1)) c.fail('Dropout whose mask is read');
  return [c.scope.apply(dropping, [x], { rate })];
};

export const normalizationNodes: Readonly<Record<string, Recorder>> = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  InstanceNormalization: instanceNorm,
  GroupNormalization: groupNorm,
  MeanVarianceNormalization: meanVariance,
  LpNormalization: lpNorm,
  Dropout: dropout,
};
