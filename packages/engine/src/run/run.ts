import { loadKernels, type Kernels, type Variant } from '@fuga/core-wasm';
import { Arena, MAX_BYTES, showBytes } from '../core/arena.js';
import { check, EngineError } from '../core/errors.js';
import { Graph } from '../core/graph.js';
import { Parameters } from '../core/parameters.js';
import { Scope, type Recording } from '../core/scope.js';
import type { Site } from '../core/site.js';
import { planTape, Tape } from '../core/tape.js';
import type { Tensor } from '../core/tensor.js';
import type { DataShape, Samples } from '../datasets/dataset.js';
import { readLoss, type ReadyLoss } from '../losses/loss.js';
import { Batches, loadData } from './data.js';
import { recordEvery } from './period.js';
import { Recorder } from './recorder.js';
import { settleParameters } from './settle.js';
import { layers, losses, optimizers, schedules } from './shelves.js';
import { dataSeen, defaultLoss, describeData, networkOf, resolveSpec, type RunSpec } from './spec.js';
import type { SiteInfo, Trace } from './trace.js';

/** What a run may be given beside its spec. */
export interface RunOptions {
  /** Bit-reproducible kernels: the same numbers on every machine and in every browser. */
  readonly exact?: boolean;
  /** Kernels already loaded; each run needs an instance of its own. */
  readonly kernels?: Kernels;
  /** Data read by a front end, in place of a source on the shelf. */
  readonly data?: { readonly shape: DataShape; readonly samples: Samples };
  /** Record every so many steps; default: as often as keeps probing to about 2 % of the time. */
  readonly every?: number;
  /** Steps that will really be taken, where they are fewer than the spec's: records are spread over these. */
  readonly window?: number;
  /** Most memory to take, in bytes. */
  readonly maxBytes?: number;
}

/** A recorded network: what the tape is made of, before it takes any memory. */
export interface RecordedNetwork {
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly sites: Site[];
  readonly input: Tensor;
  readonly target: Tensor;
  readonly output: Tensor;
  readonly loss: Tensor;
}

/** A network in evaluation mode, bound to memory. */
export interface Evaluation {
  readonly tape: Tape;
  readonly network: RecordedNetwork;
}

/** Memory that a run needs, in bytes, by what for. */
export interface MemoryNeed {
  readonly parameters: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly data: number;
  readonly probes: number;
  readonly total: number;
}

/**
 * Records a spec's network for batches of `batch` samples. Takes no memory and runs nothing. `inputGradient`: whether
 * the gradient with respect to a float input is wanted.
 */
export function recordNetwork(
  spec: RunSpec,
  given: DataShape,
  mode: 'train' | 'eval',
  parameters = new Parameters(),
  inputGradient = mode === 'train',
): RecordedNetwork {
  const data = dataSeen(spec, given);
  const graph = new Graph();
  const recording: Recording = { graph, parameters, layers, sites: [], mode };
  const { batch } = spec.data;
  const floats = data.input.dtype === 'f32';
  const input = graph.input('input', [batch, ...data.input.shape], {
    dtype: data.input.dtype,
    needsGrad: floats && inputGradient,
    below: data.input.vocabulary,
  });
  const target = graph.input('target', [batch, ...data.target.shape], { dtype: data.target.dtype });
  const top = new Scope(recording);
  const output = given.network
    ? given.network.record(input, top, spec.model ?? {})
    : top.sequence(networkOf(spec, data), input, ['network']);
  const loss = recordLoss(readLoss(losses, spec.loss), output, target, data, top);
  return { graph, parameters, sites: recording.sites, input, target, output, loss };
}

