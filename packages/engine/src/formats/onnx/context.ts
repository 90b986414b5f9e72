import { EngineError } from '../../core/errors.js';
import type { Fill } from '../../core/parameters.js';
import { Scope, type Recording } from '../../core/scope.js';
import { showShape, type Shape } from '../../core/shape.js';
import type { Site, TimeTap } from '../../core/site.js';
import { ownerOf, type Tensor } from '../../core/tensor.js';
import { toFloats } from '../../ops/unary.js';
import type { Args } from './args.js';
import { isFloatType, type Constant, type ExternalFiles } from './constant.js';
import type { NodeProto } from './proto.js';

/** What a name in the graph stands for while the network is recorded. */
export type Value = Tensor | Constant;

export function isConstant(value: Value): value is Constant {
  return 'kind' in value;
}

/** How a parameter's first values depend on its use; an init's variance needs it. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** How a parameter is filled: from the file, or drawn anew. */
export type FillParameter = (constant: Constant, role: 'weight' | 'scale' | 'shift') => Fill;

/** What all nodes of one recording share. */
export interface Network {
  readonly recording: Recording;
  readonly files: ExternalFiles;
  readonly version: number;
  readonly fillParameter: FillParameter;
  /** Whether an initializer is trained when it stands where any numbers may stand. */
  readonly isTrained: (constant: Constant) => boolean;
  /** Names of the parameters that a tensor was made of, where it was made of nothing else. */
  readonly weights: Map<Tensor, readonly string[]>;
  /** Statistics of batch norms exported for inference: used as they are, or taken from the batch. */
  readonly batchStatistics: 'asExported' | 'batch';
  /** How activations are exchanged for others, by id; see the edits of an imported network. */
  readonly swap: (
    fn: string,
  ) => { readonly fn: string; readonly options: Readonly<Record<string, unknown>> } | null;
  /** Names that some node reads, and the graph's outputs. */
  readonly read: ReadonlySet<string>;
  /** Constants that have become tensors. */
  readonly tensors: Map<Constant, Tensor>;
  /** How many numbers have been computed before the run. */
  readonly budget: { spent: number };
}

/** Most numbers computed before the run, over all nodes: real networks need some 100,000. */
const MAX_COMPUTED = 24_000_000;

/** A site's description as a node gives it; the rest follows from the node. */
export interface SiteNote {
  readonly factor?: Site['factor'];
  readonly input?: Tensor;
  readonly preactivation?: Tensor;
  readonly activation?: Site['activation'];
  readonly time?: readonly TimeTap[];
  readonly parts?: Readonly<Record<string, Tensor>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What a node sees while it records itself. */
export class NodeContext implements Args {
  readonly node: NodeProto;
  readonly network: Network;
  readonly scope: Scope;
  readonly name: string;
  readonly #inputs: readonly (Value | null)[];
  /** Parameters that the node's site owns. */
  readonly #parameters = new Set<string>();
  #first: Tensor | null = null;

  constructor(network: Network, node: NodeProto, name: string, inputs: readonly (Value | null)[]) {
    this.network = network;
    this.node = node;
    this.name = name;
    this.#inputs = inputs;
    this.scope = new Scope(network.recording, name);
  }

  get version(): number {
    return this.network.version;
  }

  get files(): ExternalFiles {
    return this.network.files;
  }

  charge(numbers: number): void {
    const { budget } = this.network;
    budget.spent += numbers;
    if (!(budget.spent <= MAX_COMPUTED)) {
      throw new EngineError(
        'FORMAT',
        `the file asks for more than ${MAX_COMPUTED.toLocaleString('en')} numbers before anything runs`,
      );
    }
  }

  get mode(): 'train' | 'eval' {
    return this.network.recording.mode;
  }

  get count(): number {
    return this.#inputs.length;
  }

  has(input: number): boolean {
    return this.#inputs[input] !== null && this.#inputs[input] !== undefined;
  }

  value(input: number): Value {
    const value = this.#inputs[input];
    if (!value)
      throw new EngineError(
        'FORMAT',
        `${this.node.opType} expects an input ${input}, got ${this.#inputs.length} inputs`,
      );
    return value;
  }

  shape(input: number): Shape {
    return this.value(input).shape;
  }

  constant(input: number): Constant {
    const value = this.value(input);
    if (isConstant(value)) return value;
    throw new EngineError(
      'UNSUPPORTED',
      `input ${input} ("${this.node.inputs[input]}") must be known before the network runs, but depends on the data; export with fixed shapes, or give it as a constant`,
    );
  }

