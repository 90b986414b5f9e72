import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../core/errors.js';
import { floatsOf, readSafetensors, writeSafetensors } from './safetensors.js';

/** A file with this header and so many bytes of data. */
function file(header: unknown, data = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function reasonOf(bytes: Uint8Array): string {
  try {
    readSafetensors(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    return (error as EngineError).reason;
  }
  throw new Error('expected an EngineError, nothing was thrown');
}

const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

test('what is written is read back, bit for bit', () => {
  const weight = Float32Array.of(1.5, -0, 1e-45, Infinity, NaN, 3.4e38);
  const bytes = writeSafetensors(
    [
      { name: '0.dense/weight', shape: [2, 3], values: weight },
      { name: 'empty', shape: [0, 7], values: new Float32Array(0) },
      { name: 'ids', shape: [2], values: Int32Array.of(-1, 2 ** 31 - 1) },
      { name: '__proto__', shape: [], values: Float32Array.of(7) },
    ],
    { format: 'pt' },
  );
  expect(bytes.length % 4).toBe(0);
  const { tensors, metadata } = readSafetensors(bytes);
  expect(metadata).toEqual({ format: 'pt' });
  expect(Object.keys(tensors)).toEqual(['0.dense/weight', 'empty', 'ids', '__proto__']);
  expect(new Uint8Array(floatsOf(tensors['0.dense/weight']!).buffer)).toEqual(new Uint8Array(weight.buffer));
  expect(tensors['0.dense/weight']!.shape).toEqual([2, 3]);
  expect(Array.from(floatsOf(tensors['ids']!))).toEqual([-1, 2 ** 31]);
  expect(Array.from(floatsOf(tensors['__proto__']!))).toEqual([7]);
  expect(({} as Record<string, unknown>)['shape']).toBeUndefined();
});

test('half precision and bfloat16 become float32', () => {
  const bytes = file(
    {
      h: { dtype: 'F16', shape: [6], data_offsets: [0, 12] },
      b: { dtype: 'BF16', shape: [2], data_offsets: [12, 16] },
    },
    16,
  );
  const view = new DataView(bytes.buffer, bytes.length - 16);
  [0x3c00, 0xc000, 0x7c00, 0x7e00, 0x0001, 0x7bff].forEach((bits, i) => view.setUint16(2 * i, bits, true));
  [0x3f80, 0xc049].forEach((bits, i) => view.setUint16(12 + 2 * i, bits, true));
  const { tensors } = readSafetensors(bytes);
  expect(Array.from(floatsOf(tensors['h']!))).toEqual([1, -2, Infinity, NaN, Math.fround(2 ** -24), 65504]);
  expect(Array.from(floatsOf(tensors['b']!))).toEqual([1, Math.fround(-3.140625)]);
});

describe('hostile files', () => {
  test.each([
    ['empty', new Uint8Array(0), 'first 8 bytes'],
    ['a header of 2⁶³ bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80, 1), 'at most 16 MiB'],
    ['a header past the end', file('{}').subarray(0, 9), 'the file has 1'],
    ['no JSON', file('{"a":'), 'not JSON'],
    ['invalid UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe), 'not JSON'],
    ['a list for a header', file('[]'), 'not a mapping'],
    ['an entry that is a number', file({ a: 1 }), 'not a mapping'],
    ['an unknown type', file({ a: { dtype: 'F8', shape: [], data_offsets: [0, 1] } }, 1), 'has the type F8'],
    [
      'a type from the prototype',
      file({ a: { dtype: 'toString', shape: [], data_offsets: [0, 1] } }, 1),
      'has the type',
    ],
    ['a negative size', file({ a: f32([-1], 0, 4) }, 4), 'not a list'],
    ['a fractional size', file({ a: f32([0.5], 0, 4) }, 4), 'not a list'],
    ['a product that overflows', file({ a: f32([4194305, 4194305, 211106198978564], 0, 4) }, 4), 'needs'],
    [
      'a product that wraps to the right size in 64 bits',
      file({ a: f32([2 ** 33, 2 ** 31], 0, 0) }),
      'needs',
    ],
    ['too few bytes', file({ a: f32([2], 0, 4) }, 4), 'needs 8 bytes'],
    ['offsets in the wrong order', file({ a: f32([1], 4, 0) }, 4), 'lies at 4 to 0'],
    ['offsets past the end', file({ a: f32([2], 0, 8) }, 4), 'the data has 4'],
    ['an overlap', file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8), 'overlaps'],
    ['the same bytes twice', file({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), 'overlaps'],
    ['a gap', file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), 'belong to no tensor'],
    ['bytes left over', file({ a: f32([1], 0, 4) }, 8), 'belong to no tensor'],
    [
      'a key given twice',
      file(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        8,
      ),
      'belong to no tensor',
    ],
    [
      '33 axes',
      file(
        {
          a: f32(
            Array.from({ length: 33 }, () => 1),
            0,
            4,
          ),
        },
        4,
      ),
      'at most 32',
    ],
    ['notes that are no text', file({ __metadata__: { a: 1 } }), 'not text'],
    [
      '100,001 tensors',
      file(Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [`t${i}`, f32([0], 0, 0)]))),
      'at most 100000',
    ],
  ])('%s', (_, bytes, reason) => {
    expect(reasonOf(bytes)).toContain(reason);
  });

  test('a million nested brackets', () => {
    expect(reasonOf(file('['.repeat(1_000_000)))).toContain('not JSON');
  });

  test('mutated files are read or refused, and never answered with other errors', () => {
    const sound = writeSafetensors([
      { name: 'a', shape: [3], values: Float32Array.of(1, 2, 3) },
      { name: 'b', shape: [1, 2], values: Float32Array.of(4, 5) },
    ]);
    const change = fc.record({ at: fc.nat(sound.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(sound.length), (changes, cut) => {
        const bytes = sound.slice();
        for (const { at, to } of changes) bytes[at] = to;
        for (const mutant of [bytes, bytes.subarray(0, cut)]) {
          try {
            for (const tensor of Object.values(readSafetensors(mutant).tensors)) floatsOf(tensor);
          } catch (error) {
            expect(error).toBeInstanceOf(EngineError);
          }
        }
      }),
      { seed: 11, numRuns: 5000 },
    );
  });
});
