import { EngineError } from '../../core/errors.js';
import { WireReader, type WireType } from './wire.js';

// onnx.proto as plain data: only what a network needs. Field numbers: github.com/onnx/onnx, onnx/onnx.proto.

/** A tensor as the file stores it; numbers are decoded when they are asked for. */
export interface TensorProto {
  name: string;
  readonly dims: number[];
  /** TensorProto.DataType: 1 float, 7 int64, … */
  dataType: number;
  /** raw_data; float_data and double_data too where they are packed, as they are stored alike. */
  raw: Uint8Array | null;
  /** The other typed lists. */
  readonly numbers: number[];
  /** Keys `location`, `offset`, `length` where the numbers are in another file. */
  readonly external: Map<string, string>;
  isExternal: boolean;
  strings: number;
}

export interface AttributeProto {
  name: string;
  float: number;
  int: number;
  bytes: Uint8Array | null;
  tensor: TensorProto | null;
  graph: GraphProto | null;
  readonly floats: number[];
  readonly ints: number[];
  readonly strings: Uint8Array[];
  /** AttributeProto.AttributeType, or 0 where the file does not say. */
  type: number;
  /** Name of the function's attribute that it stands for; empty outside functions. */
  reference: string;
}

export interface NodeProto {
  readonly inputs: string[];
  readonly outputs: string[];
  name: string;
  opType: string;
  domain: string;
  readonly attributes: Map<string, AttributeProto>;
  /** Path of the module that it comes from, where PyTorch's exporter says so. */
  scope?: string;
}

/** A graph's input, output or inner value: type and dimensions (a number, a name, or unknown). */
export interface ValueProto {
  name: string;
  elementType: number;
  dims: (number | string | null)[] | null;
}

export interface GraphProto {
  name: string;
  readonly nodes: NodeProto[];
  readonly initializers: TensorProto[];
  readonly inputs: ValueProto[];
  readonly outputs: ValueProto[];
  /** Sparse initializers, which are not read. */
  sparse: number;
}

/** A function defined in the file: a name for a list of nodes. */
export interface FunctionProto {
  name: string;
  domain: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly nodes: NodeProto[];
}

export interface ModelProto {
  irVersion: number;
  producer: string;
  /** Version of each operator set, by domain; `''` is ONNX's own. */
  readonly opsets: Map<string, number>;
  graph: GraphProto | null;
  readonly functions: FunctionProto[];
}

/** Most axes of a tensor. */
const MAX_AXES = 32;

type Visit = (field: number, type: WireType, reader: WireReader) => boolean;

/** Walks a message's fields with a table of what to do with each; others are skipped. */
function walk(reader: WireReader, visit: Visit): void {
  reader.fields((field, type) => visit(field, type, reader));
}

/** Reads a model; throws `FORMAT` where the bytes are not one. */
export function readModel(bytes: Uint8Array): ModelProto {
  const model: ModelProto = { irVersion: 0, producer: '', opsets: new Map(), graph: null, functions: [] };
  walk(new WireReader(bytes), (field, type, r) => {
    if (field === 1 && type === 0) model.irVersion = r.int64();
    else if (field === 2 && type === 2) model.producer = r.text();
    else if (field === 7 && type === 2) model.graph = r.message(readGraph);
    else if (field === 8 && type === 2) {
      const { domain, version } = r.message(readOpset);
      model.opsets.set(domain === 'ai.onnx' ? '' : domain, version);
    } else if (field === 25 && type === 2) model.functions.push(r.message(readFunction));
    else return false;
    return true;
  });
  if (!model.graph) {
    throw new EngineError(
      'FORMAT',
      'not an ONNX model: there is no graph in it; expected a file written by an ONNX exporter',
    );
  }
  return model;
}

