import { profile } from '../run/trace.js';
import { draft, within, type Experiment } from './experiment.js';
import { backwards, flows } from './flow.js';

const [DEPTH, WIDTH, SEEDS, BATCH] = [100, 64, 3, 8];

/** With Fixup every residual block starts as the identity: the gradient's factor is exactly 1 (Zhang 2019). */
export const fixupIdentity: Experiment = {
  id: 'fixupIdentity',
  title: { en: 'Fixup starts as the identity', 'pt-BR': 'A Fixup começa como identidade' },
  question: {
    en: 'Can a hundred residual blocks start level without any normalisation?',
    'pt-BR': 'Cem blocos residuais podem começar nivelados sem nenhuma normalização?',
  },
  story: {
    en: 'Set the last weight of each branch to zero and the block is the identity: whatever the depth, signal and gradient pass unchanged at the start. The branches open as their last weights grow, each by about 1/L a step.',
    'pt-BR':
      'Com o último peso de cada ramo em zero, o bloco é a identidade: em qualquer profundidade, sinal e gradiente passam intactos no início. Os ramos se abrem à medida que os seus últimos pesos crescem, cada um cerca de 1/L por passo.',
  },
  law: {
    formula: 'factor a block = 1 at initialisation',
    source: 'Zhang, Dauphin & Ma 2019, arXiv:1901.09321, §3.2',
  },
  tolerance: '10⁻⁵: the branch adds exact zeros; only the float32 sum of rms is rounded',
  kind: 'init',
  seconds: 1,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'blocks from the output', scale: 'linear' },
      { label: 'rms of ∂L/∂x, relative', scale: 'log' },
    );
    const body = [
      { type: 'dense', out: WIDTH, activation: 'relu', init: 'fixup' },
      { type: 'dense', out: WIDTH, init: 'fixup' },
    ];
    // The readout is drawn: Fixup would set it to zero too, and there would be no gradient to compare.
    const network = [
      { type: 'residual', body, repeat: DEPTH },
      { type: 'dense', out: 10, init: 'lecunNormal' },
    ];
    let [sum, done] = [0, 0];
    for await (const trace of flows(bench, { network, shape: [WIDTH], batch: BATCH, seeds: SEEDS })) {
      const record = trace.records[0]!;
      const blocks = profile(trace, 'gradientRms', record)
        .filter((_, site) => site % 3 === 0)
        .slice(0, DEPTH);
      sum += blocks[0]! / blocks[DEPTH - 1]!;
      if (done++ === 0) {
        outcome.picture.curves.push({
          name: 'Fixup',
          kind: 'measured',
          points: backwards(blocks.map((g) => 2 * Math.log(g))),
        });
      }
      await bench.progress(done, SEEDS, outcome);
    }
    outcome.checks.push(within(`factor of ${DEPTH} blocks`, 1, sum / SEEDS, 1e-5));
    outcome.picture.curves.push({
      name: '1',
      kind: 'law',
      points: [
        [0, 1],
        [DEPTH - 1, 1],
      ],
    });
    return outcome;
  },
};
