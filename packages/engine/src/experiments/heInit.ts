import { draft, within, type Experiment } from './experiment.js';
import { backwards, bandBackwards, factorBetween, lawBackwards, meanLogProfile } from './flow.js';

const [DEPTH, WIDTH, SEEDS, BATCH] = [30, 256, 12, 8];

/** Weight variance σ²/n against the squared gradient's factor a layer, σ²/2. */
const scales = [
  { name: 'He, σ² = 2', init: 'heNormal', power: 2 },
  { name: 'LeCun, σ² = 1', init: 'lecunNormal', power: 1 },
];

/** ReLU halves the squared gradient; He's init makes up for it (He et al. 2015). */
export const heInit: Experiment = {
  id: 'heInit',
  title: {
    en: 'He init keeps a ReLU network’s gradient level',
    'pt-BR': 'A inicialização de He mantém o gradiente de uma rede ReLU',
  },
  question: {
    en: 'By what does one ReLU layer multiply the squared gradient?',
    'pt-BR': 'Por quanto uma camada ReLU multiplica o quadrado do gradiente?',
  },
  story: {
    en: 'A ReLU stops half of the units, so on average it passes half of the squared gradient. Weights of variance 2/n make up for exactly that; Xavier’s 1/n does not, and after 30 layers the gradient’s norm is 2⁻¹⁵ of what it was.',
    'pt-BR':
      'Uma ReLU bloqueia metade das unidades; em média, só passa metade do quadrado do gradiente. Pesos de variância 2/n compensam exatamente isso; com 1/n (Xavier), depois de 30 camadas a norma do gradiente é 2⁻¹⁵ do que era.',
  },
  law: { formula: 'E‖δₗ‖² / E‖δₗ₊₁‖² = σ² / 2', source: 'He et al. 2015, arXiv:1502.01852, §2.2' },
  tolerance:
    '±3 %: the mean of ln‖δ‖² lies about 2.5/n = 1 % a layer below the law at width 256 (Hanin & Nica 2019), its standard error over 12 seeds is √(5/(n L S)) < 0.3 % a layer',
  kind: 'init',
  seconds: 3,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'layers from the output', scale: 'linear' },
      { label: 'rms of ∂L/∂a, relative', scale: 'log' },
    );
    for (const [i, { name, init, power }] of scales.entries()) {
      const network = [
        { type: 'dense', out: WIDTH, activation: 'relu', init, repeat: DEPTH },
        { type: 'dense', out: 10 },
      ];
      const setting = { network, shape: [WIDTH], batch: BATCH, seeds: SEEDS };
      const logs = await meanLogProfile(bench, setting, 'gradientRms', (done) =>
        bench.progress(i * SEEDS + done, scales.length * SEEDS, outcome),
      );
      outcome.checks.push(
        within(`factor a layer, ${name}`, power / 2, factorBetween(logs, 0, DEPTH - 1), 0.03),
      );
      outcome.picture.curves.push(
        { name, kind: 'measured', points: backwards(logs.slice(0, DEPTH)) },
        {
          name: `${name}: law`,
          kind: 'law',
          points: lawBackwards(power / 2, DEPTH),
          band: bandBackwards((power / 2) * 0.97, (power / 2) * 1.03, DEPTH),
        },
      );
    }
    return outcome;
  },
};
