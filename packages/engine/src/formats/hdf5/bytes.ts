import { EngineError } from '../../core/errors.js';

/** Steps (messages, links, nodes, chunks) that reading one file may take: a model of 1000 layers takes 50,000. */
const MOST_STEPS = 4_000_000;

/** Bytes that may be made of a file beside it: this much, and twice the file. */
export const HDF5_FLOOR = 64 * 2 ** 20;

/** Compressed bytes that may be unpacked: this much, and twice the file. Only chunks that overlap have more. */
const COMPRESSED_FLOOR = 65_536;

const decoder = new TextDecoder();

const MAGIC = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]; // \x89HDF\r\n\x1a\n

/** Whether a file starts as HDF5 does. */
export function isHdf5(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * The bytes of an HDF5 file from anywhere. Every access is checked against the file's end, every step and every byte
 * made of it against a budget, so that no file can hang the reader or fill the memory.
 */
export class Hdf5Bytes {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #steps = 0;
  #made = 0;
  #unpacked = 0;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(at: number): number {
    this.need(at, 1);
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    this.need(at, 2);
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    this.need(at, 4);
    return this.#view.getUint32(at, true);
  }

  /** A length or an offset. Past 2⁵³ it is not exact, and past the end of every file. */
  u64(at: number): number {
    this.need(at, 8);
    return this.#view.getUint32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true);
  }

  /** Whole number of `width` bytes, little-endian. */
  unsigned(at: number, width: number): number {
    this.need(at, width);
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + this.#view.getUint8(at + i);
    return value;
  }

  /** Where something lies; null where all bits are set: it was never written. */
  address(at: number): number | null {
    const value = this.u64(at);
    return value >= 2 ** 63 ? null : value;
  }

  slice(at: number, size: number): Uint8Array {
    this.need(at, size);
    return this.bytes.subarray(at, at + size);
  }

  /** Fails unless the block at `at` starts with its four letters. */
  expect(at: number, letters: string): void {
    if (!this.starts(at, letters)) this.fail(`at byte ${at} there is no ${letters} block`);
  }

  starts(at: number, letters: string): boolean {
    this.need(at, letters.length);
    for (let i = 0; i < letters.length; i++) if (this.bytes[at + i] !== letters.charCodeAt(i)) return false;
    return true;
  }

  /** Text that ends with a zero byte or at `end`. */
  text(at: number, end: number): string {
    const bytes = this.slice(at, end - at);
    const length = bytes.indexOf(0);
    return decoder.decode(length < 0 ? bytes : bytes.subarray(0, length));
  }

  /** Fails unless `size` bytes lie at `at`. */
  need(at: number, size: number): void {
    if (!(at >= 0 && size >= 0 && at + size <= this.bytes.length)) {
      this.fail(
        `${size} bytes at byte ${at} lie past its end (${this.bytes.length} bytes); it is cut off or damaged`,
      );
    }
  }

  /** Counts steps, so that links and trees made to lead in circles end. */
  spend(steps = 1): void {
    this.#steps += steps;
    if (this.#steps > MOST_STEPS) this.fail('its links, trees or chunks are more than a model can need');
  }

  /** Counts bytes that are made of the file, before they are. */
  make(bytes: number): void {
    this.#made += bytes;
    const most = 2 * this.bytes.length + HDF5_FLOOR;
    if (!(this.#made <= most)) {
      this.fail(
        `its numbers would take more than ${most.toLocaleString('en')} bytes, twice the file and ` +
          `${HDF5_FLOOR.toLocaleString('en')}; save it without compression`,
      );
    }
  }

  /** Counts compressed bytes before they are unpacked, so that a chunk listed a thousand times is not. */
  unpack(bytes: number): void {
    this.#unpacked += bytes;
    if (this.#unpacked > 2 * this.bytes.length + COMPRESSED_FLOOR) this.fail('its chunks overlap');
  }

  fail(what: string): never {
    throw new EngineError('FORMAT', `${this.name} cannot be read as HDF5: ${what}`);
  }
}
