import { EngineError } from '../../core/errors.js';
import { sameShape, showShape, sizeOf, type Shape } from '../../core/shape.js';
import type { AttributeProto, NodeProto, TensorProto } from '../onnx/proto.js';
import type { WeightSource } from './weights.js';

/** Keras layouts: channels last, the batch left out. Inside the graph images are channels first. */
export interface Flow {
  readonly name: string;
  readonly shape: Shape;
  /** Steps of padding are to be left out by the layers that follow (`mask_zero`). */
  readonly masked?: boolean;
}

/** Largest weight of a file without weights: VGG-16's first dense layer has 103 million numbers. */
const MAX_WEIGHT = 2 ** 27;

/** Lists of whole numbers or texts; a Float32Array is a list of floats. */
type AttributeValue = number | string | readonly (number | string)[] | Float32Array;

/** Collects the ONNX nodes and initializers that a Keras model becomes. */
export class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  /** Inputs that are whole numbers: rows of a table. */
  readonly ids = new Set<string>();
  /** Main version of Keras that wrote the model: some functions changed. */
  readonly keras: number;
  readonly #weights: WeightSource | null;
  /** Layers' weights asked for so far. */
  readonly #asked = new Map<string, number>();
  readonly #known = new Set<string>();
  #made = 0;
  #zeros = new Float32Array(0);

  constructor(weights: WeightSource | null, keras = 2) {
    this.#weights = weights;
    this.keras = keras;
  }

  /** Adds a node named `name` (or numbered) and returns the name of its output. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    name?: string,
  ): string {
    const output = name ?? `${opType}_${this.#made++}`;
    this.nodes.push({
      name: output,
      opType,
      domain: '',
      inputs: [...inputs],
      outputs: [output],
      attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, attributeOf(key, value)])),
    });
    return output;
  }

  /** A node with several outputs. */
  many(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
    name: string,
    outputs: number,
  ): string[] {
    this.node(opType, inputs, attributes, name);
    const node = this.nodes.at(-1)!;
    for (let i = 1; i < outputs; i++) node.outputs.push(`${name}:${i}`);
    return node.outputs;
  }

  /**
   * A weight of a layer, brought into ONNX's layout; without a file of weights `otherwise`, drawn anew. A layer's
   * weights are asked for in Keras' order.
   */
  weight(
    layer: string,
    name: string,
    shape: Shape,
    arrange: (data: Float32Array) => { data: Float32Array; shape: Shape } = (data) => ({ data, shape }),
    otherwise = 0,
  ): string {
    const path = `${layer}/${name}`;
    if (this.#known.has(path)) return path;
    this.#known.add(path);
    const index = this.#asked.get(layer) ?? 0;
    this.#asked.set(layer, index + 1);
    const stored = this.#weights?.find(layer, name, index);
    if (stored && !sameShape(stored.shape, shape)) {
      throw new EngineError(
        'FORMAT',
        `${stored.place} has the shape ${showShape(stored.shape)}, the layer "${layer}" needs ${showShape(shape)} for its ${name}; save the architecture and the weights of one model`,
      );
    }
    const made = arrange(stored?.read() ?? this.#nothing(shape, path, otherwise));
    this.initializers.push(tensorOf(path, made.shape, made.data));
    return path;
  }

  /** Zeros in place of weights that are not there, all in one buffer: they are drawn anew, never read. */
  #nothing(shape: Shape, path: string, value: number): Float32Array {
    const size = sizeOf(shape);
    if (!shape.every((length) => Number.isInteger(length) && length > 0) || size > MAX_WEIGHT) {
      throw new EngineError(
        'FORMAT',
        `the weight "${path}" would be [${shape.join(', ')}]; at most ${MAX_WEIGHT.toLocaleString('en')} numbers`,
      );
    }
    if (value !== 0) return new Float32Array(size).fill(value);
    if (this.#zeros.length < size) this.#zeros = new Float32Array(size);
    return this.#zeros.subarray(0, size);
  }

  /** Numbers that are no weight: targets of reshapes, axes. */
  integers(values: readonly number[]): string {
    const name = `constant_${this.#made++}`;
    this.initializers.push({
      ...tensorOf(name, [values.length], new Float32Array(0)),
      dataType: 7,
      raw: null,
      numbers: [...values],
    });
    return name;
  }

  scalar(value: number): string {
    const name = `constant_${this.#made++}`;
    this.initializers.push(tensorOf(name, [], Float32Array.of(value)));
    return name;
  }
}

function tensorOf(name: string, shape: Shape, data: Float32Array): TensorProto {
  return {
    name,
    dims: [...shape],
    dataType: 1,
    raw: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    numbers: [],
    external: new Map(),
    isExternal: false,
    strings: 0,
  };
}

function attributeOf(name: string, value: AttributeValue): AttributeProto {
  const list = Array.isArray(value) ? (value as readonly (number | string)[]) : [];
  return {
    name,
    float: typeof value === 'number' ? value : 0,
    int: typeof value === 'number' ? value : 0,
    bytes: typeof value === 'string' ? new TextEncoder().encode(value) : null,
    tensor: null,
    graph: null,
    floats: value instanceof Float32Array ? [...value] : [],
    ints: list.filter((each) => typeof each === 'number'),
    strings: list.filter((each) => typeof each === 'string').map((each) => new TextEncoder().encode(each)),
    type: 0,
    reference: '',
  };
}

/** Axes of a tensor's numbers put in another order. */
export function permuted(
  data: Float32Array,
  shape: Shape,
  order: readonly number[],
): { data: Float32Array; shape: Shape } {
  const made = order.map((axis) => shape[axis]!);
  if (!data.some((value) => value !== 0)) return { data, shape: made }; // zeros stay zeros
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const result = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    let [rest, at] = [i, 0];
    for (let axis = made.length - 1; axis >= 0; axis--) {
      at += (rest % made[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / made[axis]!);
    }
    result[i] = data[at]!;
  }
  return { data: result, shape: made };
}
