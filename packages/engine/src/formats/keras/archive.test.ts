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

test('a .keras archive is opened, its weights drawn anew', () => {
  const archive = zipSync({
    'metadata.json': bytes('{}'),
    'config.json': bytes(JSON.stringify(topology)),
    'model.weights.h5': bytes('not read'),
  });
  const file = readNetworkFile({ name: 'net.keras', bytes: archive });
  expect(file.hasWeights).toBe(false);
  expect(importOnnx(file, { reinit: true }).nodes).toBe(3);
});

test('a zip bomb is refused before it fills the memory', () => {
  const bomb = zipSync({ 'config.json': new Uint8Array(2 ** 26 + 2 ** 20) }, { level: 1 });
  expect(bomb.length).toBeLessThan(2 ** 20);
  expect(() => readKerasArchive(bomb)).toThrow(/unpacks to more than/);
});
