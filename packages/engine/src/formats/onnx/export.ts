import { splitActivation } from '../../activations/activation.js';
import { EngineError } from '../../core/errors.js';
import { sizeOf, type Shape } from '../../core/shape.js';
import type { GraphEdits } from './edits.js';
import { nodeName } from './graph.js';
import type { ModelProto, NodeProto, TensorProto } from './proto.js';
import { attribute, type Rewritten } from './rewrite.js';
import { writeModel } from './write.js';

/** A parameter's numbers after training. */
export interface TrainedTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Ops of activations that can stand in for each other: the shelf's id → ONNX's op and attributes. */
const activationOps: Readonly<
  Record<string, readonly [op: string, attributes: Readonly<Record<string, number>>]>
> = {
  relu: ['Relu', {}],
  sigmoid: ['Sigmoid', {}],
  tanh: ['Tanh', {}],
  leakyRelu: ['LeakyRelu', { alpha: 0.01 }],
  elu: ['Elu', { alpha: 1 }],
  selu: ['Selu', {}],
  celu: ['Celu', { alpha: 1 }],
  gelu: ['Gelu', {}],
  softplus: ['Softplus', {}],
  softsign: ['Softsign', {}],
  hardSigmoid: ['HardSigmoid', { alpha: 1 / 6, beta: 0.5 }],
  hardSwish: ['HardSwish', {}],
  mish: ['Mish', {}],
};

/** Operator set that knows all of them (Gelu came with 20). */
const OPSET = 20;

/**
 * Writes a network as ONNX: the file's nodes with its edits made, and the weights that training left.
 *
 * `weights` are the parameters and running statistics by name. `edits` are those that it was recorded with: exchanged
 * activations become other nodes, inserted norms and skips nodes of their own. All other names stay.
 *
 * Errors: `UNSUPPORTED` where an activation has no ONNX operator.
 */
export function exportOnnx(
  model: ModelProto,
  { merged }: Rewritten,
  weights: ReadonlyMap<string, TrainedTensor>,
  edits: GraphEdits,
  skips: ReadonlyMap<string, string>,
): Uint8Array {
  const graph = model.graph!;
  const initializers = graph.initializers.map((tensor) => trained(tensor, weights));
  let nodes = graph.nodes.map((node) => withTrainedConstant(node, weights));
  if (edits.swap) nodes = swapActivations(nodes, graph.nodes, merged, edits.swap);
  if (edits.norm || edits.skip) {
    const added = insert(nodes, weights, skips);
    nodes = added.nodes;
    initializers.push(...added.initializers);
  }
  const own = model.opsets.get('') ?? OPSET;
  const opset = edits.swap || edits.norm ? Math.max(OPSET, own) : own;
  const opsets = new Map([...model.opsets, ['', opset] as const]);
  return writeModel({
    ...model,
    irVersion: Math.max(model.irVersion, 8),
    opsets,
    graph: { ...graph, nodes, initializers },
  });
}

function tensorOf(name: string, { shape, data }: TrainedTensor): TensorProto {
  const raw = new Uint8Array(
    data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer,
  );
  return {
    name,
    dims: [...shape],
    dataType: 1,
    raw,
    numbers: [],
    external: new Map(),
    isExternal: false,
    strings: 0,
  };
}

function trained(tensor: TensorProto, weights: ReadonlyMap<string, TrainedTensor>): TensorProto {
  const found = weights.get(tensor.name);
  if (found && found.data.length === sizeOf(tensor.dims))
    return tensorOf(tensor.name, { ...found, shape: tensor.dims });
  if (tensor.isExternal || tensor.external.size > 0) {
    throw new EngineError(
      'FORMAT',
      `the weight "${tensor.name}" lies in another file and was not read; nothing can be exported`,
    );
  }
  return tensor;
}

