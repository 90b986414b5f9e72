import { draft, type Experiment } from './experiment.js';
import { backwards, bandBackwards, factorBetween, lawBackwards, meanLogProfile } from './flow.js';

const [DEPTH, WIDTH, SEEDS, BATCH] = [25, 256, 6, 128];
/** Squared gradient a layer through batch norm and ReLU, for a large batch. */
const LAW = Math.PI / (Math.PI - 1);

/** Batch norm before ReLU multiplies the squared gradient by π/(π−1) a layer: it explodes (Yang 2019). */
export const batchNormExplosion: Experiment = {
  id: 'batchNormExplosion',
  title: {
    en: 'Batch norm makes gradients explode',
    'pt-BR': 'A normalização em lote faz o gradiente explodir',
  },
  question: {
    en: 'Batch norm keeps the signal level. What does it do to the gradient?',
    'pt-BR': 'A normalização em lote mantém o sinal. O que ela faz com o gradiente?',
  },
  story: {
    en: 'Batch norm divides by the deviation of each unit over the batch. Forward this keeps every layer at unit variance whatever the weights; backward it multiplies the squared gradient by about 1.47 a layer, so a plain network of a hundred layers explodes at the start, by 10⁸. Skips cure it.',
    'pt-BR':
      'A normalização em lote divide pelo desvio de cada unidade no lote. Para a frente, isso mantém toda camada com variância um, quaisquer que sejam os pesos; para trás, multiplica o quadrado do gradiente por cerca de 1,47 por camada: uma rede simples de cem camadas começa explodindo, por um fator 10⁸. Atalhos curam isso.',
  },
  law: { formula: '‖δₗ‖² / ‖δₗ₊₁‖² → π / (π − 1) = 1.467', source: 'Yang et al. 2019, arXiv:1902.08129, §3' },
  tolerance:
    '1.40 to 1.53: the law is the limit of a large batch (−5 % to +4 % of it; an independent float64 simulation gives 1.496 at a batch of 32 and 1.454 at 128)',
  kind: 'init',
  seconds: 8,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'layers from the output', scale: 'linear' },
      { label: 'rms of ∂L/∂a, relative', scale: 'log' },
    );
    const body = [
      { type: 'dense', out: WIDTH, init: 'heNormal', bias: false },
      { type: 'batchNorm' },
      { type: 'activation', fn: 'relu' },
    ];
    const network = [
      { type: 'block', body, repeat: DEPTH },
      { type: 'dense', out: 10 },
    ];
    const setting = { network, shape: [WIDTH], batch: BATCH, seeds: SEEDS };
    const logs = await meanLogProfile(bench, setting, 'gradientRms', (done) =>
      bench.progress(done, SEEDS, outcome),
    );
    const blocks = logs.filter((_, site) => site % 3 === 2).slice(0, DEPTH); // at each block's activation
    outcome.checks.push({
      name: 'factor a layer',
      predicted: LAW,
      low: 1.4,
      high: 1.53,
      measured: factorBetween(blocks, 0, DEPTH - 1),
    });
    outcome.picture.curves.push(
      { name: `batch ${BATCH}`, kind: 'measured', points: backwards(blocks) },
      {
        name: '(π/(π−1))^(l/2)',
        kind: 'law',
        points: lawBackwards(LAW, DEPTH),
        band: bandBackwards(1.4, 1.53, DEPTH),
      },
    );
    return outcome;
  },
};
