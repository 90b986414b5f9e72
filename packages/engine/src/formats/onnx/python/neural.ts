import { axisOf } from '../../../ops/strides.js';
import { float, int, ints, text, texts } from '../args.js';
import { windows, type Window } from '../nodes/convolution.js';
import { single as number, tuple } from '../../pytorch/python.js';
import { padding } from './arrangement.js';
import type { PythonNode, PythonWriter } from './node.js';

const list = (of: readonly Window[], what: 'kernel' | 'stride' | 'dilation' | 'before') =>
  tuple(of.map((window) => window[what]));

const isEven = (axes: readonly Window[]) => axes.every(({ before, after }) => before === after);

/** The input with the padding of the windows around it, where PyTorch's own padding is the same on both sides. */
function padded(x: string, axes: readonly Window[], value: number): string {
  const [before, after] = [axes.map((window) => window.before), axes.map((window) => window.after)];
  return `F.pad(${x}, ${padding(before, after)}${value === 0 ? '' : `, value=${number(value)}`})`;
}

const conv: PythonWriter = (c) => {
  const kernel = ints(c, 'kernel_shape') ?? c.shape(1).slice(2);
  const axes = windows(c, c.shape(0).slice(2), kernel);
  const x = isEven(axes) ? c.x() : padded(c.x(), axes, 0);
  const options = [
    `stride=${list(axes, 'stride')}`,
    ...(isEven(axes) ? [`padding=${list(axes, 'before')}`] : []),
    `dilation=${list(axes, 'dilation')}`,
    `groups=${int(c, 'group', 1)}`,
  ];
  return `F.conv${axes.length}d(${x}, ${c.x(1)}, ${c.optional(2)}, ${options.join(', ')})`;
};