  /** Whether the input's numbers are known and not trained. */
  isKnown(input: number): boolean {
    const value = this.value(input);
    return isConstant(value) && !this.network.isTrained(value);
  }

  /** Whether the input is a parameter, or made of parameters only. */
  isWeight(input: number): boolean {
    const value = this.value(input);
    return isConstant(value) ? this.network.isTrained(value) : this.network.weights.has(value);
  }

  /** The input as floats; an initializer becomes a parameter or a constant tensor. */
  tensor(input: number): Tensor {
    const value = this.value(input);
    if (!isConstant(value)) return this.#floats(value);
    return this.network.isTrained(value) ? this.parameter(input) : this.fixed(input);
  }

  /** The input as a trained tensor, where it is an initializer: weights stand here, whatever their shape. */
  parameter(input: number, options: Partial<Fans> & { role?: 'weight' | 'scale' | 'shift' } = {}): Tensor {
    const value = this.value(input);
    if (!isConstant(value)) return this.#floats(value);
    if (value.name === null || !isFloatType(value.type)) return this.fixed(input);
    const { role = value.shape.length > 1 ? 'weight' : 'shift', ...fans } = options;
    const tensor = this.network.recording.parameters.ask(value.name, value.shape, 'parameter', {
      fill: this.network.fillParameter(value, role),
      ...fans,
    });
    this.#parameters.add(value.name);
    this.network.weights.set(tensor, [value.name]);
    return tensor;
  }

  /** The input as numbers that stay from step to step: running statistics, masks, constants. */
  fixed(input: number): Tensor {
    const value = this.value(input);
    if (!isConstant(value)) return this.#floats(value);
    const known = this.network.tensors.get(value);
    if (known) return known;
    const path = value.name ?? (this.node.inputs[input] || `${this.name}/${input}`);
    const tensor = this.constantTensor(value, path);
    this.network.tensors.set(value, tensor);
    return tensor;
  }

  constantTensor(value: Constant, path: string): Tensor {
    const data = value.data instanceof Float32Array ? value.data : Float32Array.from(value.data);
    return this.network.recording.parameters.ask(path, value.shape, 'state', {
      fill: ({ arena, address }) => arena.write(address, data),
    });
  }

  /** The input as it is: ids stay integers. */
  ids(input: number): { tensor: Tensor; floats: boolean } {
    const value = this.value(input);
    if (isConstant(value)) return { tensor: this.fixed(input), floats: true };
    return { tensor: value, floats: ownerOf(value).dtype === 'f32' };
  }

  #floats(value: Tensor): Tensor {
    for (const name of this.network.weights.get(value) ?? []) this.#parameters.add(name);
    if (ownerOf(value).dtype === 'i32') {
      // toFloats is by element, so it may read through an alias; the copy gets the alias's shape.
      return this.scope.apply(toFloats, [value], undefined);
    }
    if (!this.network.weights.has(value)) this.#first ??= value;
    return value;
  }

  /** Whether anything reads an output of the node. */
  isRead(output: number): boolean {
    return this.network.read.has(this.node.outputs[output] ?? '');
  }

  /** Notes a site with this node's name; its input is the first input that is not a parameter. */
  site(type: string, output: Tensor, note: SiteNote = {}): void {
    const { sites } = this.network.recording;
    const input = note.input ?? this.#first;
    if (!input) return; // made of parameters and constants only: nothing flows through it
    sites.push({
      name: this.name,
      type,
      depth: sites.length + 1,
      parent: null,
      factor: note.factor ?? 'weights',
      options: { op: this.node.opType, ...note.options },
      input,
      output,
      preactivation: note.preactivation ?? null,
      activation: note.activation ?? null,
      parameters: [...this.#parameters],
      shape: output.shape.slice(1),
      time: note.time ?? [],
      meters: [],
      parts: note.parts ?? {},
    });
  }

  fail(what: string): never {
    throw new EngineError('UNSUPPORTED', what);
  }

  /** Throws `SHAPE` unless the input has `rank` axes. */
  needRank(input: number, ...ranks: readonly number[]): void {
    const shape = this.shape(input);
    if (!ranks.includes(shape.length)) {
      throw new EngineError(
        'UNSUPPORTED',
        `${this.node.opType} on ${showShape(shape)}: only ${ranks.join(' or ')} axes are supported`,
      );
    }
  }
}

/** How a node records itself: its outputs, in order. */
export type Recorder = (c: NodeContext) => readonly Value[];
