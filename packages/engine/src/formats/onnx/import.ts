import { splitActivation } from '../../activations/activation.js';
import { EngineError } from '../../core/errors.js';
import type { Recording, Scope } from '../../core/scope.js';
import { showShape, sizeOf, type Shape } from '../../core/shape.js';
import type { Site } from '../../core/site.js';
import { ownerOf, type Tensor } from '../../core/tensor.js';
import { viewOp, type View } from '../../ops/view.js';
import { stridesOf } from '../../ops/strides.js';
import { graphAttribute, int, viewOf } from './args.js';
import {
  integers,
  isFloatType,
  readConstant,
  typeName,
  type Constant,
  type ExternalFiles,
} from './constant.js';
import { isConstant, NodeContext, type Network, type Value } from './context.js';
import { exportOnnx, type TrainedTensor } from './export.js';
import { foldNode } from './fold.js';
import { inlineFunctions, nodeName, orderGraph } from './graph.js';
import { nodes as recorders } from './nodes/index.js';
import { mergedNodes } from './nodes/merged.js';
import { fillAnew, fillFromFile } from './parameters.js';
import { GraphEditor, type GraphEdits } from './edits.js';
import { readModel, type GraphProto, type ModelProto, type NodeProto, type ValueProto } from './proto.js';
import { MERGED, rewrite, type Rewritten } from './rewrite.js';
import { missingOps, showMissing } from './support.js';

/** A model (a file's bytes, or what another format's reader made of its file) and the files beside it, by name. */
export interface OnnxFiles {
  readonly model: Uint8Array | ModelProto;
  readonly name?: string;
  readonly externals?: ExternalFiles;
}

/** How a model is read. */
export interface ImportOptions {
  /** Shape of the data's input, batch first; needed where the file leaves axes open. */
  readonly shape?: Shape;
  /** Lengths of named open axes. */
  readonly axes?: Readonly<Record<string, number>>;
  /** Numbers for other inputs (a sampling rate, first states); floats default to zeros. */
  readonly inputs?: Readonly<Record<string, Constant>>;
  /** The input that data flows in by; default: the first that is no initializer and not in `inputs`. */
  readonly input?: string;
  /** The output to train; default: the first. */
  readonly output?: string;
  /** Draw the weights anew instead of taking the file's. */
  readonly reinit?: boolean;
  /** Batch norms exported for inference: as the file says, or with the batch's statistics. */
  readonly batchStatistics?: 'asExported' | 'batch';
  /** Batch size where the file leaves it open. */
  readonly batch?: number;
}

/** What is known of a value at the graph's border. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
  /** `ids` are integers. */
  readonly kind: 'floats' | 'ids';
  /** For ids: how many rows the table has that they pick from. */
  readonly vocabulary?: number;
}

/** A recording of the graph: what the names in the file became. */
export interface RecordedGraph {
  readonly output: Tensor;
  readonly values: ReadonlyMap<string, Value>;
  /** Values inside of merged patterns, which have no tensor of their own: name → the pattern's output. */
  readonly within: ReadonlyMap<string, string>;
  /** Activations that an edit put a skip around: node → name of the value that is added. */
  readonly skips: ReadonlyMap<string, string>;
}

/** A network read from a file, ready to be recorded as often as wanted. */
export interface ImportedNetwork {
  readonly name: string;
  readonly producer: string;
  readonly opset: number;
  /** The input that data flows in by, batch first. */
  readonly input: Port;
  readonly output: string;
  readonly outputs: readonly string[];
  readonly nodes: number;
  /** Records the graph on `input`; adds its sites and parameters to the scope's recording. */
  readonly record: (input: Tensor, scope: Scope, edits?: GraphEdits) => RecordedGraph;
  /** Records the graph on any of its inputs; what is absent is taken from the options or is zero. */
  readonly recordAll: (
    inputs: ReadonlyMap<string, Value>,
    scope: Scope,
    edits?: GraphEdits,
  ) => Omit<RecordedGraph, 'output'>;
  /** The network as an ONNX file again, with these weights, as it was recorded with these edits. */
  readonly write: (
    weights: ReadonlyMap<string, TrainedTensor>,
    edits?: GraphEdits,
    skips?: ReadonlyMap<string, string>,
  ) => Uint8Array;
}

