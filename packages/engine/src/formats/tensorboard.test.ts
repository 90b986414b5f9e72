import { expect, test } from 'vitest';
import { crc32c, maskedCrc32c, writeEvents } from './tensorboard.js';

const ascii = (text: string) => new TextEncoder().encode(text);

test('crc32c gives the published check values', () => {
  expect(crc32c(ascii('123456789')).toString(16)).toBe('e3069283');
  // RFC 3720, appendix B.4
  expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa');
  expect(crc32c(new Uint8Array(32).fill(255)).toString(16)).toBe('62a8ab43');
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)).toString(16)).toBe('46dd794e');
});

/** Reads protobuf by its wire format alone: field → values, numbers or bytes. */
function fields(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = () => {
    let [value, shift] = [0, 1];
    for (;;) {
      const byte = bytes[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
      shift *= 128;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    let value: number | Uint8Array;
    if ((key & 7) === 0) value = varint();
    else if ((key & 7) === 1) [value, at] = [view.getFloat64(at, true), at + 8];
    else if ((key & 7) === 5) [value, at] = [view.getFloat32(at, true), at + 4];
    else {
      const length = varint();
      [value, at] = [bytes.subarray(at, at + length), at + length];
    }
    out.set(key >>> 3, [...(out.get(key >>> 3) ?? []), value]);
  }
  return out;
}

/** Reads TFRecords and checks both checksums of each. */
function records(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const out: Uint8Array[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(maskedCrc32c(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedCrc32c(data));
    out.push(data);
    at += 16 + length;
  }
  return out;
}

const text = (value: number | Uint8Array | undefined) => new TextDecoder().decode(value as Uint8Array);
const doubles = (value: number | Uint8Array | undefined) => {
  const bytes = Uint8Array.from(value as Uint8Array);
  return [...new Float64Array(bytes.buffer)];
};

test('an event file is what its format says, checksums included', () => {
  const histogram = { min: -1, max: 2.5, sum: 4, sumSquares: 9, limits: [-1, 0, 3], counts: [1, 0, 5] };
  const file = writeEvents(
    [
      { step: 0, time: 1.5, scalars: { loss: 2.302585, 'gradient/0.dense': 1e-30 } },
      { step: 300, time: 2.5, scalars: { loss: NaN }, histograms: { 'activation/0.dense': histogram } },
    ],
    1,
  );
  const [version, first, second, ...rest] = records(file).map(fields);
  expect(rest).toEqual([]);
  expect([version!.get(1), text(version!.get(3)![0])]).toEqual([[1], 'brain.Event:2']);
  expect([first!.get(1), first!.get(2)]).toEqual([[1.5], [0]]);
  const values = fields(first!.get(5)![0] as Uint8Array)
    .get(1)!
    .map((value) => fields(value as Uint8Array));
  expect(values.map((value) => [text(value.get(1)![0]), value.get(2)![0]])).toEqual([
    ['loss', Math.fround(2.302585)],
    ['gradient/0.dense', Math.fround(1e-30)],
  ]);
  expect(second!.get(2)).toEqual([300]);
  const [loss, activation] = fields(second!.get(5)![0] as Uint8Array)
    .get(1)!
    .map((value) => fields(value as Uint8Array));
  expect(loss!.get(2)).toEqual([NaN]);
  const drawn = fields(activation!.get(5)![0] as Uint8Array);
  expect([1, 2, 3, 4, 5].map((field) => drawn.get(field)![0])).toEqual([-1, 2.5, 6, 4, 9]);
  expect(doubles(drawn.get(6)![0])).toEqual([-1, 0, 3]);
  expect(doubles(drawn.get(7)![0])).toEqual([1, 0, 5]);
});

test('large steps are written whole', () => {
  const [, event] = records(writeEvents([{ step: 2 ** 40 + 5, time: 0 }])).map(fields);
  expect(event!.get(2)).toEqual([2 ** 40 + 5]);
});
