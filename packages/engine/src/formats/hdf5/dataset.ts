import { EngineError } from '../../core/errors.js';
import { showShape, sizeOf } from '../../core/shape.js';
import type { Hdf5Bytes } from './bytes.js';
import { readChunks } from './chunks.js';
import { filtersAt } from './filters.js';
import { MESSAGE, messageOf, type Message } from './messages.js';
import { dataspaceAt, datatypeAt, opaqueBfloat16, type Datatype } from './types.js';

/** Where the numbers of a dataset lie (HDF5 File Format Specification 3.0, IV.A.2.i). */
const COMPACT = 0;
const CONTIGUOUS = 1;
const CHUNKED = 2;

/** An array of a file. Its numbers are read when they are asked for. */
export class Hdf5Dataset {
  readonly path: string;
  readonly shape: readonly number[];
  readonly #file: Hdf5Bytes;
  readonly #messages: readonly Message[];
  readonly #type: Datatype;

  constructor(file: Hdf5Bytes, path: string, messages: readonly Message[], dtype: string | null) {
    const [space, type] = [messageOf(messages, MESSAGE.dataspace), messageOf(messages, MESSAGE.datatype)];
    if (!space || !type) file.fail(`"${path}" is no dataset`);
    if (space.shared || type.shared) file.fail(`"${path}" has its type from another object`);
    this.path = path;
    this.#file = file;
    this.#messages = messages;
    this.shape = dataspaceAt(file, space.at) ?? [0];
    const own = datatypeAt(file, type.at);
    this.#type = dtype === 'bfloat16' && own.kind === 'other' && own.size === 2 ? opaqueBfloat16 : own;
  }

  /** What its numbers are, as NumPy calls it. */
  get dtype(): string {
    return this.#type.name;
  }

  /** Its numbers in C order as float32; a view of the file where they lie there so. */
  read(): Float32Array {
    const [file, type] = [this.#file, this.#type];
    if (type.kind !== 'number') {
      throw new EngineError(
        'UNSUPPORTED',
        `${file.name}: the dataset "${this.path}" holds ${type.name}; float16, bfloat16, float32, float64 and integers are read`,
      );
    }
    const size = sizeOf(this.shape);
    if (!Number.isSafeInteger(size)) file.fail(`"${this.path}" claims the shape ${showShape(this.shape)}`);
    const bytes = this.#bytes(size * type.size, type.size);
    const isAsHere = type.name === 'float32' && bytes.byteOffset % 4 === 0;
    if (isAsHere) return new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const numbers = new Float32Array(size);
    for (let i = 0; i < size; i++) numbers[i] = type.read(view, i * type.size);
    return numbers;
  }

  #bytes(size: number, width: number): Uint8Array {
    const [file, path] = [this.#file, this.path];
    if (messageOf(this.#messages, MESSAGE.externalFiles)) file.fail(`"${path}" lies in another file`);
    const { at } = messageOf(this.#messages, MESSAGE.layout) ?? file.fail(`"${path}" says not where it lies`);
    const [version, kind] = [file.u8(at), file.u8(at + 1)];
    if (version !== 3 && version !== 4) {
      file.fail(`"${path}" is laid out by version ${version}; 3 and 4 are read`);
    }
    if (size === 0) return new Uint8Array(0);
    const fits = (stored: number) => {
      if (stored < size) file.fail(`"${path}" needs ${size} bytes, ${stored} are stored`);
    };
    const written = (address: number | null) => address ?? file.fail(`"${path}" was never written`);
    // Views count as well: many datasets may name the same bytes. Chunks are counted where they are put together.
    if (kind !== CHUNKED || this.#type.name !== 'float32') file.make((4 * size) / width);
    if (kind === COMPACT) {
      fits(file.u16(at + 2));
      return file.slice(at + 4, size);
    }
    if (kind === CONTIGUOUS) {
      fits(file.u64(at + 10));
      return file.slice(written(file.address(at + 2)), size);
    }
    if (kind !== CHUNKED || version !== 3) {
      throw new EngineError(
        'UNSUPPORTED',
        `${file.name}: the dataset "${path}" is in chunks listed as only new versions of HDF5 do; save it without libver='latest'`,
      );
    }
    const rank = file.u8(at + 2) - 1; // the last axis is the bytes of a number
    if (rank !== this.shape.length || file.u32(at + 11 + 4 * rank) !== width) {
      file.fail(`the chunks of "${path}" do not fit its shape`);
    }
    const filters = messageOf(this.#messages, MESSAGE.filters);
    return readChunks(file, path, {
      tree: written(file.address(at + 3)),
      shape: this.shape,
      chunk: this.shape.map((_, axis) => file.u32(at + 11 + 4 * axis)),
      width,
      filters: filters ? filtersAt(file, filters) : [],
    });
  }
}
