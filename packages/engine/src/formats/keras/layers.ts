import { type Shape, sizeOf } from '../../core/shape.js';
import { type Flow, type GraphBuilder, permuted } from './builder.js';
import { type Config, type Converter, activated, refuse } from './convert.js';
import { border, conv2d, globalPool, pool, separable, upsample } from './images.js';
import { innerOwner } from './places.js';
import { bidirectional, recurrentLayer } from './recurrent.js';
import { conv1d, permute, pool1d, repeat } from './sequences.js';

const dense: Converter = (call) => {
  const { name, owner, config, inputs, graph } = call;
  const [x] = inputs as [Flow];
  const I = x.shape.at(-1)!;
  const units = Number(config['units']);
  if (x.shape.length === 3) {
    // Over each point of an image: a convolution of 1 × 1.
    const w = graph.weight(owner, 'kernel', [I, units], (data) => ({
      data: permuted(data, [I, units], [1, 0]).data,
      shape: [units, I, 1, 1],
    }));
    const bias = config['use_bias'] === false ? [] : [graph.weight(owner, 'bias', [units])];
    const made = graph.node('Conv', [x.name, w, ...bias], { kernel_shape: [1, 1] }, name);
    return activated(call, { name: made, shape: [...x.shape.slice(0, -1), units] }, config['activation']);
  }
  const w = graph.weight(owner, 'kernel', [I, units]);
  const bias = config['use_bias'] === false ? null : graph.weight(owner, 'bias', [units]);
  const shape = [...x.shape.slice(0, -1), units];
  const made =
    x.shape.length === 1
      ? graph.node('Gemm', [x.name, w, ...(bias ? [bias] : [])], { alpha: 1, beta: 1 }, name)
      : bias
        ? graph.node('Add', [graph.node('MatMul', [x.name, w]), bias], {}, name)
        : graph.node('MatMul', [x.name, w], {}, name);
  return activated(call, { name: made, shape }, config['activation']);
};

/** A row of numbers as it is. */
const plain = (data: Float32Array) => ({ data, shape: [data.length] });

const batchNorm: Converter = ({ name, owner, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const C = x.shape.at(-1)!;
  const gamma =
    config['scale'] === false
      ? fixed(graph, `${owner}/ones`, C, 1)
      : graph.weight(owner, 'gamma', [C], plain, 1);
  const beta =
    config['center'] === false ? fixed(graph, `${owner}/zeros`, C, 0) : graph.weight(owner, 'beta', [C]);
  const mean = graph.weight(owner, 'moving_mean', [C]);
  const variance = graph.weight(owner, 'moving_variance', [C], plain, 1);
  const attributes = {
    epsilon: Number(config['epsilon'] ?? 1e-3),
    momentum: Number(config['momentum'] ?? 0.99),
    training_mode: config['trainable'] === false ? 0 : 1,
  };
  const made = (input: string) =>
    graph.node('BatchNormalization', [input, gamma, beta, mean, variance], attributes, name);
  if (x.shape.length !== 2) return { name: made(x.name), shape: x.shape };
  // Of sequences the features are last.
  const turned = graph.node('Transpose', [x.name], { perm: [0, 2, 1] });
  return { name: graph.node('Transpose', [made(turned)], { perm: [0, 2, 1] }), shape: x.shape };
};

/** A row of one number that no layer trains: ConstantOfShape is no initializer. */
function fixed(graph: GraphBuilder, name: string, length: number, value: number): string {
  const one = graph.scalar(value);
  return graph.node('Expand', [one, graph.integers([length])], {}, name);
}

const layerNorm: Converter = ({ name, owner, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  if (x.shape.length > 2) refuse('LayerNormalization on images');
  const D = x.shape.at(-1)!;
  const axes = [config['axis'] ?? -1].flat().map(Number);
  if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== x.shape.length))
    refuse('LayerNormalization of other axes than the last');
  if (config['rms_scaling'] === true) refuse('LayerNormalization with rms_scaling');
  const gamma =
    config['scale'] === false
      ? fixed(graph, `${owner}/ones`, D, 1)
      : graph.weight(owner, 'gamma', [D], plain, 1);
  const beta =
    config['center'] === false ? fixed(graph, `${owner}/zeros`, D, 0) : graph.weight(owner, 'beta', [D]);
  return {
    name: graph.node(
      'LayerNormalization',
      [x.name, gamma, beta],
      { axis: -1, epsilon: Number(config['epsilon'] ?? 1e-3) },
      name,
    ),
    shape: x.shape,
  };
};