/** Reads an ONNX model. Nothing runs; throws `FORMAT` for a broken file, `UNSUPPORTED` with a table of what is missing. */
export function importOnnx(files: OnnxFiles, options: ImportOptions = {}): ImportedNetwork {
  const model = modelOf(files);
  const externals: ExternalFiles = files.externals ?? new Map();
  const opset = model.opsets.get('') ?? 1;
  const graph = inlineFunctions(model);
  const ordered = orderGraph(graph);
  const missing = missingOps(ordered.nodes);
  if (missing.length > 0)
    throw new EngineError('UNSUPPORTED', showMissing(missing, files.name ?? graph.name));
  const rewritten = rewrite(graph, ordered.nodes, externals);
  const constants = initializersOf(graph, externals, ordered.nodes);
  const ports = graph.inputs.filter(({ name }) => !constants.has(name));
  const port = choosePort(ports, options);
  const input: Port = port
    ? describePort(port, options, rewritten.nodes, constants)
    : { name: '', shape: [], kind: 'floats' };
  const output = options.output ?? graph.outputs[0]?.name;
  if (output === undefined) throw new EngineError('FORMAT', 'the graph has no output');
  const job = { graph, rewritten, constants, externals, opset, ports, options, input: input.name };
  return {
    name: files.name ?? graph.name,
    producer: model.producer,
    opset,
    input,
    output,
    outputs: graph.outputs.map(({ name }) => name),
    nodes: ordered.nodes.length,
    record: (tensor, scope, edits = {}) => {
      const recorded = recordGraph({ ...job, inputs: new Map([[input.name, tensor]]), scope, edits });
      return { ...recorded, output: outputOf(recorded.values, output, job) };
    },
    recordAll: (inputs, scope, edits = {}) => recordGraph({ ...job, inputs, scope, edits }),
    write: (weights, edits = {}, skips = new Map()) =>
      exportOnnx({ ...model, graph }, rewritten, weights, edits, skips),
  };
}

function modelOf({ model }: OnnxFiles): ModelProto {
  return model instanceof Uint8Array ? readModel(model) : model;
}

function outputOf(
  values: ReadonlyMap<string, Value>,
  name: string,
  { graph, input }: Pick<Job, 'graph' | 'input'>,
): Tensor {
  const output = values.get(name);
  if (!output) {
    const known = graph.outputs.map((made) => made.name).join(', ');
    throw new EngineError('FORMAT', `nothing makes the output "${name}"; outputs: ${known}`);
  }
  if (isConstant(output)) {
    throw new EngineError('UNSUPPORTED', `the output "${name}" does not depend on the input "${input}"`);
  }
  return output;
}

/** Batch size that a file fixes, or null where it leaves it open. Reads the graph's border only. */
export function fixedBatch(files: OnnxFiles, options: ImportOptions = {}): number | null {
  const graph = modelOf(files).graph!;
  const names = new Set(graph.initializers.map(({ name }) => name));
  const first = choosePort(
    graph.inputs.filter(({ name }) => !names.has(name)),
    options,
  )?.dims?.[0];
  return typeof first === 'number' && first > 0 ? first : null;
}

