import { check, EngineError, unknownName } from './errors.js';
import type { Graph, OpRecord } from './graph.js';
import type { Layer, LayerSpec } from './layer.js';
import type { Op } from './op.js';
import type { ParameterOptions, Parameters } from './parameters.js';
import { showShape, type Shape } from './shape.js';
import type { Meter, Site, SiteMap, TimeTap } from './site.js';
import { ownerOf, type Tensor } from './tensor.js';

/** Items by name: a shelf's module namespace. */
export type Shelf<Item> = Readonly<Record<string, Item>>;

/** What a recording shares among all its scopes. */
export interface Recording {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** The shelf of layers, handed in: machinery knows no layer by name. */
  readonly layers: Shelf<Layer>;
  readonly sites: Site[];
  /** In training, batch norm uses the batch's statistics and dropout drops. */
  readonly mode: 'train' | 'eval';
}

/**
 * What a layer sees while it records itself: where it is, and how to ask for parameters and apply ops.
 *
 * The scope adds the place to every error, names parameters and random streams by the layer's path, and notes the
 * sites where probes will look.
 */
export class Scope {
  readonly recording: Recording;
  /** `3.residual/1.conv2d`; empty at the top. */
  readonly path: string;
  readonly #parent: number | null;
  readonly #parameters: string[] = [];
  readonly #parts: Record<string, Tensor> = {};
  readonly #time: TimeTap[] = [];
  readonly #meters: Meter[] = [];
  readonly #maps: SiteMap[] = [];
  #preactivation: Tensor | null = null;
  #activation: Site['activation'] = null;
  #applied = 0;
  /** Path of the layer with a skip in whose branch this scope lies, and the same for the bodies it records. */
  #branch: string | null = null;
  #bodyBranch: string | null = null;

  constructor(recording: Recording, path = '', parent: number | null = null) {
    this.recording = recording;
    this.path = path;
    this.#parent = parent;
  }

  get mode(): 'train' | 'eval' {
    return this.recording.mode;
  }

  /** Applies an op with one output. */
  apply<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor {
    return this.record(op, inputs, attributes).outputs[0]!;
  }