/** Weights that a file keeps as Constant nodes. */
function withTrainedConstant(node: NodeProto, weights: ReadonlyMap<string, TrainedTensor>): NodeProto {
  const found = node.opType === 'Constant' ? weights.get(node.outputs[0]!) : undefined;
  const value = node.attributes.get('value');
  if (!found || !value?.tensor) return node;
  const tensor = tensorOf(value.tensor.name, { ...found, shape: value.tensor.dims });
  return { ...node, attributes: new Map([...node.attributes, ['value', { ...value, tensor }]]) };
}

/** The shelf's id of the activation that a node is. `Silu` is a merged node: ONNX spells it out. */
function idOf(opType: string): string | undefined {
  if (opType === 'Silu') return 'silu';
  return Object.entries(activationOps).find(([, [op]]) => op === opType)?.[0];
}

/** Nodes that are the activation, or spell it out together, give way to one of the other. */
function swapActivations(
  nodes: readonly NodeProto[],
  originals: readonly NodeProto[],
  merged: Rewritten['merged'],
  { from, to }: NonNullable<GraphEdits['swap']>,
): NodeProto[] {
  const { fn } = splitActivation(to);
  const target = Object.hasOwn(activationOps, fn) ? activationOps[fn] : undefined;
  if (!target) {
    throw new EngineError(
      'UNSUPPORTED',
      `the activation ${fn} has no ONNX operator; export safetensors or PyTorch instead`,
    );
  }
  const attributes = new Map(Object.entries(target[1]).map(([key, value]) => [key, attribute(key, value)]));
  const swapped = (node: NodeProto): NodeProto => ({ ...node, domain: '', opType: target[0], attributes });
  const replaced = new Map<NodeProto, NodeProto | null>();
  for (const [made, parts] of merged) {
    if (idOf(made.opType) !== from) continue;
    for (const part of parts) replaced.set(part, null);
    replaced.set(parts.at(-1)!, swapped(made));
  }
  return nodes.flatMap((node, i) => {
    const found = replaced.get(originals[i]!);
    if (found !== undefined) return found ? [found] : [];
    return node.domain === '' && idOf(node.opType) === from ? [swapped(node)] : [node];
  });
}

/** Norms and skips as nodes, where the recorder has put them: a norm's weights say where, `skips` where the others. */
function insert(
  nodes: readonly NodeProto[],
  weights: ReadonlyMap<string, TrainedTensor>,
  skips: ReadonlyMap<string, string>,
): { nodes: NodeProto[]; initializers: TensorProto[] } {
  const initializers: TensorProto[] = [];
  const renamed = new Map<string, string>();
  const rename = (name: string) => renamed.get(name) ?? name;
  const made = nodes.flatMap((node): NodeProto[] => {
    const own = { ...node, inputs: node.inputs.map(rename) };
    const [output] = node.outputs as [string];
    const name = `${nodeName(node)}/norm`;
    const scale = weights.get(`${name}/weight`);
    if (scale) {
      const isBatch = weights.has(`${name}/running_mean`);
      const names = (isBatch ? ['weight', 'bias', 'running_mean', 'running_var'] : ['weight', 'bias']).map(
        (part) => `${name}/${part}`,
      );
      for (const part of names) initializers.push(tensorOf(part, weights.get(part)!));
      const attributes = isBatch ? { epsilon: 1e-5 } : { epsilon: 1e-5, axis: -scale.shape.length };
      renamed.set(output, name);
      return [
        own,
        nodeOf(name, isBatch ? 'BatchNormalization' : 'LayerNormalization', [output, ...names], attributes),
      ];
    }
    const added = skips.get(nodeName(node));
    if (added === undefined) return [own];
    const skip = `${nodeName(node)}/skip`;
    const source = rename(added);
    renamed.set(output, skip);
    return [own, nodeOf(skip, 'Add', [source, output], {})];
  });
  return { nodes: made, initializers };
}

function nodeOf(
  name: string,
  opType: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, number>>,
): NodeProto {
  return {
    name,
    opType,
    domain: '',
    inputs: [...inputs],
    outputs: [name],
    attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, attribute(key, value)])),
  };
}