/** Initializers by name, decoded. Where a file has none, its Constant nodes are its weights. */
function initializersOf(
  graph: GraphProto,
  files: ExternalFiles,
  nodes: readonly NodeProto[],
): Map<string, Constant> {
  const constants = new Map<string, Constant>();
  for (const proto of graph.initializers) {
    if (constants.has(proto.name))
      throw new EngineError('FORMAT', `there are two initializers "${proto.name}"`);
    constants.set(proto.name, readConstant(proto, files, proto.name));
  }
  const hasWeights = [...constants.values()].some(({ type, shape }) => isFloatType(type) && shape.length > 1);
  if (graph.sparse > 0)
    throw new EngineError('UNSUPPORTED', `${graph.sparse} sparse initializers; export dense ones`);
  if (hasWeights) return constants;
  const look = (list: readonly NodeProto[]) => {
    for (const node of list) {
      for (const { graph: inner } of node.attributes.values()) if (inner) look(inner.nodes);
      const isOne = node.opType === 'Constant' && node.domain === '';
      const proto = isOne ? node.attributes.get('value')?.tensor : null;
      const [name] = node.outputs;
      if (!proto || name === undefined || constants.has(name)) continue;
      const constant = readConstant(proto, files, name);
      if (isFloatType(constant.type) && constant.data.length > 1) constants.set(name, constant);
    }
  };
  look(nodes);
  return constants;
}

/** The input that data flows in by; null where the graph has no inputs at all. */
function choosePort(ports: readonly ValueProto[], options: ImportOptions): ValueProto | null {
  if (ports.length === 0) return null;
  const free = ports.filter(({ name }) => !options.inputs || !Object.hasOwn(options.inputs, name));
  const chosen = options.input === undefined ? free[0] : ports.find(({ name }) => name === options.input);
  if (chosen) return chosen;
  throw new EngineError(
    'FORMAT',
    `the graph has no input ${options.input ? `"${options.input}"` : 'for data'}; its inputs: ${ports.map(({ name }) => name).join(', ') || 'none'}`,
  );
}

/** Shape and kind of an input, open axes bound. */
function describePort(
  port: ValueProto,
  options: ImportOptions,
  nodes: readonly NodeProto[],
  constants: ReadonlyMap<string, Constant>,
): Port {
  const shape = boundShape(port, options, options.shape);
  checkSize(shape);
  const isIds = !isFloatType(port.elementType) && port.elementType !== 0;
  if (!isIds) return { name: port.name, shape, kind: 'floats' };
  if (port.elementType === 8)
    throw new EngineError('UNSUPPORTED', `the input "${port.name}" is text; networks take numbers or ids`);
  const table = nodes.find((node) => node.opType === 'Gather' && node.inputs[1] === port.name);
  const rows = table && constants.get(table.inputs[0]!)?.shape[table.attributes.get('axis')?.int ?? 0];
  return { name: port.name, shape, kind: 'ids', ...(rows === undefined ? {} : { vocabulary: rows }) };
}

function boundShape(port: ValueProto, options: ImportOptions, given: Shape | undefined): number[] {
  if (given) {
    const fits =
      port.dims === null ||
      (port.dims.length === given.length &&
        port.dims.every((dim, axis) => typeof dim !== 'number' || dim <= 0 || dim === given[axis]));
    if (!fits) {
      const wanted = port.dims!.map((dim) => dim ?? '?').join(', ');
      throw new EngineError(
        'SHAPE',
        `the input "${port.name}" has the shape [${wanted}] in the file, got ${showShape(given)}`,
      );
    }
    return [...given];
  }
  if (port.dims === null)
    throw new EngineError(
      'SHAPE',
      `the file does not say the shape of the input "${port.name}"; give it with --shape`,
    );
  return port.dims.map((dim, axis) => {
    if (typeof dim === 'number' && dim > 0) return dim;
    const named = typeof dim === 'string' && options.axes ? options.axes[dim] : undefined;
    if (named !== undefined) return named;
    if (axis === 0) return options.batch ?? 1;
    const shown = port.dims!.map((length) => length ?? '?').join(', ');
    throw new EngineError(
      'SHAPE',
      `axis ${axis} of the input "${port.name}" [${shown}] is open; give the whole shape with --shape, for example --shape ${port.dims!.map((length, i) => (typeof length === 'number' && length > 0 ? length : i === 0 ? 1 : 64)).join(',')}`,
    );
  });
}

