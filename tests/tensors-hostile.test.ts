import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { readNpz } from '../packages/engine/src/formats/npz.js';
import { floatsOf, readSafetensors, writeSafetensors } from '../packages/engine/src/formats/safetensors.js';
import { FUZZ_TIMEOUT, fuzz, mutateBytes } from './fuzz.js';

/** A file of NumPy's format, version 1. */
function npy(type: string, shape: readonly number[], content: ArrayBuffer): Uint8Array {
  const axes = shape.map((size) => `${size},`).join(' ');
  const head = `{'descr': '${type}', 'fortran_order': False, 'shape': (${axes}), }`;
  const padded = head.padEnd(Math.ceil((head.length + 11) / 64) * 64 - 11) + '\n';
  const text = (of: string) => new TextEncoder().encode(of);
  const lead = [0x93, ...text('NUMPY'), 1, 0, padded.length % 256, padded.length >> 8];
  return Uint8Array.from([...lead, ...text(padded), ...new Uint8Array(content)]);
}

const weights = writeSafetensors([
  { name: '0.dense.weight', shape: [4, 3], values: Float32Array.from({ length: 12 }, (_, i) => i / 7) },
  { name: '0.dense.bias', shape: [4], values: Float32Array.of(1, 2, 3, 4) },
]);
const arrays = {
  'x.npy': npy('<f4', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6).buffer),
  'y.npy': npy('<i4', [2], Int32Array.of(0, 1).buffer),
};

test.each([
  [
    'safetensors',
    weights,
    (bytes: Uint8Array): void => {
      for (const tensor of Object.values(readSafetensors(bytes).tensors)) floatsOf(tensor);
    },
  ],
  ['packed npz', zipSync(arrays), (bytes: Uint8Array): void => void readNpz(bytes)],
  ['npz', zipSync(arrays, { level: 0 }), (bytes: Uint8Array): void => void readNpz(bytes)],
] as const)(
  'mutated files of %s are read or refused with an EngineError, within a second',
  (name, sound, read) => {
    expect(() => read(sound)).not.toThrow();
    const { read: count, accepted, most, defects } = fuzz(name, (draw) => read(mutateBytes(sound, draw)));
    expect(defects).toEqual([]);
    expect(accepted).toBeGreaterThan(count / 100);
    expect(accepted).toBeLessThan(count);
    // What no one holds any more and was not collected yet is counted, too.
    expect(most).toBeLessThan(2 * sound.length + 128 * 2 ** 20);
  },
  FUZZ_TIMEOUT,
);
