import { draft, within, type Experiment } from './experiment.js';
import { backwards, bandBackwards, factorBetween, lawBackwards, meanLogProfile } from './flow.js';

const [DEPTH, WIDTH, SEEDS, BATCH] = [20, 256, 12, 8];

/** The old standard init U(±1/√n) loses two thirds of the squared gradient a layer; Xavier's keeps it. */
export const xavier: Experiment = {
  id: 'xavier',
  title: {
    en: 'Xavier’s init against the old standard',
    'pt-BR': 'A inicialização de Xavier contra o antigo padrão',
  },
  question: {
    en: 'What does the variance of the weights do to the gradient in the linear regime?',
    'pt-BR': 'O que a variância dos pesos faz com o gradiente no regime linear?',
  },
  story: {
    en: 'Until 2010 weights were drawn from U(−1/√n, 1/√n), whose variance is 1/(3n): each layer passes a third of the squared gradient. Glorot and Bengio asked for 1/n, and the gradient stays level as long as the units are in their linear range.',
    'pt-BR':
      'Até 2010, os pesos eram sorteados de U(−1/√n, 1/√n), de variância 1/(3n): cada camada deixa passar um terço do quadrado do gradiente. Glorot e Bengio pediram 1/n, e o gradiente se mantém enquanto as unidades estão na faixa linear.',
  },
  law: {
    formula: 'factor a layer n Var W: 1/3 for U(±1/√n), 1 for Xavier',
    source: 'Glorot & Bengio 2010, §4.2.1',
  },
  tolerance:
    '±3 %: −1/n a layer from finite width (products of Gaussian matrices), standard error below 0.3 %',
  kind: 'init',
  seconds: 3,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'layers from the output', scale: 'linear' },
      { label: 'rms of ∂L/∂a, relative', scale: 'log' },
    );
    const inits = [
      { name: 'U(±1/√n)', init: { uniform: 1 / Math.sqrt(WIDTH) }, factor: 1 / 3 },
      { name: 'Xavier', init: 'xavierUniform', factor: 1 },
    ];
    for (const [i, { name, init, factor }] of inits.entries()) {
      // Linear units: tanh's linear regime without its second-order loss, which is another law (tanhPhase).
      const network = [
        { type: 'dense', out: WIDTH, init, repeat: DEPTH },
        { type: 'dense', out: 10 },
      ];
      const setting = { network, shape: [WIDTH], batch: BATCH, seeds: SEEDS };
      const logs = await meanLogProfile(bench, setting, 'gradientRms', (done) =>
        bench.progress(i * SEEDS + done, inits.length * SEEDS, outcome),
      );
      outcome.checks.push(within(`factor a layer, ${name}`, factor, factorBetween(logs, 0, DEPTH - 1), 0.03));
      outcome.picture.curves.push(
        {
          name,
          kind: 'measured',
          points: backwards(logs.slice(0, DEPTH)),
        },
        {
          name: `${name}: law`,
          kind: 'law',
          points: lawBackwards(factor, DEPTH),
          band: bandBackwards(factor * 0.97, factor * 1.03, DEPTH),
        },
      );
    }
    return outcome;
  },
};
