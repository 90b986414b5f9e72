import { readActivation } from '../../../activations/activation.js';
import * as activations from '../../../activations/index.js';
import type { Tensor } from '../../../core/tensor.js';
import { greater, multiplyBroadcast, where } from '../../../ops/broadcast.js';
import { preluOp } from '../../../ops/prelu.js';
import { softmaxOp } from '../../../ops/softmax.js';
import { axisOf } from '../../../ops/strides.js';
import { clamp, scaleShift } from '../../../ops/unary.js';
import { float, int, scalarOf, text } from '../args.js';
import { constantOf, FLOAT } from '../constant.js';
import type { NodeContext, Recorder } from '../context.js';

/** Records an activation of the shelf (or what it is exchanged for) as a site of its own. */
export function activate(
  c: NodeContext,
  x: Tensor,
  fn: string,
  options: Readonly<Record<string, unknown>> = {},
): Tensor {
  const chosen = c.network.swap(fn) ?? { fn, options };
  const { activation, options: parsed } = readActivation(activations, { ...chosen.options, fn: chosen.fn });
  const y = activation.apply(x, parsed, c.scope);
  c.site('activation', y, {
    input: x,
    preactivation: x,
    activation: { fn: activation.id, options: parsed },
    options: { fn: activation.id },
  });
  return y;
}

const plain =
  (fn: string): Recorder =>
  (c) => [activate(c, c.tensor(0), fn)];

const number = (c: NodeContext, value: number, name: string): Tensor =>
  c.constantTensor(constantOf([], FLOAT, [value]), `${c.name}/${name}`);

const leakyRelu: Recorder = (c) => {
  const slope = float(c, 'alpha', 0.01);
  const x = c.tensor(0);
  if (slope >= 0 && slope <= 1) return [activate(c, x, 'leakyRelu', { slope })];
  // Outside [0, 1] backward cannot tell the side from y: a selection by the sign of x.
  const above = c.scope.apply(greater, [x, number(c, 0, 'zero')], undefined);
  const y = c.scope.apply(
    where,
    [above, x, c.scope.apply(scaleShift, [x], { factor: slope, shift: 0 })],
    undefined,
  );
  c.site('activation', y, { preactivation: x });
  return [y];
};

const hardSigmoid: Recorder = (c) => {
  const [alpha, beta] = [float(c, 'alpha', 0.2), float(c, 'beta', 0.5)];
  const x = c.tensor(0);
  if (Math.abs(alpha - 1 / 6) < 1e-6 && beta === 0.5) return [activate(c, x, 'hardSigmoid')];
  const line = c.scope.apply(scaleShift, [x], { factor: alpha, shift: beta });
  const y = c.scope.apply(clamp, [line], { low: 0, high: 1 });
  c.site('activation', y, { input: x, preactivation: x });
  return [y];
};

const selu: Recorder = (c) => {
  const [alpha, gamma] = [
    float(c, 'alpha', 1.67326319217681884765625),
    float(c, 'gamma', 1.05070102214813232421875),
  ];
  const x = c.tensor(0);
  if (Math.abs(alpha - 1.6732632) < 1e-6 && Math.abs(gamma - 1.050701) < 1e-6)
    return [activate(c, x, 'selu')];
  const { activation } = readActivation(activations, 'elu');
  const curve = activation.apply(x, { alpha }, c.scope);
  const y = c.scope.apply(scaleShift, [curve], { factor: gamma, shift: 0 });
  c.site('activation', y, { preactivation: x });
  return [y];
};

const thresholdedRelu: Recorder = (c) => {
  const x = c.tensor(0);
  const above = c.scope.apply(greater, [x, number(c, float(c, 'alpha', 1), 'alpha')], undefined);
  const y = c.scope.apply(multiplyBroadcast, [x, above], undefined);
  c.site('activation', y, { preactivation: x });
  return [y];
};

