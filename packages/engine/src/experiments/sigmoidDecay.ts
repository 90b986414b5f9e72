import * as activations from '../activations/index.js';
import { chi, fixedVariance, nonlinearityOf } from '../theory/meanField.js';
import { draft, within, type Experiment } from './experiment.js';
import { backwards, bandBackwards, factorBetween, lawBackwards, meanLogProfile } from './flow.js';

const [DEPTH, WIDTH, SEEDS, BATCH] = [30, 256, 12, 8];
/** The first layers still carry the input's variance; the law is about the fixed point behind them. */
const SETTLED = 4;

/** Each sigmoid layer divides the squared gradient by about 18 at σ_w = 1 (Hochreiter 1991). */
export const sigmoidDecay: Experiment = {
  id: 'sigmoidDecay',
  title: { en: 'Sigmoids make the gradient vanish', 'pt-BR': 'Sigmoides fazem o gradiente desaparecer' },
  question: {
    en: 'By what does one sigmoid layer multiply the squared gradient?',
    'pt-BR': 'Por quanto uma camada sigmoide multiplica o quadrado do gradiente?',
  },
  story: {
    en: 'The sigmoid’s slope is at most 1/4, so weights of variance 1/n pass less than 1/16 of the squared gradient: a constant share a layer, an exponential in depth. This is the vanishing gradient that Hochreiter found in 1991 and that the field took twenty years to cure.',
    'pt-BR':
      'A inclinação da sigmoide é no máximo 1/4; com pesos de variância 1/n passa menos de 1/16 do quadrado do gradiente: uma fração constante por camada, uma exponencial na profundidade. É o gradiente de fuga que Hochreiter encontrou em 1991 e que a área levou vinte anos para curar.',
  },
  law: {
    formula: 'χ = σ_w² E[φ′(√q* z)²], q* = σ_w² E[φ(√q* z)²]',
    source:
      'Hochreiter 1991; Bengio, Simard & Frasconi 1994; the constant by Schoenholz et al. 2017, arXiv:1611.01232, eq. 5',
  },
  tolerance:
    '±3 %: finite width shifts ln χ by O(1/n) a layer; the standard error over 12 seeds is below 0.5 % a layer',
  kind: 'init',
  seconds: 2,
  measure: async (bench) => {
    const phi = nonlinearityOf(activations.sigmoid, {})!;
    const law = chi(phi, 1, fixedVariance(phi, { sw2: 1, sb2: 0 })!);
    const network = [
      { type: 'dense', out: WIDTH, activation: 'sigmoid', init: 'lecunNormal', repeat: DEPTH },
      { type: 'dense', out: 10 },
    ];
    const outcome = draft(
      { label: 'layers from the output', scale: 'linear' },
      { label: 'rms of ∂L/∂a, relative', scale: 'log' },
    );
    const setting = { network, shape: [WIDTH], batch: BATCH, seeds: SEEDS };
    const logs = await meanLogProfile(bench, setting, 'gradientRms', (done) => bench.progress(done, SEEDS));
    outcome.checks.push(
      within('factor a layer, σ_w = 1', law, factorBetween(logs, SETTLED, DEPTH - 1), 0.03),
    );
    outcome.picture.curves.push(
      {
        name: 'sigmoid',
        kind: 'measured',
        points: backwards(logs.slice(0, DEPTH)),
      },
      {
        name: 'χ^(l/2)',
        kind: 'law',
        points: lawBackwards(law, DEPTH),
        band: bandBackwards(law * 0.97, law * 1.03, DEPTH),
      },
    );
    return outcome;
  },
};
