import { Unzlib, unzlibSync } from 'fflate';
import { EngineError } from '../../core/errors.js';
import type { Hdf5Bytes } from './bytes.js';
import type { Message } from './messages.js';

/** A step that a chunk went through before it was written. */
export interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

const DEFLATE = 1;
const SHUFFLE = 2;
const FLETCHER32 = 3;
const names: Readonly<Record<number, string>> = {
  4: 'szip',
  5: 'nbit',
  6: 'scaleoffset',
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32015: 'zstd',
};

/** Compressed bytes that are handed over at once: at most a thousand times as many come out before they are counted. */
const STEP = 16_384;

/** Up to this many are unpacked at once, into no more room than they may take. */
const SMALL = 4096;

/** Reads a filter pipeline message (HDF5 File Format Specification 3.0, IV.A.2.l). */
export function filtersAt(file: Hdf5Bytes, { at }: Message): readonly Filter[] {
  const [version, count] = [file.u8(at), file.u8(at + 1)];
  if (version !== 1 && version !== 2) file.fail(`its filters have version ${version}; 1 and 2 are read`);
  let place = at + (version === 1 ? 8 : 2);
  return Array.from({ length: count }, () => {
    const id = file.u16(place);
    const isNamed = version === 1 || id >= 256;
    const nameSize = isNamed ? file.u16(place + 2) : 0;
    const counts = place + (isNamed ? 6 : 4);
    const length = file.u16(counts);
    place = counts + 2 + (version === 1 ? 8 * Math.ceil(nameSize / 8) : nameSize);
    file.need(place, 4 * length);
    const values = Array.from({ length }, (_, i) => file.u32(place + 4 * i));
    place += 4 * (version === 1 ? length + (length % 2) : length);
    if (id !== DEFLATE && id !== SHUFFLE && id !== FLETCHER32) {
      const name = names[id] ?? `filter ${id}`;
      throw new EngineError(
        'UNSUPPORTED',
        `${file.name} is compressed with ${name}, which is not read; save it with gzip or without compression`,
      );
    }
    return { id, values };
  });
}

/** A chunk as it was before it went through `filters`, which must give `size` bytes; bits of `mask` leave one out. */
export function unfiltered(
  file: Hdf5Bytes,
  stored: Uint8Array,
  filters: readonly Filter[],
  mask: number,
  size: number,
): Uint8Array {
  let bytes = stored;
  for (let i = filters.length - 1; i >= 0; i--) {
    if (mask & (1 << i)) continue;
    const { id, values } = filters[i]!;
    if (id === DEFLATE) bytes = inflated(file, bytes, size + 4 * filters.length);
    else if (id === SHUFFLE) bytes = unshuffled(bytes, values[0] ?? 1);
    else bytes = checked(file, bytes);
  }
  if (bytes.length !== size) file.fail(`a chunk unpacks to ${bytes.length} bytes where ${size} are needed`);
  return bytes;
}

/** At most `most` bytes of a zlib stream; what it unpacks to is counted as it comes. */
function inflated(file: Hdf5Bytes, stored: Uint8Array, most: number): Uint8Array {
  file.unpack(stored.length);
  try {
    const made =
      stored.length <= SMALL ? unzlibSync(stored, { out: new Uint8Array(most + 1) }) : streamed(stored, most);
    if (made.length <= most) return made;
  } catch (error) {
    file.fail(`a chunk is damaged: ${(error as Error).message}`);
  }
  return file.fail(`a chunk unpacks to more than ${most} bytes`);
}

/** What a long stream unpacks to, given up after `most` bytes: then one more is told. */
function streamed(stored: Uint8Array, most: number): Uint8Array {
  const made = new Uint8Array(most + 1);
  let size = 0;
  const stream = new Unzlib((part) => {
    made.set(part.subarray(0, made.length - size), size);
    size = Math.min(made.length, size + part.length);
  });
  for (let at = 0; at < stored.length && size <= most;) {
    // The last piece holds the checksum whole.
    const end = stored.length - at <= STEP + 8 ? stored.length : at + STEP;
    stream.push(stored.subarray(at, end), end === stored.length);
    at = end;
  }
  return made.subarray(0, size);
}

/** The first bytes of all numbers, then the second …: put back number by number. */
function unshuffled(bytes: Uint8Array, width: number): Uint8Array {
  if (width <= 1) return bytes;
  const count = Math.floor(bytes.length / width);
  const made = new Uint8Array(bytes.length);
  for (let byte = 0; byte < Math.min(width, bytes.length); byte++) {
    for (let i = 0; i < count; i++) made[i * width + byte] = bytes[byte * count + i]!;
  }
  made.set(bytes.subarray(count * width), count * width);
  return made;
}

/** Checks and drops Fletcher's checksum: sums of big-endian words modulo 65535 (H5_checksum_fletcher32). */
function checked(file: Hdf5Bytes, bytes: Uint8Array): Uint8Array {
  const size = bytes.length - 4;
  if (size < 0) file.fail('a chunk is shorter than its checksum');
  let [a, b] = [0, 0];
  for (let i = 0; i < size; i += 2) {
    a = (a + bytes[i]! * 256 + (i + 1 < size ? bytes[i + 1]! : 0)) % 65_535;
    b = (b + a) % 65_535;
  }
  const word = (at: number) => (bytes[at]! + 256 * bytes[at + 1]!) % 65_535;
  if (word(size) !== a || word(size + 2) !== b) file.fail('a chunk does not fit its checksum; it is damaged');
  return bytes.subarray(0, size);
}
