import { EngineError } from '../../core/errors.js';
import { sizeOf, type Shape } from '../../core/shape.js';
import { permuted, type Flow, type GraphBuilder } from './builder.js';

/** A layer's configuration, as the file has it. */
export type Config = Readonly<Record<string, unknown>>;

interface Call {
  readonly name: string;
  /** Name of the weights' owner: layers that are called twice share it. */
  readonly owner: string;
  readonly config: Config;
  readonly inputs: readonly Flow[];
  readonly graph: GraphBuilder;
}

type Converter = (call: Call) => Flow;

const pairOf = (value: unknown, fallback: number): [number, number] => {
  if (typeof value === 'number') return [value, value];
  if (Array.isArray(value) && value.length > 0) return [Number(value[0]), Number(value[1] ?? value[0])];
  return [fallback, fallback];
};

const refuse = (what: string): never => {
  throw new EngineError(
    'UNSUPPORTED',
    `the Keras model uses ${what}, which is not supported; export it to ONNX (tf2onnx)`,
  );
};

/** Spatial shape behind a window. */
function walked(size: number, kernel: number, stride: number, dilation: number, padding: string): number {
  if (padding === 'same') return Math.ceil(size / stride);
  return Math.floor((size - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** The activation named in a layer's configuration, as nodes. */
function activated({ graph, name }: Call, flow: Flow, given: unknown): Flow {
  const fn =
    typeof given === 'string'
      ? given
      : given === undefined || given === null
        ? 'linear'
        : refuse('an activation with options');
  if (fn === 'linear') return flow;
  const ops: Readonly<Record<string, readonly [string, Record<string, number | string>]>> = {
    relu: ['Relu', {}],
    sigmoid: ['Sigmoid', {}],
    tanh: ['Tanh', {}],
    softplus: ['Softplus', {}],
    softsign: ['Softsign', {}],
    elu: ['Elu', {}],
    selu: ['Selu', {}],
    gelu: ['Gelu', {}],
    mish: ['Mish', {}],
    hard_sigmoid: ['HardSigmoid', { alpha: 0.2, beta: 0.5 }],
    exponential: ['Exp', {}],
  };
  const at = `${name}/${fn}`;
  if (fn === 'relu6')
    return { ...flow, name: graph.node('Clip', [flow.name, graph.scalar(0), graph.scalar(6)], {}, at) };
  if (fn === 'swish' || fn === 'silu') {
    return {
      ...flow,
      name: graph.node('Mul', [flow.name, graph.node('Sigmoid', [flow.name], {}, `${at}/gate`)], {}, at),
    };
  }
  // The features are the last axis in Keras, the channels of images inside.
  if (fn === 'softmax')
    return {
      ...flow,
      name: graph.node('Softmax', [flow.name], { axis: flow.shape.length === 3 ? 1 : -1 }, at),
    };
  const op = Object.hasOwn(ops, fn) ? ops[fn]! : refuse(`the activation "${fn}"`);
  return { ...flow, name: graph.node(op[0], [flow.name], op[1], at) };
}

const layout = ({ config }: Call) => {
  if (config['data_format'] === 'channels_first') refuse('channels_first data');
};

const conv2d =
  (kind: 'full' | 'depthwise' | 'transposed'): Converter =>
  (call) => {
    layout(call);
    const { name, owner, config, inputs, graph } = call;
    const [x] = inputs as [Flow];
    const [H, W, C] = x.shape as [number, number, number];
    const [KH, KW] = pairOf(config['kernel_size'], 1);
    const [SH, SW] = pairOf(config['strides'], 1);
    const [DH, DW] = pairOf(config['dilation_rate'], 1);
    const padding = String(config['padding'] ?? 'valid').toLowerCase();
    const groups = kind === 'depthwise' ? C : Number(config['groups'] ?? 1);
    const many = Number(config['depth_multiplier'] ?? 1);
    const filters = kind === 'depthwise' ? C * many : Number(config['filters']);
    const w =
      kind === 'depthwise'
        ? graph.weight(owner, 'depthwise_kernel', [KH, KW, C, many], (data) => {
            const moved = permuted(data, [KH, KW, C, many], [2, 3, 0, 1]);
            return { data: moved.data, shape: [C * many, 1, KH, KW] };
          })
        : kind === 'transposed'
          ? graph.weight(owner, 'kernel', [KH, KW, filters, C], (data) =>
              permuted(data, [KH, KW, filters, C], [3, 2, 0, 1]),
            )
          : graph.weight(owner, 'kernel', [KH, KW, C / groups, filters], (data) =>
              permuted(data, [KH, KW, C / groups, filters], [3, 2, 0, 1]),
            );
    const bias = config['use_bias'] === false ? [] : [graph.weight(owner, 'bias', [filters])];
    const attributes = {
      kernel_shape: [KH, KW],
      strides: [SH, SW],
      dilations: [DH, DW],
      group: groups,
      auto_pad: padding === 'same' ? 'SAME_UPPER' : 'VALID',
    };
    const made = graph.node(
      kind === 'transposed' ? 'ConvTranspose' : 'Conv',
      [x.name, w, ...bias],
      attributes,
      name,
    );
    const size = (length: number, k: number, s: number, d: number) =>
      kind === 'transposed'
        ? padding === 'same'
          ? length * s
          : (length - 1) * s + d * (k - 1) + 1
        : walked(length, k, s, d, padding);
    const shape = [size(H, KH, SH, DH), size(W, KW, SW, DW), filters];
    return activated(call, { name: made, shape }, config['activation']);
  };

/** A depthwise convolution, then one by 1 × 1. */
const separable: Converter = (call) => {
  const { owner, config, graph, name } = call;
  const deep = conv2d('depthwise')({
    ...call,
    name: `${name}/depthwise`,
    config: { ...config, use_bias: false, activation: 'linear' },
  });
  const C = deep.shape[2]!;
  const filters = Number(config['filters']);
  const w = graph.weight(owner, 'pointwise_kernel', [1, 1, C, filters], (data) =>
    permuted(data, [1, 1, C, filters], [3, 2, 0, 1]),
  );
  const bias = config['use_bias'] === false ? [] : [graph.weight(owner, 'bias', [filters])];
  const made = graph.node('Conv', [deep.name, w, ...bias], { kernel_shape: [1, 1] }, name);
  return activated(
    call,
    { name: made, shape: [deep.shape[0]!, deep.shape[1]!, filters] },
    config['activation'],
  );
};

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

const batchNorm: Converter = ({ name, owner, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const C = x.shape.at(-1)!;
  if (x.shape.length === 2) refuse('BatchNormalization on sequences');
  const ones = () =>
    graph.weight(owner, 'gamma', [C], (data) => ({
      data: data.some((value) => value !== 0) ? data : data.map(() => 1),
      shape: [C],
    }));
  const gamma = config['scale'] === false ? fixed(graph, `${owner}/ones`, C, 1) : ones();
  const beta =
    config['center'] === false ? fixed(graph, `${owner}/zeros`, C, 0) : graph.weight(owner, 'beta', [C]);
  const mean = graph.weight(owner, 'moving_mean', [C]);
  const variance = graph.weight(owner, 'moving_variance', [C], (data) => ({
    data: data.some((value) => value !== 0) ? data : data.map(() => 1),
    shape: [C],
  }));
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
  const gamma = graph.weight(owner, 'gamma', [D], (data) => ({
    data: data.some((value) => value !== 0) ? data : data.map(() => 1),
    shape: [D],
  }));
  const beta = graph.weight(owner, 'beta', [D]);
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

const pool =
  (op: 'MaxPool' | 'AveragePool'): Converter =>
  (call) => {
    layout(call);
    const { name, config, inputs, graph } = call;
    const [x] = inputs as [Flow];
    const [H, W, C] = x.shape as [number, number, number];
    const [KH, KW] = pairOf(config['pool_size'], 2);
    const [SH, SW] = pairOf(config['strides'] ?? config['pool_size'], 2);
    const padding = String(config['padding'] ?? 'valid').toLowerCase();
    const attributes = {
      kernel_shape: [KH, KW],
      strides: [SH, SW],
      auto_pad: padding === 'same' ? 'SAME_UPPER' : 'VALID',
    };
    return {
      name: graph.node(op, [x.name], attributes, name),
      shape: [walked(H, KH, SH, 1, padding), walked(W, KW, SW, 1, padding), C],
    };
  };

const globalPool =
  (op: 'ReduceMean' | 'ReduceMax'): Converter =>
  (call) => {
    layout(call);
    const { name, config, inputs, graph } = call;
    const [x] = inputs as [Flow];
    const keep = config['keepdims'] === true;
    const C = x.shape.at(-1)!;
    const isImage = x.shape.length === 3;
    const made = graph.node(op, [x.name], { axes: isImage ? [2, 3] : [1], keepdims: keep ? 1 : 0 }, name);
    return { name: made, shape: keep ? [...x.shape.slice(0, -1).map(() => 1), C] : [C] };
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

const border =
  (sign: 1 | -1): Converter =>
  (call) => {
    layout(call);
    const { name, config, inputs, graph } = call;
    const [x] = inputs as [Flow];
    const given = config[sign === 1 ? 'padding' : 'cropping'];
    const list = Array.isArray(given) ? given : [given, given];
    const [[top, bottom], [left, right]] = list.map((side) => pairOf(side, 0)) as [
      [number, number],
      [number, number],
    ];
    const pads = [0, 0, top, left, 0, 0, bottom, right].map((count) => sign * count);
    const [H, W, C] = x.shape as [number, number, number];
    return {
      name: graph.node('Pad', [x.name, graph.integers(pads)], {}, name),
      shape: [H + sign * (top + bottom), W + sign * (left + right), C],
    };
  };

const upsample: Converter = (call) => {
  layout(call);
  const { name, config, inputs, graph } = call;
  const [x] = inputs as [Flow];
  const [fh, fw] = pairOf(config['size'], 2);
  const isLinear = config['interpolation'] === 'bilinear';
  const [H, W, C] = x.shape as [number, number, number];
  const attributes = {
    mode: isLinear ? 'linear' : 'nearest',
    coordinate_transformation_mode: isLinear ? 'half_pixel' : 'asymmetric',
    nearest_mode: 'floor',
  };
  const scales = graph.node('Cast', [graph.integers([1, 1, fh, fw])], { to: 1 });
  return { name: graph.node('Resize', [x.name, '', scales], attributes, name), shape: [H * fh, W * fw, C] };
};

const embedding: Converter = ({ name, owner, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const [rows, width] = [Number(config['input_dim']), Number(config['output_dim'])];
  const table = graph.weight(owner, 'embeddings', [rows, width]);
  return { name: graph.node('Gather', [table, x.name], { axis: 0 }, name), shape: [...x.shape, width] };
};

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
      { hidden_size: H, ...(resets ? { linear_before_reset: 1 } : {}) },
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
