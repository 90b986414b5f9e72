import { profile } from '../run/trace.js';
import { draft, type Experiment } from './experiment.js';
import { flows } from './flow.js';

const [DEPTH, WIDTH, SEEDS, BATCH] = [20, 64, 3, 64];
const activations = ['relu', 'tanh', 'gelu', 'sigmoid'];

/** LSUV gives every layer's output unit variance, whatever the activation (Mishkin 2015). */
export const lsuvVariance: Experiment = {
  id: 'lsuvVariance',
  title: { en: 'LSUV levels any network', 'pt-BR': 'A LSUV nivela qualquer rede' },
  question: {
    en: 'Can data set the scale of the weights where no formula does?',
    'pt-BR': 'Os dados podem fixar a escala dos pesos onde nenhuma fórmula o faz?',
  },
  story: {
    en: 'Instead of deriving a gain for each activation, LSUV passes one batch through the network and rescales each weight until its layer’s output has unit variance. It works for GELU, which has no gain, as for any other.',
    'pt-BR':
      'Em vez de deduzir um ganho para cada ativação, a LSUV passa um lote pela rede e reescala cada peso até a saída da camada ter variância um. Funciona para a GELU, que não tem ganho, como para qualquer outra.',
  },
  law: {
    formula: 'Var(output of each layer) = 1 ± 0.1 on the first batch',
    source: 'Mishkin & Matas 2015, arXiv:1511.06422, algorithm 1',
  },
  tolerance: '0.9 to 1.1: the algorithm’s own stopping rule',
  kind: 'init',
  seconds: 2,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'layer', scale: 'linear' },
      { label: 'variance of the output', scale: 'linear' },
    );
    let done = 0;
    for (const activation of activations) {
      const network = [
        // The variance is that of the weight's own output, before the activation: layers apart, so that both are sites.
        {
          type: 'block',
          body: [
            { type: 'dense', out: WIDTH, init: 'lsuv' },
            { type: 'activation', fn: activation },
          ],
          repeat: DEPTH,
        },
        { type: 'dense', out: 10 },
      ];
      let [low, high] = [Infinity, 0];
      let points: [number, number][] = [];
      for await (const trace of flows(bench, { network, shape: [WIDTH], batch: BATCH, seeds: SEEDS })) {
        const deviations = profile(trace, 'activationStd', trace.records[0]!);
        points = Array.from({ length: DEPTH }, (_, l) => [l + 1, deviations[2 * l]! ** 2]);
        for (const [, variance] of points) [low, high] = [Math.min(low, variance), Math.max(high, variance)];
        await bench.progress(++done, activations.length * SEEDS, outcome);
      }
      outcome.checks.push(
        { name: `smallest variance, ${activation}`, predicted: 1, low: 0.9, high: 1.1, measured: low },
        { name: `largest variance, ${activation}`, predicted: 1, low: 0.9, high: 1.1, measured: high },
      );
      outcome.picture.curves.push({ name: activation, kind: 'measured', points });
    }
    outcome.picture.curves.push({
      name: '1',
      kind: 'law',
      points: [
        [1, 1],
        [DEPTH, 1],
      ],
      band: [
        [0.9, 1.1],
        [0.9, 1.1],
      ],
    });
    return outcome;
  },
};
