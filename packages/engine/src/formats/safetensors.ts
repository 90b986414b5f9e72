import { EngineError } from '../core/errors.js';
import { fromBfloat, fromHalf } from './half.js';

/** Bytes of one number of each type that the format knows (and whole bytes hold). */
const sizes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type SafeType = keyof typeof sizes;

/** A tensor as it stands in a file; `bytes` is a view, little-endian. */
export interface SafeTensor {
  readonly type: SafeType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A file's tensors by name (an object without a prototype), and its notes. */
export interface SafeTensors {
  readonly tensors: Readonly<Record<string, SafeTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const MOST_HEADER = 16 * 2 ** 20;
const MOST_TENSORS = 100_000;
const MOST_AXES = 32;

/**
 * Reads a `.safetensors` file: eight bytes of length, a JSON header, the numbers.
 *
 * The file may come from anyone: sizes are checked before anything is taken, products in BigInt, and the tensors must
 * tile the data exactly, without a gap or an overlap. Nothing is copied but the names.
 *
 * Errors: FORMAT, with what is wrong.
 * Source: huggingface/safetensors, "Format".
 */
export function readSafetensors(file: Uint8Array): SafeTensors {
  if (file.length < 8) fail('the file ends within its first 8 bytes');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MOST_HEADER)) fail(`a header has at most 16 MiB, this one claims ${length} bytes`);
  const start = 8 + Number(length);
  if (start > file.length)
    fail(`the header claims ${length} bytes, the file has ${file.length - 8} after its length`);
  const header = readHeader(file.subarray(8, start));
  const data = file.subarray(start);
  const tensors = Object.create(null) as Record<string, SafeTensor>;
  const metadata = Object.create(null) as Record<string, string>;
  const spans: { name: string; begin: number; end: number }[] = [];
  const entries = Object.entries(header);
  if (entries.length > MOST_TENSORS)
    fail(`a file has at most ${MOST_TENSORS} tensors, this one has ${entries.length}`);
  for (const [name, entry] of entries) {
    if (!isMapping(entry)) fail(`the entry of "${show(name)}" is not a mapping`);
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== 'string') fail(`the note "${show(key)}" is not text`);
        metadata[key] = value;
      }
      continue;
    }
    const { type, shape, begin, end } = readEntry(name, entry, data.length);
    tensors[name] = { type, shape, bytes: data.subarray(begin, end) };
    spans.push({ name, begin, end });
  }
  checkTiling(spans, data.length);
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    fail('the header is not JSON');
  }
  if (!isMapping(header)) fail('the header is not a mapping');
  return header;
}

function readEntry(name: string, entry: Record<string, unknown>, length: number) {
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(sizes, dtype)) {
    fail(`"${show(name)}" has the type ${show(String(dtype))}; known: ${Object.keys(sizes).join(', ')}`);
  }
  if (!Array.isArray(shape) || shape.length > MOST_AXES || !shape.every(isSize)) {
    fail(`the shape of "${show(name)}" is not a list of at most ${MOST_AXES} sizes`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    fail(`the data_offsets of "${show(name)}" are not two positions`);
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > length) {
    fail(`"${show(name)}" lies at ${begin} to ${end}, the data has ${length} bytes`);
  }
  const type = dtype as SafeType;
  const wanted = (shape as number[]).reduce((product, axis) => product * BigInt(axis), BigInt(sizes[type]));
  if (wanted !== BigInt(end - begin)) {
    fail(
      `"${show(name)}" of shape [${shape.join(', ')}] and type ${type} needs ${wanted} bytes, it has ${end - begin}`,
    );
  }
  return { type, shape: shape as number[], begin, end };
}

/** Every byte of the data belongs to exactly one tensor. */
function checkTiling(spans: { name: string; begin: number; end: number }[], length: number): void {
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of spans) {
    if (begin < at) fail(`"${show(name)}" overlaps another tensor`);
    if (begin > at) fail(`bytes ${at} to ${begin} of the data belong to no tensor`);
    at = end;
  }
  if (at !== length) fail(`bytes ${at} to ${length} of the data belong to no tensor`);
}

/** A tensor's numbers as float32; whole numbers past 2²⁴ are rounded. */
export function floatsOf({ type, bytes }: SafeTensor): Float32Array {
  const count = bytes.length / sizes[type];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[type];
  const result = new Float32Array(count);
  for (let i = 0; i < count; i++) result[i] = read(view, i * sizes[type]);
  return result;
}

const readers: Readonly<Record<SafeType, (view: DataView, at: number) => number>> = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => fromHalf(view.getUint16(at, true)),
  BF16: (view, at) => fromBfloat(view.getUint16(at, true)),
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  I32: (view, at) => view.getInt32(at, true),
  I16: (view, at) => view.getInt16(at, true),
  I8: (view, at) => view.getInt8(at),
  U64: (view, at) => Number(view.getBigUint64(at, true)),
  U32: (view, at) => view.getUint32(at, true),
  U16: (view, at) => view.getUint16(at, true),
  U8: (view, at) => view.getUint8(at),
  BOOL: (view, at) => view.getUint8(at),
};

/** Tensors to be written. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** A `.safetensors` file of the tensors, in their order, float32 or int32; the data starts on a multiple of 8. */
export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header = Object.create(null) as Record<string, unknown>;
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let at = 0;
  for (const { name, shape, values } of tensors) {
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (size !== values.length) fail(`"${name}" of shape [${shape.join(', ')}] got ${values.length} numbers`);
    if (Object.hasOwn(header, name)) fail(`two tensors are called "${name}"`);
    const end = at + 4 * values.length;
    header[name] = { dtype: values instanceof Float32Array ? 'F32' : 'I32', shape, data_offsets: [at, end] };
    at = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + length + at);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(length), true);
  file.fill(0x20, 8, 8 + length); // the format pads with spaces
  file.set(json, 8);
  at = 8 + length;
  for (const { values } of tensors) {
    const floats = values instanceof Float32Array;
    for (let i = 0; i < values.length; i++, at += 4) {
      if (floats) view.setFloat32(at, values[i]!, true);
      else view.setInt32(at, values[i]!, true);
    }
  }
  return file;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A name from the file, short enough for a message. */
function show(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}…` : name;
}

function fail(reason: string): never {
  throw new EngineError('FORMAT', `safetensors: ${reason}`);
}
