/** Counts of numbers between limits, as TensorBoard draws them: bucket i holds what is ≤ limits[i] and > limits[i − 1]. */
export interface EventHistogram {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

/** What one step of a run tells TensorBoard. */
export interface StepEvents {
  readonly step: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly histograms?: Readonly<Record<string, EventHistogram>>;
}

/**
 * A TensorBoard event file: TFRecords, each a protobuf `Event`; the first says the format's version.
 *
 * A TFRecord is its length (u64), the length's masked CRC-32C, the data, the data's masked CRC-32C, little-endian.
 * Source: tensorflow/core/util/event.proto, summary.proto, lib/io/record_writer.
 */
export function writeEvents(steps: Iterable<StepEvents>, time = 0): Uint8Array {
  const records = [record(new Message().double(1, time).text(3, 'brain.Event:2').bytes())];
  for (const step of steps) records.push(record(eventOf(step)));
  return joined(records);
}

function eventOf({ step, time, scalars = {}, histograms = {} }: StepEvents): Uint8Array {
  const summary = new Message();
  for (const [tag, value] of Object.entries(scalars)) {
    summary.message(1, new Message().text(1, tag).float(2, value));
  }
  for (const [tag, { min, max, sum, sumSquares, limits, counts }] of Object.entries(histograms)) {
    const count = counts.reduce((total, each) => total + each, 0);
    const histogram = new Message()
      .double(1, min)
      .double(2, max)
      .double(3, count)
      .double(4, sum)
      .double(5, sumSquares);
    histogram.doubles(6, limits).doubles(7, counts);
    summary.message(1, new Message().text(1, tag).message(5, histogram));
  }
  return new Message().double(1, time).int(2, step).message(5, summary).bytes();
}

/** A protobuf message being written, field by field. */
class Message {
  readonly #parts: Uint8Array[] = [];

  /** Field of a whole number of at least 0. */
  int(field: number, value: number): this {
    this.#parts.push(varint(field << 3), varint(value));
    return this;
  }

  double(field: number, value: number): this {
    return this.#fixed(field, 1, 8, (view) => {
      view.setFloat64(0, value, true);
    });
  }

  float(field: number, value: number): this {
    return this.#fixed(field, 5, 4, (view) => {
      view.setFloat32(0, value, true);
    });
  }

  /** Packed: one length, then all numbers. */
  doubles(field: number, values: readonly number[]): this {
    const view = new DataView(new ArrayBuffer(8 * values.length));
    values.forEach((value, i) => {
      view.setFloat64(8 * i, value, true);
    });
    return this.#block(field, new Uint8Array(view.buffer));
  }

  text(field: number, value: string): this {
    return this.#block(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    return this.#block(field, value.bytes());
  }

  bytes(): Uint8Array {
    return joined(this.#parts);
  }

  #fixed(field: number, wire: 1 | 5, size: number, set: (view: DataView) => void): this {
    const view = new DataView(new ArrayBuffer(size));
    set(view);
    this.#parts.push(varint((field << 3) | wire), new Uint8Array(view.buffer));
    return this;
  }

  #block(field: number, bytes: Uint8Array): this {
    this.#parts.push(varint((field << 3) | 2), varint(bytes.length), bytes);
    return this;
  }
}

/** Seven bits a byte, the lowest first, the top bit set on all but the last. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  bytes.push(value);
  return Uint8Array.from(bytes);
}

function record(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(16 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length, true); // the upper half of the length stays 0
  view.setUint32(8, maskedCrc32c(out.subarray(0, 8)), true);
  out.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return out;
}

/** CRC-32C, turned right by 15 bits plus a constant, so that a CRC of data with CRCs in it is not its own. */
export function maskedCrc32c(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1; // Castagnoli, reflected
  return crc;
});

/** CRC-32C (Castagnoli). crc32c of "123456789" is e3069283. */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < data.length; i++) crc = table[(crc ^ data[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
