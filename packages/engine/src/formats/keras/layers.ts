import { type Shape, sizeOf } from '../../core/shape.js';
import { type Flow, type GraphBuilder, permuted } from './builder.js';
import { type Config, type Converter, activated, hardSlope, named, refuse } from './convert.js';
import { border, conv2d, globalPool, pool, separable, upsample } from './images.js';

const dense: Converter = (call) => {
  const { name, owner, config, inputs, graph } = call;
  const [x] = inputs as [Flow];
  if (x.shape.length > 2) refuse('Dense on images');
  const I = x.shape.at(-1)!;
  const units = Number(config['units']);
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
  if (x.shape.length === 2) refuse('BatchNormalization on sequences');
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
  return {
    name: graph.node('BatchNormalization', [x.name, gamma, beta, mean, variance], attributes, name),
    shape: x.shape,
  };
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

const cellFunctions: Readonly<Record<string, string>> = {
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  relu: 'Relu',
  softsign: 'Softsign',
  softplus: 'Softplus',
  hard_sigmoid: 'HardSigmoid',
  linear: 'Affine',
};

/** The functions of a recurrent cell by ONNX's names; nothing where they are the usual ones. */
function cellActivations(op: string, config: Config, graph: GraphBuilder) {
  const nameOf = (key: string, usual: string): string => {
    const fn = named(config[key] ?? usual);
    return Object.hasOwn(cellFunctions, fn)
      ? cellFunctions[fn]!
      : refuse(`${op} with the activation "${fn}"`);
  };
  const own = nameOf('activation', 'tanh');
  const gate = op === 'RNN' ? null : nameOf('recurrent_activation', 'sigmoid');
  const names = gate === null ? [own] : op === 'LSTM' ? [gate, own, own] : [gate, own];
  if (own === 'Tanh' && (gate === null || gate === 'Sigmoid')) return {};
  const numbers = (hard: number, line: number) =>
    Float32Array.from(names, (name) => (name === 'HardSigmoid' ? hard : name === 'Affine' ? line : 0));
  return {
    activations: names,
    activation_alpha: numbers(hardSlope(graph), 1),
    activation_beta: numbers(0.5, 0),
  };
}

/** Gates of Keras in ONNX's order: i f c o → i o f c; z r h as they are. */
const recurrent =
  (op: 'LSTM' | 'GRU' | 'RNN', order: readonly number[]): Converter =>
  ({ name, owner, config, inputs, graph }) => {
    const [x] = inputs as [Flow];
    const [T, I] = x.shape as [number, number];
    const H = Number(config['units']);
    const gates = order.length;
    const resets = op === 'GRU' && config['reset_after'] === true;
    if (config['go_backwards'] === true) refuse(`${op} that goes backwards`);
    if (x.masked)
      refuse(`mask_zero before ${op}: steps of padding would be left out; build it with mask_zero=False`);
    const activations = cellActivations(op, config, graph);
    const blocks = (data: Float32Array, rows: number) => {
      // [rows, G·H] → [G·H, rows], gates reordered.
      const turned = permuted(data, [rows, gates * H], [1, 0]).data;
      const made = new Float32Array(turned.length);
      order.forEach((from, to) =>
        made.set(turned.subarray(from * H * rows, (from + 1) * H * rows), to * H * rows),
      );
      return made;
    };
    const w = graph.weight(owner, 'kernel', [I, gates * H], (data) => ({
      data: blocks(data, I),
      shape: [1, gates * H, I],
    }));
    const r = graph.weight(owner, 'recurrent_kernel', [H, gates * H], (data) => ({
      data: blocks(data, H),
      shape: [1, gates * H, H],
    }));
    const b =
      config['use_bias'] === false
        ? []
        : [
            graph.weight(owner, 'bias', resets ? [2, gates * H] : [gates * H], (data) => {
              const both = new Float32Array(2 * gates * H);
              for (let part = 0; part < (resets ? 2 : 1); part++)
                both.set(blocks(data.slice(part * gates * H, (part + 1) * gates * H), 1), part * gates * H);
              return { data: both, shape: [1, 2 * gates * H] };
            }),
          ];
    const time = graph.node('Transpose', [x.name], { perm: [1, 0, 2] });
    const outputs = graph.many(
      op,
      [time, w, r, ...b],
      { hidden_size: H, ...activations, ...(resets ? { linear_before_reset: 1 } : {}) },
      name,
      op === 'LSTM' ? 3 : 2,
    );
    if (config['return_sequences'] !== true) {
      return {
        name: graph.node('Squeeze', [outputs[1]!, graph.integers([0])], {}, `${name}/last`),
        shape: [H],
      };
    }
    const squeezed = graph.node('Squeeze', [outputs[0]!, graph.integers([1])]);
    return {
      name: graph.node('Transpose', [squeezed], { perm: [1, 0, 2] }, `${name}/sequence`),
      shape: [T, H],
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
  LSTM: recurrent('LSTM', [0, 3, 1, 2]),
  GRU: recurrent('GRU', [0, 1, 2]),
  SimpleRNN: recurrent('RNN', [0]),
  Rescaling: ({ name, config, inputs, graph }) => {
    const scaled = graph.node('Mul', [inputs[0]!.name, graph.scalar(Number(config['scale'] ?? 1))]);
    return {
      ...inputs[0]!,
      name: graph.node('Add', [scaled, graph.scalar(Number(config['offset'] ?? 0))], {}, name),
    };
  },
};