function readOpset(reader: WireReader): { domain: string; version: number } {
  const opset = { domain: '', version: 0 };
  walk(reader, (field, type, r) => {
    if (field === 1 && type === 2) opset.domain = r.text();
    else if (field === 2 && type === 0) opset.version = r.int64();
    else return false;
    return true;
  });
  return opset;
}

function readGraph(reader: WireReader): GraphProto {
  const graph: GraphProto = { name: '', nodes: [], initializers: [], inputs: [], outputs: [], sparse: 0 };
  walk(reader, (field, type, r) => {
    if (type !== 2) return false;
    if (field === 1) graph.nodes.push(r.message(readNode));
    else if (field === 2) graph.name = r.text();
    else if (field === 5) graph.initializers.push(r.message(readTensor));
    else if (field === 11) graph.inputs.push(r.message(readValue));
    else if (field === 12) graph.outputs.push(r.message(readValue));
    else if (field === 15) {
      graph.sparse++;
      return false;
    } else return false;
    return true;
  });
  return graph;
}

function readNode(reader: WireReader): NodeProto {
  const node: NodeProto = {
    inputs: [],
    outputs: [],
    name: '',
    opType: '',
    domain: '',
    attributes: new Map(),
  };
  walk(reader, (field, type, r) => {
    if (type !== 2) return false;
    if (field === 1) node.inputs.push(r.text());
    else if (field === 2) node.outputs.push(r.text());
    else if (field === 3) node.name = r.text();
    else if (field === 4) node.opType = r.text();
    else if (field === 5) {
      const attribute = r.message(readAttribute);
      node.attributes.set(attribute.name, attribute);
    } else if (field === 7) node.domain = r.text();
    else if (field === 9) {
      const scope = r.message(readScope);
      if (scope !== null) node.scope = scope;
    } else return false;
    return true;
  });
  if (node.domain === 'ai.onnx') node.domain = '';
  return node;
}

/**
 * The module of a node, from its metadata: `['', 'blocks.0', 'blocks.0.norm', 'layer_norm']` names the modules around
 * it and then itself. Null for other metadata, which is not even decoded.
 */
function readScope(reader: WireReader): string | null {
  let key = '';
  let scope: string | null = null;
  walk(reader, (field, type, r) => {
    if (field === 1 && type === 2) key = r.text();
    else if (field === 2 && type === 2 && key === 'pkg.torch.onnx.name_scopes')
      scope = [...r.text().matchAll(/'([^']*)'/g)].at(-2)?.[1] ?? null;
    else return false;
    return true;
  });
  return scope;
}

function readAttribute(reader: WireReader): AttributeProto {
  const attribute: AttributeProto = {
    name: '',
    float: 0,
    int: 0,
    bytes: null,
    tensor: null,
    graph: null,
    floats: [],
    ints: [],
    strings: [],
    type: 0,
    reference: '',
  };
  walk(reader, (field, type, r) => {
    if (field === 1 && type === 2) attribute.name = r.text();
    else if (field === 2 && type === 5) attribute.float = r.float();
    else if (field === 3 && type === 0) attribute.int = r.int64();
    else if (field === 4 && type === 2) attribute.bytes = r.chunk();
    else if (field === 5 && type === 2) attribute.tensor = r.message(readTensor);
    else if (field === 6 && type === 2) attribute.graph = r.message(readGraph);
    else if (field === 7 && (type === 2 || type === 5)) r.numbers(type, attribute.floats, 'float');
    else if (field === 8 && (type === 2 || type === 0)) r.numbers(type, attribute.ints, 'int64');
    else if (field === 9 && type === 2) attribute.strings.push(r.chunk());
    else if (field === 20 && type === 0) attribute.type = r.int64();
    else if (field === 21 && type === 2) attribute.reference = r.text();
    else return false;
    return true;
  });
  return attribute;
}

