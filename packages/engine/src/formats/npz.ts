import { Unzip, UnzipInflate } from 'fflate';
import { EngineError } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';
import { fromHalf } from './half.js';

/** An array of a NumPy file: float32 for any floats, int32 for any whole numbers and truth values. */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Limits on a file from anywhere. A zip may claim any size, so bytes are counted as they come out. */
const MOST_ENTRIES = 10_000;
const MOST_RATIO = 1000;
const MOST_BYTES = 2 ** 31;
const MOST_HEADER = 65_536;
const MOST_AXES = 32;

/**
 * Reads a `.npz` file: a zip of `.npy` arrays, by name without the ending.
 *
 * Errors: `FORMAT` for anything that is no such file, or that unpacks to more than 1000 times its size.
 */
export function readNpz(file: Uint8Array): Readonly<Record<string, NumpyArray>> {
  const arrays = Object.create(null) as Record<string, NumpyArray>;
  const limit = Math.min(MOST_BYTES, file.length * MOST_RATIO + 65_536);
  let [entries, total] = [0, 0];
  const unzip = new Unzip((entry) => {
    if (++entries > MOST_ENTRIES) fail(`an archive has at most ${MOST_ENTRIES} entries`);
    const parts: Uint8Array[] = [];
    entry.ondata = (error, part, final) => {
      if (error) fail(`"${entry.name}" is damaged: ${error.message}`);
      total += part.length;
      if (total > limit) fail(`it unpacks to more than ${limit} bytes`);
      parts.push(part);
      if (final && entry.name.endsWith('.npy'))
        arrays[entry.name.slice(0, -4)] = readNpy(joined(parts), entry.name);
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  if (file.length < 4 || file[0] !== 0x50 || file[1] !== 0x4b) fail('it does not start as a zip archive');
  try {
    unzip.push(file, true);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    fail(`the archive is damaged: ${(error as Error).message}`);
  }
  if (Object.keys(arrays).length === 0) fail('it holds no .npy array');
  return arrays;
}

/** Reads one `.npy` array: C order, little-endian numbers. */
export function readNpy(file: Uint8Array, name = 'the array'): NumpyArray {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
  if (file.length < 12 || magic.some((byte, i) => file[i] !== byte))
    fail(`${name} does not start as a .npy array`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const wide = file[6]! > 1; // version 2 on has a longer header
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (wide ? 12 : 10) + length;
  if (length > MOST_HEADER || start > file.length) fail(`${name} claims a header of ${length} bytes`);
  const header = new TextDecoder('latin1').decode(file.subarray(wide ? 12 : 10, start));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? fail(`${name} names no type of number`);
  if (/'fortran_order':\s*True/.test(header))
    fail(`${name} is in Fortran order; save it with np.ascontiguousarray`);
  const axes = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1] ?? fail(`${name} has no shape`);
  const shape = axes
    .split(',')
    .map((axis) => axis.trim())
    .filter(Boolean)
    .map(Number);
  if (shape.length > MOST_AXES) fail(`${name} has ${shape.length} axes`);
  const size = sizeOf(shape);
  const reader =
    readers[type] ?? fail(`${name} holds ${type}; float16, float32, float64, integers and bool are read`);
  if (!Number.isSafeInteger(size) || size * reader.bytes > file.length - start) {
    fail(
      `${name} claims ${size} numbers, the file has room for ${Math.floor((file.length - start) / reader.bytes)}`,
    );
  }
  const data = reader.whole ? new Int32Array(size) : new Float32Array(size);
  for (let i = 0; i < size; i++) data[i] = reader.read(view, start + i * reader.bytes);
  return { shape, data };
}

interface Reader {
  readonly bytes: number;
  readonly whole: boolean;
  readonly read: (view: DataView, at: number) => number;
}

const readers: Readonly<Record<string, Reader>> = {
  '<f4': { bytes: 4, whole: false, read: (view, at) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, whole: false, read: (view, at) => view.getFloat64(at, true) },
  '<f2': { bytes: 2, whole: false, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  '<i4': { bytes: 4, whole: true, read: (view, at) => view.getInt32(at, true) },
  '<u4': { bytes: 4, whole: true, read: (view, at) => view.getUint32(at, true) },
  '<i8': { bytes: 8, whole: true, read: (view, at) => Number(view.getBigInt64(at, true)) },
  '<u8': { bytes: 8, whole: true, read: (view, at) => Number(view.getBigUint64(at, true)) },
  '<i2': { bytes: 2, whole: true, read: (view, at) => view.getInt16(at, true) },
  '<u2': { bytes: 2, whole: true, read: (view, at) => view.getUint16(at, true) },
  '|i1': { bytes: 1, whole: true, read: (view, at) => view.getInt8(at) },
  '|u1': { bytes: 1, whole: true, read: (view, at) => view.getUint8(at) },
  '|b1': { bytes: 1, whole: true, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
};

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function fail(reason: string): never {
  throw new EngineError('FORMAT', `not a readable NumPy file: ${reason}`);
}
