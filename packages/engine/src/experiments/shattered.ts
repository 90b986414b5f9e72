import { gradientAutocorrelation } from '../measures/gradientAutocorrelation.js';
import { draft, type Experiment } from './experiment.js';

const [DEPTH, WIDTH, SEEDS, POINTS, LAGS] = [50, 64, 12, 128, 15];

const nets = [
  { name: 'plain', scale: null },
  { name: 'residual, β = 1', scale: 1 },
  { name: 'residual, β = 0.1', scale: 0.1 },
];

/** Along a line of inputs a deep plain network's gradient looks like white noise; skips keep it smooth (Balduzzi 2017). */
export const shattered: Experiment = {
  id: 'shattered',
  title: { en: 'Shattered gradients', 'pt-BR': 'Gradientes estilhaçados' },
  question: {
    en: 'Do two near inputs still have similar gradients after fifty layers?',
    'pt-BR': 'Depois de cinquenta camadas, duas entradas próximas ainda têm gradientes parecidos?',
  },
  story: {
    en: 'A gradient of the right size can still be useless: in a deep plain ReLU network it changes from one input to the next like white noise, so what one sample teaches says nothing about its neighbour. Skips keep it smooth, the more so the smaller the branch.',
    'pt-BR':
      'Um gradiente do tamanho certo ainda pode ser inútil: numa rede ReLU simples e funda, ele muda de uma entrada para a vizinha como ruído branco, e o que uma amostra ensina nada diz sobre a próxima. Os atalhos o mantêm suave, tanto mais quanto menor o ramo.',
  },
  law: {
    formula: 'autocorrelation of ∂y/∂x along a line: plain < residual (β = 1) < residual (β = 0.1)',
    source: 'Balduzzi et al. 2017, arXiv:1702.08591, §2 and Fig. 1',
  },
  tolerance:
    'the order must hold for the mean over 12 seeds; the gaps in a float64 simulation (0.41, 0.58, 0.88) are several standard errors',
  kind: 'init',
  seconds: 4,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'lag', scale: 'linear' },
      { label: 'autocorrelation of the gradient', scale: 'linear' },
    );
    const first: number[] = [];
    for (const [i, { name, scale }] of nets.entries()) {
      const mean = new Float64Array(LAGS + 1);
      for (let s = 0; s < SEEDS; s++) {
        const plain = { type: 'dense', out: WIDTH, activation: 'relu', init: 'heNormal' };
        const body = [plain, { type: 'dense', out: WIDTH, init: 'lecunNormal' }];
        const deep =
          scale === null ? { ...plain, repeat: DEPTH } : { type: 'residual', body, scale, repeat: DEPTH / 2 };
        const run = await bench.open({
          fuga: 1,
          seed: bench.seed * 1000 + s,
          data: { source: 'gaussian', features: WIDTH, samples: 10, batch: 8 },
          network: [deep, { type: 'dense', out: 10 }],
          steps: 1,
        });
        const { series } = gradientAutocorrelation.take(run, { points: POINTS, lags: LAGS });
        series['autocorrelation']!.forEach((value, lag) => {
          mean[lag] = mean[lag]! + value / SEEDS;
        });
        await bench.progress(i * SEEDS + s + 1, nets.length * SEEDS, outcome);
      }
      first.push(mean[1]!);
      outcome.picture.curves.push({
        name,
        kind: 'measured',
        points: Array.from(mean, (value, lag): [number, number] => [lag, value]),
      });
    }
    const [plain, full, small] = first as [number, number, number];
    outcome.checks.push(
      {
        name: 'lag 1: residual (β = 1) − plain',
        predicted: 0.17,
        low: 0.02,
        high: 1,
        measured: full - plain,
      },
      {
        name: 'lag 1: residual (β = 0.1) − residual (β = 1)',
        predicted: 0.3,
        low: 0.02,
        high: 1,
        measured: small - full,
      },
    );
    return outcome;
  },
};