interface Job {
  readonly graph: GraphProto;
  readonly rewritten: Rewritten;
  readonly constants: ReadonlyMap<string, Constant>;
  readonly externals: ExternalFiles;
  readonly opset: number;
  readonly ports: readonly ValueProto[];
  /** Name of the input that data flows in by. */
  readonly input: string;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly scope: Scope;
  readonly options: ImportOptions;
  readonly edits: GraphEdits;
}

function recordGraph(job: Job): Omit<RecordedGraph, 'output'> {
  const { options, scope, edits } = job;
  const network: Network = {
    recording: scope.recording,
    files: job.externals,
    version: job.opset,
    fillParameter:
      edits.init !== undefined ? fillAnew(edits.init) : options.reinit ? fillAnew('heNormal') : fillFromFile,
    isTrained,
    weights: new Map(),
    batchStatistics: edits.batchStatistics ?? options.batchStatistics ?? 'asExported',
    swap: (fn) => (edits.swap && edits.swap.from === fn ? splitActivation(edits.swap.to) : null),
    tensors: new Map(),
    budget: { spent: 0 },
  };
  const values = new Map<string, Value>(job.constants);
  for (const port of job.ports) values.set(port.name, job.inputs.get(port.name) ?? otherInput(port, options));
  const editor = new GraphEditor(job.rewritten.nodes, edits, scope.recording);
  const groups = new AttentionSites(job.rewritten, scope.recording);
  for (const node of job.rewritten.nodes) {
    groups.before(node);
    recordNode(node, values, network);
    editor.after(node, values);
    groups.after(node, values);
  }
  editor.finish();
  addPairs(job.rewritten.nodes, scope.recording);
  const within = new Map<string, string>();
  for (const [node, parts] of job.rewritten.merged) {
    for (const part of parts)
      for (const inner of part.outputs) if (!values.has(inner)) within.set(inner, node.outputs[0]!);
  }
  return { values, within, skips: editor.skips };
}

/** Inputs that no data flows in by: numbers that were given, or zeros. */
function otherInput(port: ValueProto, options: ImportOptions): Constant {
  const given =
    options.inputs && Object.hasOwn(options.inputs, port.name) ? options.inputs[port.name] : undefined;
  if (given) return given;
  if (!isFloatType(port.elementType)) {
    throw new EngineError(
      'UNSUPPORTED',
      `the input "${port.name}" (${typeName(port.elementType)}) has no numbers; give it with --input ${port.name}=…`,
    );
  }
  const shape = boundShape(port, options, undefined);
  checkSize(shape);
  if (sizeOf(shape) > 2 ** 24)
    throw new EngineError('SHAPE', `the input "${port.name}" would be ${showShape(shape)} zeros; give it`);
  return { kind: 'constant', shape, type: 1, data: new Float32Array(sizeOf(shape)), name: null };
}

/**
 * An initializer is trained where any numbers may stand, unless it is a single number of the exporter's making or a
 * mask: 0 where something may pass, a large negative number or −∞ where not.
 */
function isTrained({ name, type, shape, data }: Constant): boolean {
  if (name === null || !isFloatType(type)) return false;
  if (shape.length === 0) return /^[A-Za-z_]\w*(\.\w+)+$/.test(name) && !/^(onnx::|val_)/.test(name);
  let low = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value === -Infinity) return false;
    low = Math.min(low, value);
  }
  return low > -100 || !data.every((value) => value === 0 || value <= -100);
}

