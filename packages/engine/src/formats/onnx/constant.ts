import { EngineError } from '../../core/errors.js';
import { showShape, sizeOf, type Shape } from '../../core/shape.js';
import { fromBfloat, fromHalf } from '../half.js';
import type { TensorProto } from './proto.js';

/** TensorProto.DataType. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;
export const DOUBLE = 11;
/** Types of 16 bits a number, and how these are read. */
const halves: Readonly<Record<number, (bits: number) => number>> = { 10: fromHalf, 16: fromBfloat };

/** Numbers known before anything runs: an initializer, a Constant node, or what was computed from those. */
export interface Constant {
  readonly kind: 'constant';
  readonly shape: Shape;
  /** TensorProto.DataType. */
  readonly type: number;
  /** Floats as float32, all others (integers up to 2⁵³, booleans, doubles) as float64. */
  readonly data: Float32Array | Float64Array;
  /** The initializer that it is, where it is one: it may be a parameter. */
  readonly name: string | null;
}

/** What the name of each data type is, for messages. */
const typeNames: Readonly<Record<number, string>> = {
  1: 'float',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'double',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
};

export function typeName(type: number): string {
  return typeNames[type] ?? `type ${type}`;
}

export function isFloatType(type: number): boolean {
  return type === FLOAT || type === DOUBLE || type in halves;
}

/** Bytes of one number. */
const widths: Readonly<Record<number, number>> = {
  1: 4,
  2: 1,
  3: 1,
  4: 2,
  5: 2,
  6: 4,
  7: 8,
  9: 1,
  10: 2,
  11: 8,
  12: 4,
  13: 8,
  16: 2,
};

/** Most numbers in one tensor: what WebAssembly can address. */
const MAX_NUMBERS = 2 ** 30;

/** Files that hold a model's weights, by name: only what was given beside the model, never a path. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/** Decodes a tensor. `limit` bounds what a broken file can make it allocate: the bytes that were given. */
export function readConstant(proto: TensorProto, files: ExternalFiles, name: string | null = null): Constant {
  const where = proto.name ? `tensor "${proto.name}"` : 'a tensor';
  const width = widths[proto.dataType];
  if (width === undefined || proto.strings > 0) {
    throw new EngineError(
      'UNSUPPORTED',
      `${where} holds ${typeName(proto.dataType)}; networks of numbers are read, no text or complex numbers`,
    );
  }
  let size = 1;
  for (const length of proto.dims) {
    if (!(length >= 0)) throw new EngineError('FORMAT', `${where} has an axis of ${length}`);
    size *= length;
    if (size > MAX_NUMBERS)
      throw new EngineError(
        'FORMAT',
        `${where} would have ${showShape(proto.dims)} numbers, more than fit in memory`,
      );
  }
  const shape = [...proto.dims];
  const raw = proto.isExternal || proto.external.size > 0 ? externalBytes(proto, files, where) : proto.raw;
  if (raw) {
    if (raw.length !== size * width) {
      throw new EngineError(
        'FORMAT',
        `${where} of shape ${showShape(shape)} needs ${size * width} bytes, the file has ${raw.length}`,
      );
    }
    return {
      kind: 'constant',
      shape,
      type: normal(proto.dataType),
      data: decode(raw, proto.dataType, size),
      name,
    };
  }
  if (proto.numbers.length !== size) {
    throw new EngineError(
      'FORMAT',
      `${where} of shape ${showShape(shape)} needs ${size} numbers, the file has ${proto.numbers.length}`,
    );
  }
  // Half floats travel as the bits of integers in a typed list.
  const half = halves[proto.dataType];
  const values = half ? proto.numbers.map((bits) => half(bits)) : proto.numbers;
  return { kind: 'constant', shape, type: normal(proto.dataType), data: store(values, proto.dataType), name };
}

/** Half floats are read into floats. */
function normal(type: number): number {
  return type in halves ? FLOAT : type;
}

function store(values: readonly number[], type: number): Float32Array | Float64Array {
  return normal(type) === FLOAT ? Float32Array.from(values) : Float64Array.from(values);
}

function externalBytes(proto: TensorProto, files: ExternalFiles, where: string): Uint8Array {
  const location = proto.external.get('location') ?? '';
  const file = files.get(location);
  if (!file) {
    throw new EngineError(
      'FORMAT',
      `${where} is stored in "${location}", which was not given; open the model together with that file (only files beside it are read, by name)`,
    );
  }
  const number = (key: string, fallback: number) => {
    const text = proto.external.get(key);
    if (text === undefined) return fallback;
    if (!/^\d{1,15}$/.test(text))
      throw new EngineError(
        'FORMAT',
        `${where}: ${key} "${text.slice(0, 40)}" in "${location}" is no number`,
      );
    return Number(text);
  };
  const offset = number('offset', 0);
  const length = number('length', file.length - offset);
  if (offset + length > file.length || length < 0) {
    throw new EngineError(
      'FORMAT',
      `${where} is at bytes ${offset} to ${offset + length} of "${location}", which has ${file.length}`,
    );
  }
  return file.subarray(offset, offset + length);
}

function decode(raw: Uint8Array, type: number, size: number): Float32Array | Float64Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (type === FLOAT) {
    if (raw.byteOffset % 4 === 0) return new Float32Array(raw.buffer, raw.byteOffset, size);
    return new Float32Array(raw.slice().buffer);
  }
  const half = halves[type];
  if (half) return Float32Array.from({ length: size }, (_, i) => half(view.getUint16(2 * i, true)));
  const read: (i: number) => number =
    type === 2 || type === 9
      ? (i) => raw[i]!
      : type === 3
        ? (i) => view.getInt8(i)
        : type === 4
          ? (i) => view.getUint16(2 * i, true)
          : type === 5
            ? (i) => view.getInt16(2 * i, true)
            : type === INT32
              ? (i) => view.getInt32(4 * i, true)
              : type === 12
                ? (i) => view.getUint32(4 * i, true)
                : type === DOUBLE
                  ? (i) => view.getFloat64(8 * i, true)
                  : type === 13
                    ? (i) => view.getUint32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true)
                    : (i) => view.getInt32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true);
  const numbers = new Float64Array(size);
  for (let i = 0; i < size; i++) numbers[i] = read(i);
  return numbers;
}

/** A constant made of numbers; floats are rounded to float32. */
export function constantOf(shape: Shape, type: number, values: ArrayLike<number>): Constant {
  const data = type === FLOAT ? Float32Array.from(values) : Float64Array.from(values);
  if (data.length !== sizeOf(shape)) {
    throw new EngineError('INTERNAL', `${data.length} numbers for a constant of shape ${showShape(shape)}`);
  }
  return { kind: 'constant', shape: [...shape], type, data, name: null };
}

/** A list of integers as a constant of one axis. */
export function integers(values: readonly number[]): Constant {
  return constantOf([values.length], INT64, values);
}
