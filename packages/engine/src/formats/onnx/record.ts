import { splitActivation } from '../../activations/activation.js';
import { EngineError } from '../../core/errors.js';
import type { Scope } from '../../core/scope.js';
import { sizeOf } from '../../core/shape.js';
import { type Tensor, ownerOf } from '../../core/tensor.js';
import { stridesOf } from '../../ops/strides.js';
import { type View, viewOp } from '../../ops/view.js';
import { graphAttribute, int, viewOf } from './args.js';
import { type Constant, type ExternalFiles, integers, isFloatType, readConstant } from './constant.js';
import { type Network, NodeContext, type Value, isConstant } from './context.js';
import { GraphEditor, type GraphEdits } from './edits.js';
import { foldNode } from './fold.js';
import { nodeName, orderGraph } from './graph.js';
import { AttentionSites, addPairs } from './groups.js';
import { nodes as recorders } from './nodes/index.js';
import { mergedNodes } from './nodes/merged.js';
import { fillAnew, fillFromFile } from './parameters.js';
import { type ImportOptions, checkSize, otherInput } from './ports.js';
import type { GraphProto, NodeProto, ValueProto } from './proto.js';
import { MERGED, type Rewritten } from './rewrite.js';

/** A recording of the graph: what the names in the file became. */
export interface RecordedGraph {
  readonly output: Tensor;
  readonly values: ReadonlyMap<string, Value>;
  /** Values inside of merged patterns, which have no tensor of their own: name → the pattern's output. */
  readonly within: ReadonlyMap<string, string>;
  /** Activations that an edit put a skip around: node → name of the value that is added. */
  readonly skips: ReadonlyMap<string, string>;
}

export interface Job {
  readonly graph: GraphProto;
  readonly rewritten: Rewritten;
  readonly constants: ReadonlyMap<string, Constant>;
  readonly externals: ExternalFiles;
  readonly opset: number;
  readonly producer: string;
  readonly ports: readonly ValueProto[];
  /** Name of the input that data flows in by. */
  readonly input: string;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly scope: Scope;
  readonly options: ImportOptions;
  readonly edits: GraphEdits;
}

export function recordGraph(job: Job): Omit<RecordedGraph, 'output'> {
  const { options, scope, edits } = job;
  const network: Network = {
    recording: scope.recording,
    files: job.externals,
    version: job.opset,
    fillParameter:
      edits.init !== undefined ? fillAnew(edits.init) : options.reinit ? fillAnew('heNormal') : fillFromFile,
    isTrained: (constant) => isTrained(constant, job.producer),
    weights: new Map(),
    batchStatistics: edits.batchStatistics ?? options.batchStatistics ?? 'asExported',
    swap: (fn) => (edits.swap && edits.swap.from === fn ? splitActivation(edits.swap.to) : null),
    read: namesRead(job),
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

function namesRead({ rewritten, graph, options }: Job): ReadonlySet<string> {
  const outputs = [...graph.outputs.map(({ name }) => name), options.output ?? ''];
  const read = new Set(outputs);
  const note = (nodes: readonly NodeProto[]) => {
    for (const { inputs, attributes } of nodes) {
      for (const name of inputs) read.add(name);
      // A branch may be written out, so what is read within it is read.
      for (const { graph: inner } of attributes.values()) {
        if (!inner) continue;
        note(inner.nodes);
        for (const { name } of inner.outputs) read.add(name);
      }
    }
  };
  note(rewritten.nodes);
  read.delete('');
  return read;
}

/**
 * An initializer is trained where any numbers may stand, unless it is a single number of the exporter's making or a
 * mask: 0 where something may pass, a large negative number or −∞ where not.
 */
function isTrained({ name, type, shape, data }: Constant, producer: string): boolean {
  if (name === null || !isFloatType(type)) return false;
  if (shape.length === 0) return isNamedByHand(name, producer);
  let low = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value === -Infinity) return false;
    low = Math.min(low, value);
  }
  return low > -100 || !data.every((value) => value === 0 || value <= -100);
}

/**
 * Whether a single number has the name of a parameter: a path (`block.scale`), or with PyTorch a plain word
 * (`logit_scale`), where exporters number their own (`val_3`, `onnx::Mul_7`) or name them after an operator
 * (`scalar_tensor_default`).
 */
function isNamedByHand(name: string, producer: string): boolean {
  if (/^(onnx::|val_)/.test(name)) return false;
  if (/^[A-Za-z_]\w*(\.\w+)+$/.test(name)) return true;
  return (
    producer === 'pytorch' &&
    /^[A-Za-z][A-Za-z_]*$/.test(name) &&
    !/^(c|const|lift|scalar)_|_(cast|copy|default)$/.test(name)
  );
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

export function missing(node: NodeProto, input: string): never {
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
      if (c.network.isTrained(input)) names.add(input.name!);
      continue;
    }
    const own = weights.get(input);
    if (!own) return;
    for (const name of own) names.add(name);
  }
  if (names.size === 0) return;
  for (const output of outputs) if (!isConstant(output)) weights.set(output, [...names]);
}
