import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueProto } from './proto.js';

// The wire format, written: the mirror of wire.ts and proto.ts.

/** Collects the bytes of a message; nested messages are written first, so that their lengths are known. */
class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  int(field: number, value: number): this {
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.#varint(field * 8 + 5);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#add(bytes);
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    return this.#add(value);
  }

  text(field: number, value: string): this {
    return value === '' ? this : this.bytes(field, encoder.encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.done());
  }

  done(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #add(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  /** Whole numbers up to 2⁵³, negative ones as 64-bit two's complement. */
  #varint(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(Math.trunc(value)));
    const bytes: number[] = [];
    while (rest >= 128n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.#add(Uint8Array.from([...bytes, Number(rest)]));
  }
}

const encoder = new TextEncoder();

/** Writes a model as an ONNX file. Weights go into the file itself. */
export function writeModel(model: ModelProto): Uint8Array {
  const message = new Message()
    .int(1, model.irVersion)
    .text(2, 'fuga')
    .message(7, graphMessage(model.graph!));
  for (const [domain, version] of model.opsets)
    message.message(8, new Message().text(1, domain).int(2, version));
  return message.done();
}

function graphMessage(graph: GraphProto): Message {
  const message = new Message();
  for (const node of graph.nodes) message.message(1, nodeMessage(node));
  message.text(2, graph.name || 'graph');
  for (const tensor of graph.initializers) message.message(5, tensorMessage(tensor));
  for (const value of graph.inputs) message.message(11, valueMessage(value));
  for (const value of graph.outputs) message.message(12, valueMessage(value));
  return message;
}

function nodeMessage(node: NodeProto): Message {
  const message = new Message();
  // An empty name keeps its place: it says that an input is absent.
  for (const input of node.inputs) message.bytes(1, encoder.encode(input));
  for (const output of node.outputs) message.bytes(2, encoder.encode(output));
  message.text(3, node.name).text(4, node.opType);
  for (const attribute of node.attributes.values()) message.message(5, attributeMessage(attribute));
  return message.text(7, node.domain);
}

/** AttributeProto.AttributeType of what an attribute holds. */
function typeOf(attribute: AttributeProto): number {
  if (attribute.type !== 0) return attribute.type;
  if (attribute.tensor) return 4;
  if (attribute.graph) return 5;
  if (attribute.bytes) return 3;
  if (attribute.ints.length > 0) return 7;
  if (attribute.floats.length > 0) return 6;
  if (attribute.strings.length > 0) return 8;
  return floatAttributes.has(attribute.name) ? 1 : 2;
}

/** Attributes that are single floats, where whoever made the node did not say so. */
const floatAttributes = new Set([
  'alpha',
  'beta',
  'epsilon',
  'momentum',
  'gamma',
  'ratio',
  'bias',
  'cubic_coeff_a',
  'extrapolation_value',
  'value_float',
  'lambd',
  'clip',
]);

function attributeMessage(attribute: AttributeProto): Message {
  const type = typeOf(attribute);
  const message = new Message().text(1, attribute.name);
  if (type === 1) message.float(2, attribute.float);
  else if (type === 2) message.int(3, attribute.int);
  else if (type === 3) message.bytes(4, attribute.bytes ?? new Uint8Array(0));
  else if (type === 4) message.message(5, tensorMessage(attribute.tensor!));
  else if (type === 5) message.message(6, graphMessage(attribute.graph!));
  else if (type === 6) for (const value of attribute.floats) message.float(7, value);
  else if (type === 7) for (const value of attribute.ints) message.int(8, value);
  else if (type === 8) for (const value of attribute.strings) message.bytes(9, value);
  return message.int(20, type);
}

function tensorMessage(tensor: TensorProto): Message {
  const message = new Message();
  for (const length of tensor.dims) message.int(1, length);
  message.int(2, tensor.dataType).text(8, tensor.name);
  if (tensor.raw) return message.bytes(9, tensor.raw);
  const isFloat = tensor.dataType === 1;
  for (const value of tensor.numbers) {
    if (isFloat) message.float(4, value);
    else message.int(tensor.dataType === 7 ? 7 : 5, value);
  }
  return message;
}

function valueMessage({ name, elementType, dims }: ValueProto): Message {
  const message = new Message().text(1, name);
  const tensor = new Message().int(1, elementType || 1);
  if (dims) {
    const shape = new Message();
    for (const dim of dims) {
      const axis = new Message();
      if (typeof dim === 'number') axis.int(1, dim);
      else if (dim !== null) axis.text(2, dim);
      shape.message(1, axis);
    }
    tensor.message(2, shape);
  }
  return message.message(2, new Message().message(1, tensor));
}
