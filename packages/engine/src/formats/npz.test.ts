import { zipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../core/errors.js';
import { readNpy, readNpz } from './npz.js';

/** A .npy array as NumPy writes it (version 1.0). */
function npy(type: string, shape: readonly number[], bytes: Uint8Array, order = 'False'): Uint8Array {
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }\n`;
  const header = new TextEncoder().encode(text);
  const file = new Uint8Array(10 + header.length + bytes.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  file.set(header, 10);
  file.set(bytes, 10 + header.length);
  return file;
}

const floats = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);

describe('readNpz', () => {
  const x = npy('<f4', [2, 3], floats(1, 2, 3, 4, 5, 6));
  const y = npy('<i8', [2], new Uint8Array(new BigInt64Array([7n, -1n]).buffer));

  test('reads arrays by name, deflated or stored', () => {
    for (const level of [0, 6] as const) {
      const arrays = readNpz(zipSync({ 'x.npy': x, 'y.npy': y }, { level }));
      expect(arrays['x']).toEqual({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
      expect(arrays['y']).toEqual({ shape: [2], data: Int32Array.of(7, -1) });
    }
  });

  test.each([
    ['no zip', new Uint8Array(20), /does not start as a zip/],
    ['an empty zip', zipSync({ 'a.txt': new Uint8Array(1) }), /no \.npy array/],
    ['Fortran order', zipSync({ 'x.npy': npy('<f4', [1], floats(1), 'True') }), /Fortran order/],
    ['text', zipSync({ 'x.npy': npy('<U8', [1], new Uint8Array(32)) }), /holds <U8/],
    [
      'a shape that lies',
      zipSync({ 'x.npy': npy('<f4', [4194305, 4194305], floats(1)) }),
      /claims .* numbers/,
    ],
    ['a bomb', zipSync({ 'x.npy': new Uint8Array(4e7) }, { level: 9 }), /unpacks to more|does not start/],
  ])('refuses %s', (_, file, message) => {
    expect(() => readNpz(file)).toThrow(message);
    expect(() => readNpz(file)).toThrow(EngineError);
  });

  test('mutated files throw nothing but an EngineError', () => {
    const file = zipSync({ 'x.npy': x, 'y.npy': y });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (edits) => {
          const broken = file.slice();
          for (const [at, byte] of edits) broken[at] = byte;
          try {
            readNpz(broken);
          } catch (error) {
            if (!(error instanceof EngineError)) throw error;
          }
        },
      ),
      { numRuns: 2000, seed: 1 },
    );
  });

  test('reads half precision', () => {
    const bits = new Uint8Array(new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7c00]).buffer);
    expect(readNpy(npy('<f2', [4], bits)).data).toEqual(Float32Array.of(1, -2, 2 ** -24, Infinity));
  });
});