/** Records the loss; what does not fit is told at the spec's loss. */
function recordLoss(
  measured: ReadyLoss,
  output: Tensor,
  target: Tensor,
  data: DataShape,
  top: Scope,
): Tensor {
  const { id, tasks, classAxis } = measured;
  try {
    const loss = top.apply(measured.op(top.mode), [output, target], undefined);
    const logits = classAxis && output.shape[classAxis(output.shape.length)]!;
    check(
      logits === undefined || target.dtype !== 'i32' || logits >= data.outputs,
      'SHAPE',
      `the network gives ${logits} logits, the data has ${data.outputs} classes; end the network with a layer of ${data.outputs} outputs`,
    );
    return loss;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const usual = tasks.includes(data.task) ? null : defaultLoss(data);
    const advice =
      usual === null
        ? ''
        : `; ${id} is made for ${tasks.join(' or ')}, the data is for ${data.task}: use ${usual}`;
    throw new EngineError(error.code, `${error.reason}${advice}`, ['loss']);
  }
}

/**
 * A network in memory, ready to be trained: the spec made real.
 *
 * One run has one instance of the kernels; `train` steps it, `evaluate` scores it, `trace` is what was measured.
 */
export class Run {
  readonly spec: RunSpec;
  readonly data: DataShape;
  readonly samples: Samples;
  readonly arena: Arena;
  readonly parameters: Parameters;
  readonly sites: readonly Site[];
  readonly tape: Tape;
  readonly network: RecordedNetwork;
  readonly batches: Batches;
  readonly recorder: Recorder;
  readonly loss: ReadyLoss;
  readonly memory: MemoryNeed;
  readonly trace: Trace;
  /** Moves all parameters against their gradients; `step` is 1 for the first. */
  readonly update: (lr: number, step: number) => void;
  #evaluation: Evaluation | null = null;
  #single: Evaluation | null = null;

  constructor(
    spec: RunSpec,
    network: RecordedNetwork,
    loaded: { shape: DataShape; samples: Samples; arena: Arena },
    memory: MemoryNeed,
    every: number,
  ) {
    const { arena } = loaded;
    this.spec = spec;
    this.arena = arena;
    this.data = dataSeen(spec, loaded.shape);
    this.samples = withTargets(loaded.samples, this.data.target.dtype);
    this.network = network;
    this.parameters = network.parameters;
    this.sites = network.sites;
    this.memory = memory;
    this.loss = readLoss(losses, spec.loss);
    this.parameters.allocate(arena);
    this.parameters.initialize(arena, spec.seed);
    this.batches = new Batches(arena, this.samples, this.data, spec.data.batch, spec.seed);
    this.tape = new Tape(network.graph, arena, {
      loss: network.loss,
      keep: [network.output],
      seed: spec.seed,
    });
    settleParameters(this.tape, this.parameters, this.batches, network, spec.seed);
    this.update = prepareUpdate(spec, arena, this.parameters);
    this.recorder = new Recorder(this.tape, this.sites, this.parameters);
    this.trace = {
      sites: this.sites.map((site) => describeSite(site, this.parameters)),
      batch: spec.data.batch,
      parameters: this.parameters.count,
      losses: [],
      lossEvery: 1,
      steps: 0,
      records: [],
      every,
      metric: { id: this.loss.metric.id, title: this.loss.metric.title, better: this.loss.metric.better },
      metrics: [],
      stopped: null,
      timing: { stepMs: 0, probeShare: 0 },
    };
  }

  /** Which build of the kernels it runs on. */
  get variant(): Variant {
    return this.arena.kernels.variant;
  }

  /** Learning rate at `step`, 0 for the first. */
  learningRate(step: number): number {
    const { type, ...options } = this.spec.schedule;
    const at = { step, steps: this.spec.steps, kernels: this.arena.kernels };
    return this.spec.optimizer.lr * schedules[type]!.factor(at, options as never);
  }