  /** Applies an op and returns its record, for ops with several outputs or with buffers to tap. */
  record<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): OpRecord {
    const { graph } = this.recording;
    graph.apply(op, inputs, attributes, `${this.path}#${this.#applied++}`);
    return graph.records.at(-1)!;
  }

  /** The same numbers under another shape. */
  reshape(tensor: Tensor, shape: Shape): Tensor {
    return this.recording.graph.reshape(tensor, shape, `${this.path}:reshape`);
  }

  /** A trained tensor of this layer's own. */
  parameter(name: string, shape: Shape, options: ParameterOptions): Tensor {
    const path = `${this.path}/${name}`;
    if (!this.#parameters.includes(path)) this.#parameters.push(path);
    return this.recording.parameters.ask(path, shape, 'parameter', { ...options, branch: this.#branch });
  }

  /** A tensor kept from step to step without a gradient (a running mean). */
  state(name: string, shape: Shape, options: ParameterOptions): Tensor {
    return this.recording.parameters.ask(`${this.path}/${name}`, shape, 'state', options);
  }

  /** Notes what the site's activation takes in: its gradient splits the factor of weights from that of slope. */
  tapActivation(preactivation: Tensor, fn: string, options: Readonly<Record<string, unknown>>): void {
    this.#preactivation = preactivation;
    this.#activation = { fn, options };
  }

  /** Notes a tensor whose gradient is of interest by itself (branch and skip of a residual). */
  tapPart(name: string, tensor: Tensor): void {
    this.#parts[name] = tensor;
  }

  /** Notes a sequence of hidden states inside an op's kept buffers. */
  tapTime(tap: TimeTap): void {
    this.#time.push(tap);
  }

  /** Notes numbers of the layer's own that a record should hold. */
  tapMeter(meter: Meter): void {
    this.#meters.push(meter);
  }

  /** Notes pictures of one sample that can be asked for. */
  tapMap(map: SiteMap): void {
    this.#maps.push(map);
  }

  /**
   * Records a list of layers, each on the output of the one before it or on the named `inputs`.
   * An empty list is the identity.
   */
  sequence(specs: readonly LayerSpec[], input: Tensor, specPath: readonly (string | number)[] = []): Tensor {
    const named = new Map<string, Tensor>([['input', input]]);
    let x = input;
    let index = 0;
    specs.forEach((spec, at) => {
      const where = [...specPath, at];
      for (let copy = 0; copy < (spec.repeat ?? 1); copy++) {
        const inputs = spec.inputs && copy === 0 ? spec.inputs.map((id) => lookUp(id, named, where)) : [x];
        x = this.#child(spec, inputs, index++, where);
      }
      if (spec.id === undefined) return;
      check(
        !named.has(spec.id),
        'SPEC',
        spec.id === 'input'
          ? 'the id "input" is that of the input; take another'
          : `the id "${spec.id}" is there twice; give each layer its own`,
        [...where, 'id'],
      );
      named.set(spec.id, x);
    });
    return x;
  }

  #child(
    spec: LayerSpec,
    inputs: readonly Tensor[],
    index: number,
    where: readonly (string | number)[],
  ): Tensor {
    const { layers, sites } = this.recording;
    const layer = layers[spec.type];
    if (!layer)
      throw new EngineError('SPEC', unknownName('layer', spec.type, Object.keys(layers)), [...where, 'type']);
    const name = `${this.path ? `${this.path}/` : ''}${index}.${spec.type}`;
    const isSite = layer.site !== false;
    const slot = sites.length;
    if (isSite) sites.push(null as unknown as Site); // keeps the place: containers come before what they contain
    const scope = new Scope(this.recording, name, isSite ? slot : this.#parent);
    scope.#where = where;
    scope.#branch = this.#bodyBranch;
    scope.#bodyBranch = layer.factor === 'skip' ? name : this.#bodyBranch;
    let output: Tensor;
    try {
      check(
        layer.inputs === 'many' || inputs.length === 1,
        'SPEC',
        `${spec.type} takes one input, got ${inputs.length}; join them with concat, add or multiply first`,
      );
      output = layer.forward(inputs, spec, scope);
    } catch (error) {
      if (error instanceof EngineError && error.path.length === 0) {
        throw new EngineError(error.code, `at ${name}: ${error.reason}`, where);
      }
      throw error;
    }
    if (isSite) {
      sites[slot] = {
        name,
        type: spec.type,
        depth: slot + 1,
        parent: this.#parent,
        factor: layer.factor ?? 'weights',
        options: spec,
        input: inputs[0]!,
        output,
        preactivation: scope.#preactivation,
        activation: scope.#activation,
        parameters: scope.#parameters,
        shape: output.shape.slice(1),
        time: scope.#time,
        meters: scope.#meters,
        maps: scope.#maps,
        parts: scope.#parts,
      };
    }
    return output;
  }

  /** Place of this scope's layer in the spec, for the bodies it records. */
  #where: readonly (string | number)[] = [];

  /** Records the layers of option `name` (a body) on `input`. */
  body(specs: readonly LayerSpec[], input: Tensor, name = 'body'): Tensor {
    return this.sequence(specs, input, [...this.#where, name]);
  }
}

function lookUp(id: string, named: ReadonlyMap<string, Tensor>, where: readonly (string | number)[]): Tensor {
  const tensor = named.get(id);
  if (!tensor) {
    throw new EngineError('SPEC', unknownName('id', id, [...named.keys()]), [...where, 'inputs']);
  }
  return tensor;
}

/** Throws unless `tensor` has `rank` axes. */
export function checkRank(tensor: Tensor, rank: number, layer: string, axes: string): void {
  check(tensor.shape.length === rank, 'SHAPE', `${layer} expects ${axes}, got ${showShape(tensor.shape)}`);
}

/** Throws unless the tensor holds floats (ids must go through an embedding first). */
export function checkFloat(tensor: Tensor, layer: string): void {
  check(
    ownerOf(tensor).dtype === 'f32',
    'SHAPE',
    `${layer} expects numbers, got integer ids ${showShape(tensor.shape)}; put an embedding before it`,
  );
}
