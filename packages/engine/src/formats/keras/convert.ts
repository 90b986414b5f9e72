import { EngineError } from '../../core/errors.js';
import type { Flow, GraphBuilder } from './builder.js';

/** A layer's configuration, as the file has it. */
export type Config = Readonly<Record<string, unknown>>;

/** A call of a layer. */
export interface Call {
  readonly name: string;
  /** Name of the weights' owner: layers that are called twice share it. */
  readonly owner: string;
  readonly config: Config;
  readonly inputs: readonly Flow[];
  readonly graph: GraphBuilder;
}

export type Converter = (call: Call) => Flow;

export const pairOf = (value: unknown, fallback: number): [number, number] => {
  if (typeof value === 'number') return [value, value];
  if (Array.isArray(value) && value.length > 0) return [Number(value[0]), Number(value[1] ?? value[0])];
  return [fallback, fallback];
};

export const refuse = (what: string): never => {
  throw new EngineError(
    'UNSUPPORTED',
    `the Keras model uses ${what}, which is not supported; export it to ONNX (tf2onnx)`,
  );
};

/** Spatial shape behind a window. */
export function walked(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: string,
): number {
  if (padding === 'same') return Math.ceil(size / stride);
  return Math.floor((size - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** The name of an activation: alone, or of a function of Keras' own as Keras 2 writes it. */
export function named(given: unknown): string {
  if (given === undefined || given === null) return 'linear';
  if (typeof given === 'string') return given;
  const { class_name: kind, config, registered_name: registered } = given as Config;
  if (kind === 'function' && typeof config === 'string' && !String(registered ?? '').includes('>'))
    return config;
  return refuse(
    `the activation ${JSON.stringify(registered ?? config ?? given).slice(0, 80)}, with options or of your own`,
  );
}

/** Slope of the hard sigmoid: 0.2 until Keras 2, the sixth of relu6(x + 3) from Keras 3 on. */
export const hardSlope = (graph: GraphBuilder) => (graph.keras >= 3 ? 1 / 6 : 0.2);

/** The activation named in a layer's configuration, as nodes. */
export function activated({ graph, name }: Call, flow: Flow, given: unknown): Flow {
  const fn = named(given);
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
    hard_sigmoid: ['HardSigmoid', { alpha: hardSlope(graph), beta: 0.5 }],
    exponential: ['Exp', {}],
    celu: ['Celu', {}],
    leaky_relu: ['LeakyRelu', { alpha: 0.2 }],
    hard_silu: ['HardSwish', {}],
    hard_swish: ['HardSwish', {}],
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
  if (fn === 'softmax' || fn === 'log_softmax')
    return {
      ...flow,
      name: graph.node(
        fn === 'softmax' ? 'Softmax' : 'LogSoftmax',
        [flow.name],
        { axis: flow.shape.length === 3 ? 1 : -1 },
        at,
      ),
    };
  const op = Object.hasOwn(ops, fn) ? ops[fn]! : refuse(`the activation "${fn}"`);
  return { ...flow, name: graph.node(op[0], [flow.name], op[1], at) };
}

export const layout = ({ config }: Call) => {
  if (config['data_format'] === 'channels_first') refuse('channels_first data');
};
