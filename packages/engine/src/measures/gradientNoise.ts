import { count, optional } from '../core/options.js';
import { sizeOf } from '../core/shape.js';
import { measure } from './measure.js';

/** Signal-to-noise ratio of the gradient: how much of a batch's gradient is the same for every batch. */
export const gradientNoise = measure({
  id: 'gradientNoise',
  about: {
    does: 'How much of a batch’s gradient all batches share (signal), and how much is its own (noise).',
    formula: 'snr = ‖E g‖² / tr Cov g over batches, unbiased; noiseScale = batch · tr Cov g / ‖E g‖²',
    gradient:
      'Far below 1 the direction of a single step is mostly chance: larger batches, or a smaller learning rate, help.',
    source: 'McCandlish et al. 2018, arXiv:1812.06162; Liu et al. 2020, arXiv:2001.07384',
  },
  options: { batches: optional(count(2, 10_000), 16) },
  take: (run, { batches: taken }) => {
    const { arena, batches, tape, network } = run;
    const position = batches.position();
    const trained = run.parameters.trained.map(({ path, tensor }) => {
      const size = sizeOf(tensor.shape);
      return {
        layer: path.slice(0, path.lastIndexOf('/')),
        grad: tensor.grad,
        size,
        sum: new Float64Array(size),
        square: 0,
      };
    });
    for (let i = 0; i < taken; i++) {
      batches.next(network.input.data, network.target.data);
      tape.forward();
      tape.backward();
      const { f32 } = arena;
      for (const parameter of trained) {
        const start = parameter.grad >> 2;
        for (let j = 0; j < parameter.size; j++) {
          const g = f32[start + j]!;
          parameter.sum[j] = parameter.sum[j]! + g;
          parameter.square += g * g;
        }
      }
    }
    batches.moveTo(position);
    const layers = [...new Set(trained.map(({ layer }) => layer))];
    const ratios = layers.map((name) => {
      let [signal, noise] = [0, 0];
      for (const { layer, sum, square } of trained) {
        if (layer !== name) continue;
        const meanSquare = sum.reduce((total, value) => total + (value / taken) ** 2, 0);
        const variance = (square - taken * meanSquare) / (taken - 1);
        signal += Math.max(0, meanSquare - variance / taken); // the noise of the mean is no signal
        noise += variance;
      }
      return { signal, noise };
    });
    const total = ratios.reduce((a, b) => ({ signal: a.signal + b.signal, noise: a.noise + b.noise }));
    return {
      numbers: {
        snr: total.signal / total.noise,
        noiseScale: (run.spec.data.batch * total.noise) / total.signal,
      },
      series: { snr: ratios.map(({ signal, noise }) => signal / noise) },
    };
  },
});