  /** A tape of the same network in evaluation mode (no dropout, running statistics), made when first asked for. */
  get evaluation(): Evaluation {
    return (this.#evaluation ??= this.#evaluate(this.spec.data.batch));
  }

  /** The same for one sample: what is asked of it costs no more than one sample's time. */
  get single(): Evaluation {
    return (this.#single ??= this.#evaluate(1));
  }

  #evaluate(batch: number): Evaluation {
    const spec = { ...this.spec, data: { ...this.spec.data, batch } };
    const network = recordNetwork(spec, this.data, 'eval', this.parameters);
    const tape = new Tape(network.graph, this.arena, {
      keep: [network.output, network.loss],
      seed: this.spec.seed,
    });
    return { tape, network };
  }
}

/** Loads the data, records the network, checks the memory, draws the weights. */
export async function openRun(input: unknown, options: RunOptions = {}): Promise<Run> {
  const spec = resolveSpec(input, options.data?.shape);
  const shape = options.data?.shape ?? describeData(spec.data);
  const network = recordNetwork(spec, shape, 'train');
  const kernels = options.kernels ?? (await loadKernels({ exact: options.exact ?? false }));
  const arena = new Arena(kernels);
  const memory = memoryNeed(spec, shape, network, arena);
  const limit = Math.min(options.maxBytes ?? MAX_BYTES, MAX_BYTES);
  if (memory.total > limit) {
    throw new EngineError(
      'MEMORY',
      `the run needs about ${showBytes(memory.total)} (${network.parameters.count.toLocaleString('en')} parameters: ${showBytes(memory.parameters + memory.optimizer)}, activations: ${showBytes(memory.activations)}), the limit is ${showBytes(limit)}; use fewer or narrower layers, or a smaller batch`,
      [spec.model ? 'model' : 'network'],
    );
  }
  const loaded = options.data ?? (await loadData(arena, spec.data, spec.seed));
  const every = options.every ?? recordEvery(Math.min(options.window ?? spec.steps, spec.steps), network);
  return new Run(spec, network, { ...loaded, arena }, memory, every);
}

/** The samples with their targets as numbers, where the loss wants numbers and the data has class ids. */
function withTargets(samples: Samples, dtype: 'f32' | 'i32'): Samples {
  return dtype === 'f32' && samples.y instanceof Int32Array
    ? { ...samples, y: Float32Array.from(samples.y) }
    : samples;
}

/** Estimates a run's memory from shapes alone. */
export function memoryNeed(
  spec: RunSpec,
  shape: DataShape,
  network: RecordedNetwork,
  arena: Arena,
): MemoryNeed {
  const { type, ...settings } = spec.optimizer;
  const trained = 4 * network.parameters.count;
  const parameters = network.parameters.bytes;
  const optimizer = trained * optimizers[type]!.buffers(settings as never);
  const activations = planTape(network.graph, arena, { loss: network.loss, keep: [network.output] }).bytes;
  const data = Batches.bytes(shape);
  const probes = trained;
  return {
    parameters,
    optimizer,
    activations,
    data,
    probes,
    total: parameters + optimizer + activations + data + probes,
  };
}

/** The update of all parameters at once: an optimizer treats every number alike, and they lie side by side. */
function prepareUpdate(spec: RunSpec, arena: Arena, parameters: Parameters) {
  const { type, ...options } = spec.optimizer;
  const optimizer = optimizers[type]!;
  const { size, value, grad } = parameters.stretch;
  const buffers = Array.from({ length: optimizer.buffers(options as never) }, () => {
    const address = arena.alloc(4 * size);
    arena.kernels.fill(size, address, 0);
    return address;
  });
  return optimizer.prepare(arena.kernels, { size, value, grad, buffers }, options as never);
}

/** What is known of a site without running anything. */
export function describeSite(site: Site, parameters: Parameters): SiteInfo {
  return {
    name: site.name,
    type: site.type,
    depth: site.depth,
    parent: site.parent,
    factor: site.factor,
    options: site.options,
    activation: site.activation,
    shape: site.shape,
    inputShape: site.input.shape.slice(1),
    parameters: site.parameters.map((path) => {
      const { tensor, fanIn, fanOut } = parameters.get(path)!;
      return { name: path.slice(path.lastIndexOf('/') + 1), shape: tensor.shape, fanIn, fanOut };
    }),
    meters: site.meters.map(({ id, title, unit, labels }) => ({ id, title, unit, labels })),
    steps: site.time[0]?.steps ?? null,
  };
}
