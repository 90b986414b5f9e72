// The networks that are timed, here and in other libraries (peers/). A step is forward, loss, backward, update.

const relu = { activation: 'relu', init: 'heNormal' };
/** `depth` hidden layers of ReLUs. */
export const mlp = (depth, width) => ({ model: { type: 'mlp', depth, width, ...relu } });
const conv = (channels) => [
  { type: 'conv2d', out: channels, kernel: 3, padding: 'same', activation: 'relu' },
  { type: 'maxPool2d', kernel: 2 },
];
const recurrent = (hidden) => [
  { type: 'lstm', hidden, returns: 'last' },
  { type: 'dense', out: 10 },
];

/** `shape` is one sample's, of random data; `data` a source instead. */
export const workloads = {
  mlpWide: { shape: [784], batch: 64, ...mlp(8, 256) },
  mlpDeep: { shape: [64], batch: 32, ...mlp(49, 64) },
  thousand: { shape: [32], batch: 32, ...mlp(1000, 32), lr: 1e-9 },
  conv3: {
    shape: [3, 32, 32],
    batch: 32,
    network: [...conv(16), ...conv(32), ...conv(32), { type: 'flatten' }, { type: 'dense', out: 10 }],
  },
  resnet20: { shape: [3, 32, 32], batch: 32, model: { type: 'resnet', depth: 20 } },
  lstm64: { shape: [100, 32], batch: 32, network: recurrent(64) },
  lstm128: { shape: [100, 32], batch: 32, network: recurrent(128) },
  gptMini: {
    data: { source: 'text', length: 128, batch: 8 },
    model: { type: 'gpt', layers: 4, width: 128, heads: 4, hidden: 512 },
    loss: 'nextToken',
  },
  yolo: {
    data: { source: 'shapes', size: 160, samples: 16, batch: 4 },
    model: { type: 'yolo', width: 16 },
    loss: 'detection',
    lr: 1e-4, // which anchors an object takes is a matter of thresholds: builds part ways at larger steps
  },
};

/** A run's spec of a workload; `steps` are more than are timed. */
export function specOf(
  { shape, batch, data, lr = 1e-3, model, network, loss = 'crossEntropy' },
  steps = 20_000,
) {
  return {
    fuga: 1,
    seed: 1,
    data: data ?? { source: 'gaussian', shape, samples: 4 * batch, classes: 10, batch, scale: 'none' },
    ...(model ? { model } : { network }),
    loss,
    optimizer: { type: 'sgd', lr },
    steps,
  };
}