/** Runs, folds or records one node, and names its outputs. */
function recordNode(node: NodeProto, values: Map<string, Value>, network: Network): void {
  const name = nodeName(node);
  const inputs = node.inputs.map((input) =>
    input === '' ? null : (values.get(input) ?? missing(node, input)),
  );
  const c = new NodeContext(network, node, name, inputs);
  try {
    const outputs = perform(c, values);
    for (const { shape } of outputs) checkSize(shape);
    node.outputs.forEach((output, i) => {
      const value = outputs[i];
      if (output !== '' && value) values.set(output, value);
    });
    noteWeights(c, inputs, outputs);
  } catch (error) {
    if (error instanceof EngineError && error.path.length === 0) {
      throw new EngineError(error.code, `at ${name} (${node.opType}): ${error.reason}`, [name]);
    }
    if (error instanceof EngineError) throw error;
    // What a node lacks or has too much of (a kernel's shape, an axis) shows as an undefined value or a list too long.
    const what = error instanceof Error ? error.message : String(error);
    throw new EngineError(
      'FORMAT',
      `at ${name} (${node.opType}): its attributes or inputs make no sense (${what})`,
      [name],
    );
  }
}

/** Most numbers in one tensor: 4 GiB of floats is what WebAssembly addresses. */
const MAX_TENSOR = 2 ** 30;

function checkSize(shape: Shape): void {
  if (shape.length > 32 || !(sizeOf(shape) <= MAX_TENSOR)) {
    throw new EngineError(
      'SHAPE',
      `a tensor of shape ${showShape(shape.slice(0, 32))} does not fit in memory`,
    );
  }
}

function missing(node: NodeProto, input: string): never {
  throw new EngineError(
    'FORMAT',
    `node ${nodeName(node)} (${node.opType}) reads "${input}", which nothing makes`,
    [nodeName(node)],
  );
}

function perform(c: NodeContext, values: Map<string, Value>): readonly Value[] {
  const { node } = c;
  const { opType } = node;
  if (node.domain === '') {
    if (opType === 'Shape') return [shapeOf(c)];
    if (opType === 'Size') return [{ ...integers([sizeOf(c.shape(0))]), shape: [] }];
    if (opType === 'Identity') return [c.value(0)];
    if (opType === 'If') return branch(c, values);
    if (opType === 'EyeLike') return foldNode(c)!;
    if (opType === 'Constant' && values.has(node.outputs[0]!)) return [values.get(node.outputs[0]!)!];
    const isKnown = node.inputs.every((_, i) => !c.has(i) || c.isKnown(i));
    const folded = isKnown ? foldNode(c) : null;
    if (folded) return folded;
    const views = c.has(0) ? viewOf(c) : null;
    if (views) return views.map((view) => viewed(c, view));
  }
  const table = node.domain === MERGED ? mergedNodes : recorders;
  const record = Object.hasOwn(table, opType) ? table[opType] : undefined;
  if (record) return record(c);
  // Known only to the interpreter: name the input that is not known.
  node.inputs.forEach((_, i) => c.has(i) && c.constant(i));
  return c.fail(`${opType} of weights; export with constants folded`);
}

/** A rearrangement of a tensor; where only the shape changes, no numbers move. */
function viewed(c: NodeContext, view: View): Tensor {
  const value = c.value(0);
  // Ids keep their type only where their numbers stay where they are.
  const x = isConstant(value) ? c.parameter(0) : value;
  const plain = stridesOf(view.shape);
  const stays =
    view.offset === 0 &&
    sizeOf(view.shape) === sizeOf(x.shape) &&
    view.strides.every((stride, axis) => stride === plain[axis] || view.shape[axis] === 1);
  if (stays) return c.scope.reshape(x, view.shape);
  return c.scope.apply(viewOp, [ownerOf(x).dtype === 'i32' ? c.tensor(0) : x], view);
}

function shapeOf(c: NodeContext): Constant {
  const shape = c.shape(0);
  const clip = (at: number) => Math.max(0, Math.min(shape.length, at < 0 ? at + shape.length : at));
  return integers(shape.slice(clip(int(c, 'start', 0)), clip(int(c, 'end', shape.length))));
}