/** Reads one tensor; also a whole file of one (ONNX's test data). */
export function readTensor(reader: WireReader): TensorProto {
  const tensor: TensorProto = {
    name: '',
    dims: [],
    dataType: 0,
    raw: null,
    numbers: [],
    external: new Map(),
    isExternal: false,
    strings: 0,
  };
  walk(reader, (field, type, r) => {
    if (field === 1 && (type === 0 || type === 2)) r.numbers(type, tensor.dims, 'int64', MAX_AXES);
    else if (field === 2 && type === 0) tensor.dataType = r.int64();
    else if ((field === 4 || field === 10 || field === 9) && type === 2) {
      const part = r.chunk();
      tensor.raw = tensor.raw ? join(tensor.raw, part) : part;
    } else if (field === 4 && type === 5) r.numbers(type, tensor.numbers, 'float');
    else if ((field === 5 || field === 7 || field === 11) && (type === 2 || type === 0)) {
      r.numbers(type, tensor.numbers, 'int64');
    } else if (field === 10 && type === 1) r.numbers(type, tensor.numbers, 'double');
    else if (field === 6 && type === 2) {
      tensor.strings++;
      return false;
    } else if (field === 8 && type === 2) tensor.name = r.text();
    else if (field === 13 && type === 2) {
      const { key, value } = r.message(readEntry);
      tensor.external.set(key, value);
    } else if (field === 14 && type === 0) tensor.isExternal = r.int64() === 1;
    else return false;
    return true;
  });
  return tensor;
}

/** A packed list that was written in parts: rare, and at most the file's size in all. */
function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  throw new EngineError('FORMAT', 'a tensor stores its numbers in several parts; export the model again');
}

function readEntry(reader: WireReader): { key: string; value: string } {
  const entry = { key: '', value: '' };
  walk(reader, (field, type, r) => {
    if (field === 1 && type === 2) entry.key = r.text();
    else if (field === 2 && type === 2) entry.value = r.text();
    else return false;
    return true;
  });
  return entry;
}

function readValue(reader: WireReader): ValueProto {
  const value: ValueProto = { name: '', elementType: 0, dims: null };
  walk(reader, (field, type, r) => {
    if (field === 1 && type === 2) value.name = r.text();
    else if (field === 2 && type === 2) r.message((inner) => readType(inner, value));
    else return false;
    return true;
  });
  return value;
}

function readType(reader: WireReader, value: ValueProto): void {
  walk(reader, (field, type, r) => {
    if (field !== 1 || type !== 2) return false; // sequences, maps and optionals stay without a type
    r.message((tensor) =>
      walk(tensor, (inner, innerType, t) => {
        if (inner === 1 && innerType === 0) value.elementType = t.int64();
        else if (inner === 2 && innerType === 2) value.dims = t.message(readShape);
        else return false;
        return true;
      }),
    );
    return true;
  });
}

function readShape(reader: WireReader): (number | string | null)[] {
  const dims: (number | string | null)[] = [];
  walk(reader, (field, type, r) => {
    if (field !== 1 || type !== 2) return false;
    if (dims.length >= MAX_AXES) throw new EngineError('FORMAT', `a value has more than ${MAX_AXES} axes`);
    let dim: number | string | null = null;
    r.message((inner) =>
      walk(inner, (which, kind, d) => {
        if (which === 1 && kind === 0) dim = d.int64();
        else if (which === 2 && kind === 2) dim = d.text();
        else return false;
        return true;
      }),
    );
    dims.push(dim);
    return true;
  });
  return dims;
}

function readFunction(reader: WireReader): FunctionProto {
  const made: FunctionProto = { name: '', domain: '', inputs: [], outputs: [], nodes: [] };
  walk(reader, (field, type, r) => {
    if (type !== 2) return false;
    if (field === 1) made.name = r.text();
    else if (field === 4) made.inputs.push(r.text());
    else if (field === 5) made.outputs.push(r.text());
    else if (field === 7) made.nodes.push(r.message(readNode));
    else if (field === 10) made.domain = r.text();
    else return false;
    return true;
  });
  return made;
}
