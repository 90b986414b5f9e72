import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { readNetworkFile } from '../network.js';
import { importOnnx } from '../onnx/import.js';
import { readKerasArchive } from './archive.js';

const bytes = (text: string) => new TextEncoder().encode(text);

const topology = {
  class_name: 'Sequential',
  config: {
    name: 's',
    layers: [
      {
        class_name: 'Dense',
        config: { name: 'a', batch_input_shape: [null, 4], units: 5, activation: 'relu' },
      },
      { class_name: 'Dense', config: { name: 'b', units: 2 } },
    ],
  },
};

const archiveOf = (more: Record<string, Uint8Array>) =>
  zipSync({ 'metadata.json': bytes('{}'), 'config.json': bytes(JSON.stringify(topology)), ...more });

test('a .keras archive without weights is opened, its weights drawn anew', () => {
  const archive = archiveOf({});
  const file = readNetworkFile({ name: 'net.keras', bytes: archive });
  expect(file.hasWeights).toBe(false);
  expect(importOnnx(file, { reinit: true }).nodes).toBe(3);
});

test('weights that are damaged or elsewhere are named', () => {
  const open = (more: Record<string, Uint8Array>) => () =>
    readNetworkFile({ name: 'net.keras', bytes: archiveOf(more) });
  expect(open({ 'model.weights.h5': bytes('no such thing') })).toThrow(
    /net\.keras: model\.weights\.h5 cannot be read as HDF5: it does not start/,
  );
  expect(open({ 'model.weights.npz': bytes('') })).toThrow(/its weights are in "model\.weights\.npz"/);
});

test('a zip bomb is refused before it fills the memory', () => {
  const bomb = zipSync({ 'config.json': new Uint8Array(2 ** 26 + 2 ** 20) }, { level: 1 });
  expect(bomb.length).toBeLessThan(2 ** 20);
  expect(() => readKerasArchive(bomb)).toThrow(/unpacks to more than/);
});
