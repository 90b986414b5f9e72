import { type Flow, permuted } from './builder.js';
import { type Converter, activated, layout, pairOf, refuse, walked } from './convert.js';

/** `depthwise` is the name of a depthwise layer's kernel, where it is not the one of Keras' version. */
export const conv2d =
  (kind: 'full' | 'depthwise' | 'transposed', depthwise?: string): Converter =>
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
        ? graph.weight(
            owner,
            depthwise ?? (graph.keras >= 3 ? 'kernel' : 'depthwise_kernel'),
            [KH, KW, C, many],
            (data) => {
              const moved = permuted(data, [KH, KW, C, many], [2, 3, 0, 1]);
              return { data: moved.data, shape: [C * many, 1, KH, KW] };
            },
          )
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
export const separable: Converter = (call) => {
  const { owner, config, graph, name } = call;
  const deep = conv2d(
    'depthwise',
    'depthwise_kernel',
  )({
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

export const pool =
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

export const globalPool =
  (op: 'ReduceMean' | 'ReduceMax'): Converter =>
  (call) => {
    layout(call);
    const { name, config, inputs, graph } = call;
    const [x] = inputs as [Flow];
    if (x.masked) refuse('mask_zero before a mean over steps; build it with mask_zero=False');
    const keep = config['keepdims'] === true;
    const C = x.shape.at(-1)!;
    const isImage = x.shape.length === 3;
    const made = graph.node(op, [x.name], { axes: isImage ? [2, 3] : [1], keepdims: keep ? 1 : 0 }, name);
    return { name: made, shape: keep ? [...x.shape.slice(0, -1).map(() => 1), C] : [C] };
  };

export const border =
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

export const upsample: Converter = (call) => {
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
