import * as activations from '../activations/index.js';
import { moments, nonlinearityOf } from '../theory/meanField.js';
import { profile } from '../run/trace.js';
import { draft, type Experiment } from './experiment.js';
import { flows } from './flow.js';

// One sample at a time: samples drift apart, and their mean square would follow the largest.
const [DEPTH, WIDTH, SEEDS, BATCH] = [20, 512, 12, 1];
/** Three standard errors of ln E[a²] over the seeds, √(5 L/(n S)), and the mean's shift, 2.5 L/n (Hanin & Nica 2019). */
const BAND = 3 * Math.sqrt((5 * DEPTH) / (WIDTH * SEEDS)) + (2.5 * DEPTH) / WIDTH;
const gains = [2, 2.5];

/** No constant gain keeps a GELU network level: He's 2 decays, 2.5 grows. */
export const geluGain: Experiment = {
  id: 'geluGain',
  title: { en: 'GELU has no gain', 'pt-BR': 'A GELU não tem ganho' },
  question: {
    en: 'Which weight variance keeps the signal of a GELU network level?',
    'pt-BR': 'Que variância dos pesos mantém o sinal de uma rede GELU?',
  },
  story: {
    en: 'GELU is not homogeneous: for small inputs it is x/2, for large ones a ReLU. Its variance map has no stable fixed point above 0, so He’s gain of 2 lets the signal die and a larger one lets it grow. That is why GELU networks come with normalisation.',
    'pt-BR':
      'A GELU não é homogênea: para entradas pequenas é x/2; para grandes, uma ReLU. O seu mapa de variância não tem ponto fixo estável acima de 0: o ganho 2 de He deixa o sinal morrer, um maior o deixa crescer. Por isso redes GELU vêm com normalização.',
  },
  law: {
    formula: 'q ← σ_w² E[gelu(√q z)²]',
    source: 'the map of Poole et al. 2016, arXiv:1606.05340, eq. 3, with Hendrycks & Gimpel 2016',
  },
  tolerance: `±${BAND.toFixed(2)} on ln E[a²]: three standard errors over ${SEEDS} seeds and the finite-width shift`,
  kind: 'init',
  seconds: 3,
  measure: async (bench) => {
    const phi = nonlinearityOf(activations.gelu, { approximate: 'none' })!;
    const outcome = draft(
      { label: 'layer', scale: 'linear' },
      { label: 'mean square of the activation', scale: 'log' },
    );
    for (const [i, gain] of gains.entries()) {
      const network = [
        {
          type: 'dense',
          out: WIDTH,
          activation: 'gelu',
          init: { lecunNormal: Math.sqrt(gain) },
          repeat: DEPTH,
        },
        { type: 'dense', out: 10 },
      ];
      const mean = new Float64Array(DEPTH); // of ln E[a²], over the seeds
      const law = new Float64Array(DEPTH);
      let done = 0;
      for await (const trace of flows(bench, { network, shape: [WIDTH], batch: BATCH, seeds: SEEDS })) {
        const squares = profile(trace, 'activationRms', trace.records[0]!).map((rms) => rms * rms);
        let followed = Math.log(squares[0]!);
        for (let l = 0; l < DEPTH; l++) {
          // One layer's law, from the mean square measured before it: the map has no fixed point that would pull a
          // finite network's small differences back, so following it from the input would add them up.
          if (l > 0) followed += Math.log(moments(phi, gain * squares[l - 1]!).square / squares[l - 1]!);
          law[l] = law[l]! + followed / SEEDS;
          mean[l] = mean[l]! + Math.log(squares[l]!) / SEEDS;
        }
        await bench.progress(i * SEEDS + ++done, gains.length * SEEDS, outcome);
      }
      const name = `σ_w² = ${gain}`;
      const [predicted, measured] = [law[DEPTH - 1]! - law[0]!, mean[DEPTH - 1]! - mean[0]!];
      outcome.checks.push({
        name: `ln E[a²] over ${DEPTH - 1} layers, ${name}`,
        predicted,
        measured,
        low: predicted - BAND,
        high: predicted + BAND,
      });
      const points = (values: Float64Array) =>
        Array.from(values, (v, l): [number, number] => [l + 1, Math.exp(v)]);
      outcome.picture.curves.push(
        { name, kind: 'measured', points: points(mean) },
        { name: `${name}: law`, kind: 'law', points: points(law) },
      );
    }
    return outcome;
  },
};
