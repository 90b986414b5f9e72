import { EngineError } from '../../core/errors.js';

/** Deepest nesting of messages; graphs within graphs count too. */
const MAX_DEPTH = 64;

/**
 * Fields that may become objects in memory. Each costs some 100 bytes, so that reading never takes more than twice
 * the file and this floor of about 100 MB. The largest network seen (2,300 nodes) has 40,000.
 */
const MAX_FIELDS = 1_000_000;

/** Numbers in all lists together that take more memory than file; a gigabyte of weights has none of them. */
const MAX_NUMBERS = 8_000_000;

/** Counts shared by all readers of one file. */
interface Budget {
  fields: number;
  numbers: number;
}

/** How a field is stored on the wire. */
export type WireType = 0 | 1 | 2 | 5;

/**
 * A bounded reader of protobuf's wire format, over a part of a file: no copies, no generated code.
 *
 * Every length is checked against the part it lies in, nesting and the number of fields are limited, groups and
 * unknown wire types are refused. Unknown fields are skipped, as protobuf demands.
 * Source: protobuf.dev/programming-guides/encoding
 */
export class WireReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  readonly #depth: number;
  readonly #budget: Budget;
  #at: number;

  constructor(
    bytes: Uint8Array,
    from = 0,
    end = bytes.length,
    depth = 0,
    budget: Budget = { fields: 0, numbers: 0 },
  ) {
    if (depth > MAX_DEPTH) throw broken(from, `messages are nested deeper than ${MAX_DEPTH}`);
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = from;
    this.#end = end;
    this.#depth = depth;
    this.#budget = budget;
  }

  /** Calls `visit` for each field; it must read the value, or leave it to be skipped by returning false. */
  fields(visit: (field: number, type: WireType) => boolean): void {
    while (this.#at < this.#end) {
      const start = this.#at;
      const key = this.uint32();
      const [field, type] = [key >>> 3, key & 7];
      if (field === 0) throw broken(start, 'field number 0');
      if (type !== 0 && type !== 1 && type !== 2 && type !== 5) throw broken(start, `wire type ${type}`);
      if (++this.#budget.fields > MAX_FIELDS)
        throw broken(start, `more than ${MAX_FIELDS.toLocaleString('en')} fields`);
      if (!visit(field, type)) this.#skip(type);
    }
  }

  /** A varint of up to 32 bits. */
  uint32(): number {
    const start = this.#at;
    const value = this.int64();
    if (value < 0 || value > 0xffffffff)
      throw broken(start, `${value} where a number of 32 bits is expected`);
    return value;
  }

  /** A varint as a signed 64-bit integer; beyond 2⁵³ the nearest number. */
  int64(): number {
    const start = this.#at;
    let [low, high, shift] = [0, 0, 0];
    for (;;) {
      if (this.#at >= this.#end) throw broken(start, 'a number is cut off');
      if (shift >= 70) throw broken(start, 'a number of more than 10 bytes');
      const byte = this.bytes[this.#at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= (bits & 15) << 28;
        high |= bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) break;
      shift += 7;
    }
    return (high | 0) * 2 ** 32 + (low >>> 0);
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A length-delimited value: a part of the file, not a copy. */
  chunk(): Uint8Array {
    const start = this.#at;
    const length = this.uint32();
    if (length > this.#end - this.#at)
      throw broken(start, `a part of ${length} bytes where ${this.#end - this.#at} are left`);
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return decoder.decode(this.chunk());
  }

  /** A nested message: `read` gets a reader of just its bytes. */
  message<T>(read: (reader: WireReader) => T): T {
    const part = this.chunk();
    const from = part.byteOffset - this.bytes.byteOffset;
    return read(new WireReader(this.bytes, from, from + part.length, this.#depth + 1, this.#budget));
  }

  /** A repeated number, packed or not: appends to `list`. */
  numbers(type: WireType, list: number[], read: 'int64' | 'float' | 'double', most = MAX_NUMBERS): void {
    const start = this.#at;
    const add = (reader: WireReader) => {
      if (list.length >= most)
        throw broken(start, `a list of more than ${most.toLocaleString('en')} numbers`);
      if (++this.#budget.numbers > MAX_NUMBERS)
        throw broken(start, `more than ${MAX_NUMBERS.toLocaleString('en')} numbers in lists`);
      list.push(reader[read]());
    };
    if (type !== 2) return add(this);
    this.message((reader) => {
      while (reader.#at < reader.#end) add(reader);
    });
  }

  #take(bytes: number): number {
    if (this.#end - this.#at < bytes) throw broken(this.#at, 'a number is cut off');
    this.#at += bytes;
    return this.#at - bytes;
  }

  #skip(type: WireType): void {
    if (type === 0) this.int64();
    else if (type === 1) this.#take(8);
    else if (type === 5) this.#take(4);
    else this.chunk();
  }
}

const decoder = new TextDecoder();

function broken(at: number, what: string): EngineError {
  return new EngineError(
    'FORMAT',
    `not a readable ONNX file: ${what} at byte ${at}; export or download it again`,
  );
}
