import { fromBfloat, fromHalf } from '../half.js';
import type { Hdf5Bytes } from './bytes.js';

const MOST_AXES = 32;

/** What a dataset or an attribute is made of. */
export type Datatype =
  | {
      readonly kind: 'number';
      /** As NumPy calls it: `float32`. */
      readonly name: string;
      readonly size: number;
      readonly read: (view: DataView, at: number) => number;
    }
  /** Text of fixed length, padded. */
  | { readonly kind: 'text'; readonly name: string; readonly size: number }
  /** Text of any length, in a heap elsewhere. */
  | { readonly kind: 'texts'; readonly name: string; readonly size: number }
  | { readonly kind: 'other'; readonly name: string; readonly size: number };

const classes = [
  'fixed-point numbers',
  'floating-point numbers',
  'times',
  'text',
  'bit fields',
  'opaque bytes',
  'records',
  'references',
  'an enumeration',
  'lists of variable length',
  'arrays',
];

/** Reads a datatype message (HDF5 File Format Specification 3.0, IV.A.2.d). */
export function datatypeAt(file: Hdf5Bytes, at: number, depth = 0): Datatype {
  const kind = file.u8(at) & 15;
  const bits = file.unsigned(at + 1, 3);
  const size = file.u32(at + 4);
  const other: Datatype = { kind: 'other', name: classes[kind] ?? `class ${kind}`, size };
  const little = (bits & 1) === 0;
  switch (kind) {
    case 0: {
      const isWhole = file.u16(at + 8) === 0 && file.u16(at + 10) === 8 * size;
      return isWhole ? (fixed(size, (bits & 8) !== 0, little) ?? other) : other;
    }
    case 1: {
      const layout = [file.u16(at + 8), file.u16(at + 10), ...[12, 13, 14, 15].map((i) => file.u8(at + i))];
      return bits & 0x40 ? other : (floating(size, layout.join(), file.u32(at + 16), little) ?? other);
    }
    case 3:
      return { kind: 'text', name: 'text', size };
    case 8: // what its names stand for: h5py writes truth values so
      return depth === 0 ? datatypeAt(file, at + 8, 1) : other;
    case 9:
      return (bits & 15) === 1 && size === 16 ? { kind: 'texts', name: 'text', size } : other;
    default:
      return other;
  }
}

function fixed(size: number, isSigned: boolean, little: boolean): Datatype | null {
  const reads: Readonly<Record<string, (view: DataView, at: number) => number>> = {
    int1: (view, at) => view.getInt8(at),
    int2: (view, at) => view.getInt16(at, little),
    int4: (view, at) => view.getInt32(at, little),
    int8: (view, at) => Number(view.getBigInt64(at, little)),
    uint1: (view, at) => view.getUint8(at),
    uint2: (view, at) => view.getUint16(at, little),
    uint4: (view, at) => view.getUint32(at, little),
    uint8: (view, at) => Number(view.getBigUint64(at, little)),
  };
  const sign = isSigned ? 'int' : 'uint';
  const read = reads[`${sign}${size}`];
  return read ? { kind: 'number', name: `${sign}${8 * size}`, size, read } : null;
}

/** IEEE 754 by where its bits are: offset, precision, exponent at, exponent bits, mantissa at, mantissa bits. */
function floating(size: number, layout: string, bias: number, little: boolean): Datatype | null {
  const made = (name: string, read: (view: DataView, at: number) => number): Datatype => ({
    kind: 'number',
    name: little ? name : `${name} (big-endian)`,
    size,
    read,
  });
  switch (`${size}:${layout}:${bias}`) {
    case '4:0,32,23,8,0,23:127':
      return made('float32', (view, at) => view.getFloat32(at, little));
    case '8:0,64,52,11,0,52:1023':
      return made('float64', (view, at) => view.getFloat64(at, little));
    case '2:0,16,10,5,0,10:15':
      return made('float16', (view, at) => fromHalf(view.getUint16(at, little)));
    case '2:0,16,7,8,0,7:127':
      return made('bfloat16', (view, at) => fromBfloat(view.getUint16(at, little)));
    default:
      return null;
  }
}

/** bfloat16 in bytes that HDF5 has no type for: h5py writes it as opaque, Keras says so in an attribute. */
export const opaqueBfloat16: Datatype = {
  kind: 'number',
  name: 'bfloat16',
  size: 2,
  read: (view, at) => fromBfloat(view.getUint16(at, true)),
};

/** Lengths of the axes in a dataspace message; null where it holds nothing at all (IV.A.2.b). */
export function dataspaceAt(file: Hdf5Bytes, at: number): readonly number[] | null {
  const [version, rank] = [file.u8(at), file.u8(at + 1)];
  if (version !== 1 && version !== 2) file.fail(`a shape has version ${version}; 1 and 2 are read`);
  if (rank > MOST_AXES) file.fail(`a shape has ${rank} axes`);
  if (version === 2 && file.u8(at + 3) === 2) return null;
  const start = at + (version === 1 ? 8 : 4);
  return Array.from({ length: rank }, (_, axis) => file.u64(start + 8 * axis));
}