/** A condition known before the run chooses one branch for good. */
function branch(c: NodeContext, values: Map<string, Value>): readonly Value[] {
  const taken = graphAttribute(c, c.constant(0).data[0] !== 0 ? 'then_branch' : 'else_branch');
  const ordered = orderGraph(taken, new Set(values.keys()));
  for (const proto of taken.initializers) values.set(proto.name, readConstant(proto, c.files, proto.name));
  for (const node of ordered.nodes) recordNode(node, values, c.network);
  return taken.outputs.map(
    ({ name }) => values.get(name) ?? c.fail(`a branch whose output "${name}" nothing makes`),
  );
}

/** A tensor made of parameters only is a weight itself: it keeps their names. */
function noteWeights(c: NodeContext, inputs: readonly (Value | null)[], outputs: readonly Value[]): void {
  const { weights } = c.network;
  const names = new Set<string>();
  for (const input of inputs) {
    if (input === null) continue;
    if (isConstant(input)) {
      if (isTrained(input)) names.add(input.name!);
      continue;
    }
    const own = weights.get(input);
    if (!own) return;
    for (const name of own) names.add(name);
  }
  if (names.size === 0) return;
  for (const output of outputs) if (!isConstant(output)) weights.set(output, [...names]);
}

/** Keeps a place for the site of a whole attention before the sites of its parts. */
class AttentionSites {
  readonly #byFirst = new Map<NodeProto, { softmax: NodeProto; last: NodeProto }>();
  readonly #open = new Map<NodeProto, { slot: number; name: string; first: string }>();
  readonly #recording: Recording;

  constructor({ attentions }: Rewritten, recording: Recording) {
    this.#recording = recording;
    for (const { first, softmax, last } of attentions) this.#byFirst.set(first, { softmax, last });
  }

  before(node: NodeProto): void {
    const found = this.#byFirst.get(node);
    if (!found || this.#open.has(found.last)) return;
    const { sites } = this.#recording;
    this.#open.set(found.last, {
      slot: sites.length,
      name: `${nodeName(found.last)} (attention)`,
      first: node.inputs[0]!,
    });
    sites.push(null as unknown as Site);
  }

  after(node: NodeProto, values: ReadonlyMap<string, Value>): void {
    const open = this.#open.get(node);
    if (!open) return;
    const { sites } = this.#recording;
    const output = values.get(node.outputs[0]!)!;
    const input = values.get(open.first);
    if (isConstant(output) || !input || isConstant(input))
      throw new EngineError('INTERNAL', 'an attention of constants');
    sites[open.slot] = {
      name: open.name,
      type: 'attention',
      depth: open.slot + 1,
      parent: null,
      factor: 'weights',
      options: {},
      input,
      output,
      preactivation: null,
      activation: null,
      parameters: [],
      shape: output.shape.slice(1),
      time: [],
      meters: [],
      parts: {},
    };
    for (let i = open.slot + 1; i < sites.length; i++) {
      if (sites[i]!.parent === null) sites[i] = { ...sites[i]!, parent: open.slot };
    }
  }
}

/** A convolution and the batch norm behind it say of each other that they are one unit. */
function addPairs(nodes: readonly NodeProto[], { sites }: Recording): void {
  const byOutput = new Map(
    nodes.flatMap((node) => node.outputs.map((output) => [output, nodeName(node)] as const)),
  );
  const index = new Map(sites.map((site, i) => [site.name, i]));
  for (const node of nodes) {
    if (node.opType !== 'BatchNormalization') continue;
    const before = index.get(byOutput.get(node.inputs[0]!) ?? '');
    const own = index.get(nodeName(node));
    if (before === undefined || own === undefined || !sites[before]!.type.startsWith('conv')) continue;
    const unit = `${sites[before]!.name} + ${sites[own]!.name}`;
    for (const i of [before, own]) sites[i] = { ...sites[i]!, options: { ...sites[i]!.options, unit } };
  }
}