/** Without padding, then cut to what the node makes. */
const convTranspose: PythonWriter = (c) => {
  const [from, to] = [c.shape(0).slice(2), c.made().slice(2)];
  const kernel = ints(c, 'kernel_shape') ?? c.shape(1).slice(2);
  const strides = ints(c, 'strides') ?? from.map(() => 1);
  const dilations = ints(c, 'dilations') ?? from.map(() => 1);
  const pads = ints(c, 'pads') ?? new Array<number>(2 * from.length).fill(0);
  const auto = text(c, 'auto_pad', 'NOTSET');
  const before = from.map((size, i) => {
    if (!ints(c, 'output_shape') && !auto.startsWith('SAME')) return pads[i]!;
    const extra = ints(c, 'output_padding')?.[i] ?? 0;
    const full = (size - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1 + extra;
    const total = Math.max(0, full - to[i]!);
    return auto === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2);
  });
  // Output padding behind: what the whole product is short of.
  const missing = from.map((size, i) =>
    Math.max(0, before[i]! + to[i]! - ((size - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1)),
  );
  const bias = c.has(2) ? c.x(2) : 'None';
  const whole = `F.conv_transpose${from.length}d(${c.x()}, ${c.x(1)}, ${bias}, stride=${tuple(strides)}, output_padding=${tuple(missing)}, groups=${int(c, 'group', 1)}, dilation=${tuple(dilations)})`;
  return `${whole}[:, :, ${before.map((start, i) => `${start}:${start + to[i]!}`).join(', ')}]`;
};

function poolWindows(c: PythonNode): Window[] {
  const axes = windows(c, c.shape(0).slice(2), ints(c, 'kernel_shape') ?? [], {
    ceil: int(c, 'ceil_mode', 0) !== 0,
  });
  // A window that reaches past the padding (ceil_mode) is padding as well.
  return axes.map((window, i) => ({
    ...window,
    after: Math.max(
      window.after,
      (window.output - 1) * window.stride +
        window.dilation * (window.kernel - 1) +
        1 -
        c.shape(0)[i + 2]! -
        window.before,
    ),
  }));
}

const maxPool: PythonWriter = (c) => {
  const axes = poolWindows(c);
  const plain = isEven(axes) && axes.every(({ before, kernel }) => 2 * before <= kernel);
  const x = plain ? c.x() : padded(c.x(), axes, -Infinity);
  return `F.max_pool${axes.length}d(${x}, ${list(axes, 'kernel')}, ${list(axes, 'stride')}, ${plain ? list(axes, 'before') : 0}, ${list(axes, 'dilation')})`;
};

const averagePool: PythonWriter = (c) => {
  const axes = poolWindows(c);
  const rank = axes.length;
  const counted = int(c, 'count_include_pad', 0) !== 0;
  const pool = (x: string, pad: string) =>
    `F.avg_pool${rank}d(${x}, ${list(axes, 'kernel')}, ${list(axes, 'stride')}, ${pad})`;
  if (axes.every(({ before, after }) => before + after === 0)) return pool(c.x(), '0');
  const own = windows(c, c.shape(0).slice(2), ints(c, 'kernel_shape') ?? [], {
    ceil: int(c, 'ceil_mode', 0) !== 0,
  });
  if (counted && own.every((window, i) => window.after === axes[i]!.after))
    return pool(padded(c.x(), axes, 0), '0');
  // Sum of what is there, divided by how many are there (or, counting padding, lie within it).
  const ones = `torch.ones_like(${c.x()})`;
  const inner = counted ? padded(ones, own, 1) : ones;
  const rest = counted ? axes.map((a, i) => ({ ...a, before: 0, after: a.after - own[i]!.after })) : axes;
  return `${pool(padded(c.x(), axes, 0), '0')} / ${pool(padded(inner, rest, 0), '0')}`;
};

const batchNorm: PythonWriter = (c) => {
  const exported =
    c.version >= 14
      ? int(c, 'training_mode', 0) !== 0
      : c.node.outputs.filter((name) => name !== '').length > 1;
  const training = exported ? 'self.training' : 'False';
  const momentum = number(Number((1 - float(c, 'momentum', 0.9)).toPrecision(6)));
  return `F.batch_norm(${c.x()}, ${c.kept(3)}, ${c.kept(4)}, ${c.x(1)}, ${c.x(2)}, ${training}, ${momentum}, ${number(float(c, 'epsilon', 1e-5))})`;
};

const layerNorm: PythonWriter = (c) => {
  if (c.node.outputs[1] || c.node.outputs[2]) c.fail('LayerNormalization whose moments are read');
  const shape = c.shape(0);
  const features = shape.slice(axisOf(int(c, 'axis', -1), shape.length));
  const [w, b] = [c.optional(1), c.optional(2)];
  return `F.layer_norm(${c.x()}, ${tuple(features)}, ${w}, ${b}, ${number(float(c, 'epsilon', 1e-5))})`;
};

const rmsNorm: PythonWriter = (c) => {
  const count = -int(c, 'axis', -1);
  const axes = tuple(Array.from({ length: count }, (_, i) => i - count));
  const y = `${c.x()} * torch.rsqrt(${c.x()}.square().mean(${axes}, keepdim=True) + ${number(float(c, 'epsilon', 1e-5))})`;
  return c.has(1) ? `${y} * ${c.x(1)}` : y;
};

const meanVariance: PythonWriter = (c) => {
  const axes = tuple(ints(c, 'axes') ?? [0, 2, 3]);
  const [x, mean] = [c.x(), `${c.x()}.mean(${axes}, keepdim=True)`];
  return `(${x} - ${mean}) / (${x}.var(${axes}, unbiased=False, keepdim=True) + 1e-9).sqrt()`;
};

const recurrent =
  (gates: number, states: number): PythonWriter =>
  (c) => {
    if (c.node.attributes.has('clip')) c.fail('clip');
    if (int(c, 'input_forget', 0) !== 0) c.fail('input_forget');
    const direction = text(c, 'direction', 'forward');
    const reverses =
      direction === 'bidirectional' ? '(False, True)' : `(${direction === 'reverse' ? 'True' : 'False'},)`;
    const count = direction === 'bidirectional' ? 2 : 1;
    const usual = gates === 1 ? ['Tanh'] : gates === 3 ? ['Sigmoid', 'Tanh'] : ['Sigmoid', 'Tanh', 'Tanh'];
    const names = texts(c, 'activations') ?? Array.from({ length: count }, () => usual).flat();
    const functions: Readonly<Record<string, string>> = {
      Sigmoid: 'torch.sigmoid',
      Tanh: 'torch.tanh',
      Relu: 'torch.relu',
      Softsign: 'F.softsign',
      Softplus: 'F.softplus',
    };
    const fns = names.map((name) => functions[name] ?? c.fail(`the activation ${name} in a cell`));
    const batchFirst = int(c, 'layout', 0) !== 0;
    if (batchFirst) c.fail('layout 1');
    const cell = c.support(
      c.node.opType === 'LSTM' ? 'lstm_cell' : c.node.opType === 'GRU' ? 'gru_cell' : 'rnn_cell',
    );
    const extra =
      c.node.opType === 'LSTM'
        ? [c.has(7) ? `p=${c.x(7)}` : '']
        : c.node.opType === 'GRU'
          ? [`before=${int(c, 'linear_before_reset', 0) !== 0 ? 'True' : 'False'}`]
          : [];
    const initial = states === 2 ? `[${c.optional(5)}, ${c.optional(6)}]` : `[${c.optional(5)}]`;
    const args = [
      cell,
      c.x(0),
      c.x(1),
      c.x(2),
      c.optional(3),
      initial,
      reverses,
      `[${fns.join(', ')}]`,
      ...extra,
    ];
    return `${c.support('walk')}(${args.filter((arg) => arg !== '').join(', ')})`;
  };

export const neural: Readonly<Record<string, PythonWriter>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: (c) => `${c.x()}.mean(${spatial(c)}, keepdim=True)`,
  GlobalMaxPool: (c) => `${c.x()}.amax(${spatial(c)}, keepdim=True)`,
  GlobalLpPool: (c) => `${c.x()}.square().sum(${spatial(c)}, keepdim=True).sqrt()`,
  LRN: (c) =>
    `F.local_response_norm(${c.x()}, ${int(c, 'size', 1)}, ${number(float(c, 'alpha', 1e-4))}, ${number(float(c, 'beta', 0.75))}, ${number(float(c, 'bias', 1))})`,
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  PlainLayerNorm: layerNorm,
  RmsNorm: rmsNorm,
  InstanceNormalization: (c) =>
    `F.instance_norm(${c.x()}, weight=${c.x(1)}, bias=${c.x(2)}, eps=${number(float(c, 'epsilon', 1e-5))})`,
  GroupNormalization: (c) =>
    `F.group_norm(${c.x()}, ${int(c, 'num_groups', 1)}, ${c.x(1)}, ${c.x(2)}, ${number(float(c, 'epsilon', 1e-5))})`,
  MeanVarianceNormalization: meanVariance,
  LpNormalization: (c) =>
    `F.normalize(${c.x()}, ${int(c, 'p', 2)}, ${axisOf(int(c, 'axis', -1), c.shape(0).length)})`,
  RNN: recurrent(1, 1),
  GRU: recurrent(3, 1),
  LSTM: recurrent(4, 2),
};

function spatial(c: PythonNode): string {
  return tuple(
    c
      .shape(0)
      .map((_, axis) => axis)
      .slice(2),
  );
}