const flatten: Converter = ({ name, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const last = x.shape.length === 3 ? graph.node('Transpose', [x.name], { perm: [0, 2, 3, 1] }) : x.name;
  return { name: graph.node('Flatten', [last], { axis: 1 }, name), shape: [sizeOf(x.shape)] };
};

const reshape: Converter = ({ name, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const wanted = (config['target_shape'] as number[]).map(Number);
  const known = wanted.reduce((product, length) => (length < 0 ? product : product * length), 1);
  const shape = wanted.map((length) => (length < 0 ? sizeOf(x.shape) / known : length));
  const last = x.shape.length === 3 ? graph.node('Transpose', [x.name], { perm: [0, 2, 3, 1] }) : x.name;
  const made = graph.node(
    'Reshape',
    [last, graph.integers([-1, ...shape])],
    {},
    shape.length === 3 ? undefined : name,
  );
  return {
    name: shape.length === 3 ? graph.node('Transpose', [made], { perm: [0, 3, 1, 2] }, name) : made,
    shape,
  };
};

const merge =
  (op: string): Converter =>
  ({ name, inputs, graph }) => {
    const shape = inputs.reduce<Shape>(
      (all, { shape: own }) => all.map((length, i) => Math.max(length, own[i] ?? 1)),
      inputs[0]!.shape,
    );
    const made = inputs
      .slice(1)
      .reduce(
        (sum, { name: other }, i) =>
          graph.node(op, [sum, other], {}, i === inputs.length - 2 ? name : undefined),
        inputs[0]!.name,
      );
    return { name: made, shape };
  };

const average: Converter = (call) => {
  const sum = merge('Add')({ ...call, name: `${call.name}/sum` });
  return {
    ...sum,
    name: call.graph.node('Mul', [sum.name, call.graph.scalar(1 / call.inputs.length)], {}, call.name),
  };
};

const concatenate: Converter = ({ name, config, inputs, graph }) => {
  const rank = inputs[0]!.shape.length + 1;
  const given = Number(config['axis'] ?? -1);
  const axis = given < 0 ? given + rank : given;
  // Keras counts [N, H, W, C], inside it is [N, C, H, W].
  const inner = rank === 4 ? [0, 2, 3, 1][axis]! : axis;
  const shape = inputs[0]!.shape.map((length, i) =>
    i === axis - 1 ? inputs.reduce((sum, flow) => sum + flow.shape[i]!, 0) : length,
  );
  return {
    name: graph.node(
      'Concat',
      inputs.map((flow) => flow.name),
      { axis: inner },
      name,
    ),
    shape,
  };
};

const embedding: Converter = ({ name, owner, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const [rows, width] = [Number(config['input_dim']), Number(config['output_dim'])];
  const table = graph.weight(owner, 'embeddings', [rows, width]);
  graph.ids.add(x.name);
  return {
    name: graph.node('Gather', [table, x.name], { axis: 0 }, name),
    shape: [...x.shape, width],
    masked: config['mask_zero'] === true,
  };
};

const rectified: Converter = (call) => {
  const { name, config, inputs, graph } = call;
  const [x] = inputs as [Flow];
  const slope = Number(config['negative_slope'] ?? 0);
  const most = config['max_value'];
  if (Number(config['threshold'] ?? 0) !== 0) refuse('ReLU with a threshold');
  if (slope !== 0) return { ...x, name: graph.node('LeakyRelu', [x.name], { alpha: slope }, name) };
  if (most === null || most === undefined) return { ...x, name: graph.node('Relu', [x.name], {}, name) };
  return { ...x, name: graph.node('Clip', [x.name, graph.scalar(0), graph.scalar(Number(most))], {}, name) };
};

const pass: Converter = ({ inputs }) => inputs[0]!;

const drop: Converter = ({ name, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const yes = graph.node('Cast', [graph.integers([1])], { to: 9 });
  return {
    ...x,
    name: graph.node('Dropout', [x.name, graph.scalar(Number(config['rate'] ?? 0)), yes], {}, name),
  };
};

const prelu: Converter = ({ name, owner, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const shared = new Set(((config['shared_axes'] as number[] | null) ?? []).map(Number));
  const shape = x.shape.map((length, i) => (shared.has(i + 1) ? 1 : length));
  const order = shape.length === 3 ? [2, 0, 1] : shape.map((_, i) => i);
  const alpha = graph.weight(owner, 'alpha', shape, (data) => permuted(data, shape, order));
  return { ...x, name: graph.node('PRelu', [x.name, alpha], {}, name) };
};

/** Layers that do the same to the last axis, however many are before it. */
const byStep = new Set([
  'Dense',
  'Activation',
  'ReLU',
  'LeakyReLU',
  'ELU',
  'Softmax',
  'LayerNormalization',
  'Dropout',
]);

/** A layer on each step: those that look at the last axis alone do so by themselves. */
const timeDistributed: Converter = (call) => {
  const { class_name: given, config } = call.config['layer'] as {
    class_name?: unknown;
    config?: Config;
  };
  const kind = String(given);
  if (!byStep.has(kind) || call.inputs[0]!.shape.length !== 2) refuse(`TimeDistributed of ${kind}`);
  return converters[kind]!({
    ...call,
    owner: innerOwner(call.owner, call.config['layer']),
    config: config ?? {},
  });
};

/** What each Keras layer becomes. */
export const converters: Readonly<Record<string, Converter>> = {
  Dense: dense,
  Conv2D: conv2d('full'),
  DepthwiseConv2D: conv2d('depthwise'),
  Conv2DTranspose: conv2d('transposed'),
  SeparableConv2D: separable,
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  Activation: (call) => activated(call, call.inputs[0]!, call.config['activation']),
  ReLU: rectified,
  LeakyReLU: ({ name, config, inputs, graph }) => ({
    ...inputs[0]!,
    name: graph.node(
      'LeakyRelu',
      [inputs[0]!.name],
      { alpha: Number(config['alpha'] ?? config['negative_slope'] ?? 0.3) },
      name,
    ),
  }),
  ELU: ({ name, config, inputs, graph }) => ({
    ...inputs[0]!,
    name: graph.node('Elu', [inputs[0]!.name], { alpha: Number(config['alpha'] ?? 1) }, name),
  }),
  PReLU: prelu,
  Softmax: (call) => activated(call, call.inputs[0]!, 'softmax'),
  Dropout: drop,
  GaussianNoise: pass,
  ActivityRegularization: pass,
  Flatten: flatten,
  Reshape: reshape,
  Add: merge('Add'),
  Subtract: merge('Sub'),
  Multiply: merge('Mul'),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Average: average,
  Concatenate: concatenate,
  MaxPooling2D: pool('MaxPool'),
  AveragePooling2D: pool('AveragePool'),
  GlobalAveragePooling2D: globalPool('ReduceMean'),
  GlobalMaxPooling2D: globalPool('ReduceMax'),
  GlobalAveragePooling1D: globalPool('ReduceMean'),
  GlobalMaxPooling1D: globalPool('ReduceMax'),
  ZeroPadding2D: border(1),
  Cropping2D: border(-1),
  UpSampling2D: upsample,
  Embedding: embedding,
  LSTM: recurrentLayer('LSTM'),
  GRU: recurrentLayer('GRU'),
  SimpleRNN: recurrentLayer('SimpleRNN'),
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed,
  Conv1D: conv1d,
  MaxPooling1D: pool1d('MaxPool'),
  AveragePooling1D: pool1d('AveragePool'),
  RepeatVector: repeat,
  Permute: permute,
  Rescaling: ({ name, config, inputs, graph }) => {
    const scaled = graph.node('Mul', [inputs[0]!.name, graph.scalar(Number(config['scale'] ?? 1))]);
    return {
      ...inputs[0]!,
      name: graph.node('Add', [scaled, graph.scalar(Number(config['offset'] ?? 0))], {}, name),
    };
  },
};
