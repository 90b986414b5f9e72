import type { SpecInput } from '../worker/protocol.js';

/** What the lab opens on: the disease that gave Fuga its name, on real handwritten digits. */
export const deepSigmoid: SpecInput = {
  fuga: 1,
  name: 'Sigmoid MLP, 20 layers',
  seed: 1,
  data: { source: 'digits', batch: 64 },
  model: { type: 'mlp', depth: 20, width: 64, activation: 'sigmoid', init: 'xavierUniform' },
  optimizer: { type: 'sgd', lr: 0.1 },
  steps: 3000,
};
