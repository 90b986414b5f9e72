import * as activations from '../activations/index.js';
import { chi, nonlinearityOf } from '../theory/meanField.js';
import { profile } from '../run/trace.js';
import { draft, within, type Experiment } from './experiment.js';
import { factorBetween, flows } from './flow.js';

const [DEPTH, WIDTH, SEEDS, BATCH] = [32, 256, 10, 32];
const starts = [0.5, 1, 1.5];
/** Layers after which any start has reached the fixed point; the factor is read behind them. */
const SETTLED = 16;

/** SELU pulls mean and variance to (0, 1) from any start; its gradient grows a little each layer (Klambauer 2017). */
export const seluFixedPoint: Experiment = {
  id: 'seluFixedPoint',
  title: { en: 'SELU’s fixed point', 'pt-BR': 'O ponto fixo da SELU' },
  question: {
    en: 'Does a SELU network normalise itself, and what happens to its gradient?',
    'pt-BR': 'Uma rede SELU se normaliza sozinha? E o que acontece com o gradiente?',
  },
  story: {
    en: 'SELU’s two constants are chosen so that unit variance maps to unit variance, and small deviations shrink. The signal is safe at any depth; the squared gradient still grows by 7 % a layer, which no constant can avoid at the same time.',
    'pt-BR':
      'As duas constantes da SELU foram escolhidas para que variância um leve a variância um e pequenos desvios diminuam. O sinal fica seguro em qualquer profundidade; o quadrado do gradiente ainda cresce 7 % por camada, o que nenhuma constante evita ao mesmo tempo.',
  },
  law: {
    formula: 'mean → 0, variance → 1;  χ = E[selu′(z)²] = 1.0717',
    source: 'Klambauer et al. 2017, arXiv:1706.02515, Theorem 1',
  },
  tolerance:
    'mean ±0.03 and variance ±5 %: a layer of 256 units estimates its variance to √(2/256)/√10 ≈ 3 % over 10 seeds, with attraction pulling it back; χ ±3 %',
  kind: 'init',
  seconds: 6,
  measure: async (bench) => {
    const law = chi(nonlinearityOf(activations.selu, {})!, 1, 1);
    const outcome = draft(
      { label: 'layer', scale: 'linear' },
      { label: 'variance of the activation', scale: 'log' },
    );
    for (const [i, start] of starts.entries()) {
      const first = {
        type: 'dense',
        out: WIDTH,
        activation: 'selu',
        init: { lecunNormal: Math.sqrt(start) },
      };
      const network = [
        first,
        { ...first, init: 'lecunNormal', repeat: DEPTH - 1 },
        { type: 'dense', out: 10 },
      ];
      const variance = new Float64Array(DEPTH);
      const logs = new Float64Array(DEPTH);
      let [mean, done] = [0, 0];
      for await (const trace of flows(bench, { network, shape: [WIDTH], batch: BATCH, seeds: SEEDS })) {
        const record = trace.records[0]!;
        const deviations = profile(trace, 'activationStd', record);
        const gradients = profile(trace, 'gradientRms', record);
        for (let l = 0; l < DEPTH; l++) {
          variance[l] = variance[l]! + deviations[l]! ** 2 / SEEDS;
          logs[l] = logs[l]! + (2 * Math.log(gradients[l]!)) / SEEDS;
        }
        mean += profile(trace, 'activationMean', record)[DEPTH - 1]! / SEEDS;
        await bench.progress(i * SEEDS + ++done, starts.length * SEEDS, outcome);
      }
      outcome.checks.push(
        {
          name: `mean after ${DEPTH} layers, start variance ${start}`,
          predicted: 0,
          low: -0.03,
          high: 0.03,
          measured: mean,
        },
        within(`variance after ${DEPTH} layers, start variance ${start}`, 1, variance[DEPTH - 1]!, 0.05),
      );
      if (start === 1) outcome.checks.push(within('χ', law, factorBetween(logs, SETTLED, DEPTH - 1), 0.03));
      outcome.picture.curves.push({
        name: `start ${start}`,
        kind: 'measured',
        points: Array.from(variance, (value, l): [number, number] => [l + 1, value]),
      });
    }
    outcome.picture.curves.push({
      name: 'fixed point',
      kind: 'law',
      points: [
        [1, 1],
        [DEPTH, 1],
      ],
    });
    return outcome;
  },
};
