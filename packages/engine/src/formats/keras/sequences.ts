import { sizeOf } from '../../core/shape.js';
import { type Flow, permuted } from './builder.js';
import { type Call, type Converter, activated, layout, pairOf, refuse, walked } from './convert.js';

/** Sequences are [N, T, C] in the graph as in Keras; ONNX' windows want the channels before the steps. */
const turned = ({ graph }: Call, name: string) => graph.node('Transpose', [name], { perm: [0, 2, 1] });

const MOST_REPEATS = 4096;

const oneOf = (value: unknown, fallback: number): number => pairOf(value, fallback)[0];

/** A convolution along the steps. `causal` pads before the first step alone. */
export const conv1d: Converter = (call) => {
  layout(call);
  const { name, owner, config, inputs, graph } = call;
  const [x] = inputs as [Flow];
  const [T, C] = x.shape as [number, number];
  const [K, S, D] = [
    oneOf(config['kernel_size'], 1),
    oneOf(config['strides'], 1),
    oneOf(config['dilation_rate'], 1),
  ];
  const groups = Number(config['groups'] ?? 1);
  const filters = Number(config['filters']);
  const padding = String(config['padding'] ?? 'valid').toLowerCase();
  const w = graph.weight(owner, 'kernel', [K, C / groups, filters], (data) =>
    permuted(data, [K, C / groups, filters], [2, 1, 0]),
  );
  const bias = config['use_bias'] === false ? [] : [graph.weight(owner, 'bias', [filters])];
  const before = D * (K - 1);
  const attributes = {
    kernel_shape: [K],
    strides: [S],
    dilations: [D],
    group: groups,
    ...(padding === 'causal'
      ? { pads: [before, 0] }
      : { auto_pad: padding === 'same' ? 'SAME_UPPER' : 'VALID' }),
  };
  const made = graph.node('Conv', [turned(call, x.name), w, ...bias], attributes, name);
  const length = padding === 'causal' ? walked(T + before, K, S, D, 'valid') : walked(T, K, S, D, padding);
  return activated(call, { name: turned(call, made), shape: [length, filters] }, config['activation']);
};

export const pool1d =
  (op: 'MaxPool' | 'AveragePool'): Converter =>
  (call) => {
    layout(call);
    const { name, config, inputs, graph } = call;
    const [x] = inputs as [Flow];
    const [T, C] = x.shape as [number, number];
    const K = oneOf(config['pool_size'], 2);
    const S = oneOf(config['strides'] ?? K, K);
    const padding = String(config['padding'] ?? 'valid').toLowerCase();
    const attributes = {
      kernel_shape: [K],
      strides: [S],
      auto_pad: padding === 'same' ? 'SAME_UPPER' : 'VALID',
    };
    const made = graph.node(op, [turned(call, x.name)], attributes, name);
    return { name: turned(call, made), shape: [walked(T, K, S, 1, padding), C] };
  };

export const repeat: Converter = ({ name, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const [T, F] = [Number(config['n']), sizeOf(x.shape)];
  if (!(T <= MOST_REPEATS)) refuse(`RepeatVector(${T}); at most ${MOST_REPEATS}`);
  const row = graph.node('Reshape', [x.name, graph.integers([-1, 1, F])]);
  return {
    name: graph.node('Concat', new Array<string>(T).fill(row), { axis: 1 }, name),
    shape: [T, F],
  };
};

export const permute: Converter = ({ name, config, inputs, graph }) => {
  const [x] = inputs as [Flow];
  const dims = (config['dims'] as unknown[]).map(Number);
  const isOrder =
    dims.length === x.shape.length && [...dims].sort((a, b) => a - b).every((axis, i) => axis === i + 1);
  if (!isOrder || x.shape.length !== 2) refuse(`Permute by [${dims.join(', ')}]`);
  return {
    name: graph.node('Transpose', [x.name], { perm: [0, ...dims] }, name),
    shape: dims.map((axis) => x.shape[axis - 1]!),
  };
};
