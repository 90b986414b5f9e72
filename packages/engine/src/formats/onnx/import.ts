import { EngineError } from '../../core/errors.js';
import type { Recording, Scope } from '../../core/scope.js';
import { type Tensor, ownerOf } from '../../core/tensor.js';
import { type Constant, type ExternalFiles, isFloatType, readConstant } from './constant.js';
import { type Value, isConstant } from './context.js';
import { recordAlone } from './alone.js';
import type { GraphEdits } from './edits.js';
import { type TrainedTensor, exportOnnx } from './export.js';
import { inlineFunctions, orderGraph } from './graph.js';
import { type OutlineNode, outlineOf } from './outline.js';
import { type ImportOptions, type Port, choosePort, describePort } from './ports.js';
import { type GraphProto, type ModelProto, type NodeProto, readModel } from './proto.js';
import { type Job, type RecordedGraph, recordGraph } from './record.js';
import { rewrite } from './rewrite.js';
import { type MissingOp, missingOps, showMissing } from './support.js';
import { untieParameters } from './untie.js';

/** A model (a file's bytes, or what another format's reader made of its file) and the files beside it, by name. */
export interface OnnxFiles {
  readonly model: Uint8Array | ModelProto;
  readonly name?: string;
  readonly externals?: ExternalFiles;
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
  /** What is recorded: the nodes in order, exporters' patterns merged, and the files that they may name. */
  readonly source: { readonly nodes: readonly NodeProto[]; readonly files: ExternalFiles };
  /** Records the graph on `input`; adds its sites and parameters to the scope's recording. */
  readonly record: (input: Tensor, scope: Scope, edits?: GraphEdits) => RecordedGraph;
  /** Records the graph on any of its inputs; what is absent is taken from the options or is zero. */
  readonly recordAll: (
    inputs: ReadonlyMap<string, Value>,
    scope: Scope,
    edits?: GraphEdits,
  ) => Omit<RecordedGraph, 'output'>;
  /** The nodes that data flows through. */
  readonly outline: () => readonly OutlineNode[];
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
  const graph = untieParameters(inlineFunctions(model), externals);
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
  const { producer } = model;
  const job = {
    graph,
    rewritten,
    constants,
    externals,
    opset,
    producer,
    ports,
    options,
    input: input.name,
  };
  const network: ImportedNetwork = {
    name: files.name ?? graph.name,
    producer,
    opset,
    input,
    output,
    outputs: graph.outputs.map(({ name }) => name),
    nodes: ordered.nodes.length,
    source: { nodes: rewritten.nodes, files: externals },
    record: (tensor, scope, edits = {}) => {
      const before = scope.recording.sites.length;
      const recorded = recordGraph({ ...job, inputs: new Map([[input.name, tensor]]), scope, edits });
      const found = outputOf(recorded.values, output, job);
      dropUnread(scope.recording, before, found);
      return { ...recorded, output: found };
    },
    recordAll: (inputs, scope, edits = {}) => recordGraph({ ...job, inputs, scope, edits }),
    outline: () =>
      outlineOf(
        input,
        rewritten,
        recordAlone(network).values,
        new Map(
          [...constants].flatMap(([name, { type, data }]) =>
            isFloatType(type) ? [[name, data.length]] : [],
          ),
        ),
      ),
    write: (weights, edits = {}, skips = new Map()) =>
      exportOnnx({ ...model, graph }, rewritten, weights, edits, skips),
  };
  return network;
}

/** The ops of a model that cannot be trained here; empty where all can. Records nothing. */
export function missingOpsOf(files: OnnxFiles): readonly MissingOp[] {
  return missingOps(orderGraph(inlineFunctions(modelOf(files))).nodes);
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

/**
 * Drops the sites, from the `from`-th on, that the output does not depend on: the states that a recurrent network hands
 * back beside its answer. The loss has no gradient there that could vanish.
 */
function dropUnread({ graph, sites }: Recording, from: number, output: Tensor): void {
  const needed = new Set<Tensor>([ownerOf(output)]);
  for (const { inputs, outputs } of graph.records.toReversed()) {
    if (!outputs.some((made) => needed.has(made))) continue;
    for (const made of outputs) needed.add(made);
    for (const input of inputs) needed.add(ownerOf(input));
  }
  const kept = sites.slice(from).filter((site) => needed.has(ownerOf(site.output)));
  sites.splice(from, sites.length, ...kept);
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
