// convnetjs trains sample by sample and updates once a batch: a step is a batch of calls.
import convnetjs from 'convnetjs';
import { mlps, numbers, report } from './turns.mjs';

await report((name) => {
  const layers = [];
  let [batch, shape] = [32, [32, 32, 3]];
  if (name in mlps) {
    const { input, width, depth, batch: rows } = mlps[name];
    [batch, shape] = [rows, [1, 1, input]];
    for (let i = 0; i < depth; i++) layers.push({ type: 'fc', num_neurons: width, activation: 'relu' });
  } else if (name === 'conv3') {
    for (const filters of [16, 32, 32]) {
      layers.push({ type: 'conv', sx: 3, filters, stride: 1, pad: 1, activation: 'relu' });
      layers.push({ type: 'pool', sx: 2, stride: 2 });
    }
  } else throw new Error('not there: the library has no batch norm, recurrent or attention layers');
  const net = new convnetjs.Net();
  const [out_sx, out_sy, out_depth] = shape;
  net.makeLayers([
    { type: 'input', out_sx, out_sy, out_depth },
    ...layers,
    { type: 'softmax', num_classes: 10 },
  ]);
  const trainer = new convnetjs.Trainer(net, {
    method: 'sgd',
    learning_rate: 1e-9,
    momentum: 0,
    batch_size: batch,
  });
  const size = out_sx * out_sy * out_depth;
  const samples = Array.from({ length: batch }, (_, i) => {
    const volume = new convnetjs.Vol(out_sx, out_sy, out_depth, 0);
    volume.w.set(numbers(size, i + 1));
    return volume;
  });
  return () => samples.forEach((sample, i) => trainer.train(sample, i % 10));
});