const prelu: Recorder = (c) => {
  const x = c.tensor(0);
  const slope = c.parameter(1);
  const { shape } = slope;
  // [C, 1, 1] on images [N, C, H, W], or one number: the kernel's case.
  const lead = shape.length - shape.filter((length) => length !== 1).length;
  const size = shape.reduce((a, b) => a * b, 1);
  const wide = shape.findIndex((length) => length !== 1);
  // Before operator set 7 one axis of slopes is that of the channels.
  const isOld = c.version < 7 && shape.length === 1;
  const axis = wide < 0 || isOld ? 1 : x.shape.length - shape.length + wide;
  if (size === 1 || lead === shape.length - 1) {
    const y = c.scope.apply(preluOp, [x, c.scope.reshape(slope, [size])], {
      axis: Math.max(0, Math.min(axis, x.shape.length - 1)),
    });
    c.site('activation', y, { input: x, preactivation: x });
    return [y];
  }
  const above = c.scope.apply(greater, [x, number(c, 0, 'zero')], undefined);
  const y = c.scope.apply(
    where,
    [above, x, c.scope.apply(multiplyBroadcast, [x, slope], undefined)],
    undefined,
  );
  c.site('activation', y, { input: x, preactivation: x });
  return [y];
};

const clip: Recorder = (c) => {
  const x = c.tensor(0);
  if ((c.has(1) && !c.isKnown(1)) || (c.has(2) && !c.isKnown(2)))
    c.fail('Clip with limits that depend on the data');
  const low = scalarOf(c, 'min', 1) ?? -Infinity;
  const high = scalarOf(c, 'max', 2) ?? Infinity;
  if (low === 0 && high === 6) return [activate(c, x, 'relu6')];
  if (low === 0 && high === Infinity) return [activate(c, x, 'relu')];
  const y = c.scope.apply(clamp, [x], { low, high });
  if (low === -1 && high === 1)
    c.site('activation', y, { preactivation: x, activation: { fn: 'hardTanh', options: {} } });
  return [y];
};

/** Before operator set 13 the axes from `axis` on are taken together. */
const softmax =
  (log: boolean): Recorder =>
  (c) => {
    const x = c.tensor(0);
    const rank = x.shape.length;
    const old = c.version < 13;
    const axis = axisOf(int(c, 'axis', old ? 1 : -1), rank);
    let y: Tensor;
    if (old && axis < rank - 1) {
      const rows = x.shape.slice(0, axis).reduce((a, b) => a * b, 1);
      const flat = c.scope.reshape(x, [rows, x.shape.slice(axis).reduce((a, b) => a * b, 1)]);
      y = c.scope.reshape(c.scope.apply(softmaxOp, [flat], { axis: 1, log }), x.shape);
    } else y = c.scope.apply(softmaxOp, [x], { axis, log });
    c.site('activation', y, { preactivation: x, options: { fn: log ? 'logSoftmax' : 'softmax' } });
    return [y];
  };

export const activationNodes: Readonly<Record<string, Recorder>> = {
  Sigmoid: plain('sigmoid'),
  Tanh: plain('tanh'),
  Relu: plain('relu'),
  Softsign: plain('softsign'),
  Mish: plain('mish'),
  HardSwish: plain('hardSwish'),
  Erf: plain('erf'),
  Softplus: (c) => [activate(c, c.tensor(0), 'softplus', { threshold: 80 })],
  Gelu: (c) => [
    activate(
      c,
      c.tensor(0),
      'gelu',
      text(c, 'approximate', 'none') === 'tanh' ? { approximate: 'tanh' } : {},
    ),
  ],
  Elu: (c) => [activate(c, c.tensor(0), 'elu', { alpha: float(c, 'alpha', 1) })],
  Celu: (c) => [activate(c, c.tensor(0), 'celu', { alpha: float(c, 'alpha', 1) })],
  LeakyRelu: leakyRelu,
  HardSigmoid: hardSigmoid,
  Selu: selu,
  ThresholdedRelu: thresholdedRelu,
  PRelu: prelu,
  Clip: clip,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
};
