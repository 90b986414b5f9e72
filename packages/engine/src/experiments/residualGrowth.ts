import { draft, within, type Experiment } from './experiment.js';
import { backwards, bandBackwards, factorBetween, lawBackwards, meanLogProfile } from './flow.js';

const [DEPTH, WIDTH, SEEDS, BATCH] = [30, 256, 12, 8];

/** Branches of gain 1 double the squared gradient a block; scaled by 1/√L the whole net only multiplies it by e. */
export const residualGrowth: Experiment = {
  id: 'residualGrowth',
  title: { en: 'Residual branches add up', 'pt-BR': 'Os ramos residuais se somam' },
  question: {
    en: 'How does the gradient grow through residual blocks without normalisation?',
    'pt-BR': 'Como o gradiente cresce através de blocos residuais sem normalização?',
  },
  story: {
    en: 'A skip never lets the gradient vanish, but each branch adds its own share: with branches of gain 1 the squared gradient doubles a block, 2³⁰ after thirty. Scale each branch by 1/√L and the total stays below e, however deep.',
    'pt-BR':
      'Um atalho nunca deixa o gradiente desaparecer, mas cada ramo soma a sua parte: com ramos de ganho 1, o quadrado do gradiente dobra a cada bloco, 2³⁰ depois de trinta. Com cada ramo multiplicado por 1/√L, o total fica abaixo de e, por mais funda que seja a rede.',
  },
  law: {
    formula: 'factor a block 1 + s²: 2 for s = 1; (1 + 1/L)ᴸ → e over L blocks for s = 1/√L',
    source: 'Yang & Schoenholz 2017, arXiv:1712.08969; Hanin & Rolnick 2018, arXiv:1803.01719',
  },
  tolerance:
    '±3 % a block (finite width: the branch’s ln factor varies by about 5/n a block, averaged over 29 blocks and 12 seeds); ±15 % on the product of 30 scaled blocks',
  kind: 'init',
  seconds: 5,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'blocks from the output', scale: 'linear' },
      { label: 'rms of ∂L/∂x, relative', scale: 'log' },
    );
    const scales = [
      { name: 'scale 1', scale: 1 },
      { name: 'scale 1/√L', scale: 1 / Math.sqrt(DEPTH) },
    ];
    for (const [i, { name, scale }] of scales.entries()) {
      const body = [
        { type: 'dense', out: WIDTH, activation: 'relu', init: 'heNormal' },
        { type: 'dense', out: WIDTH, init: 'lecunNormal' },
      ];
      const network = [
        { type: 'residual', body, scale, repeat: DEPTH },
        { type: 'dense', out: 10 },
      ];
      const setting = { network, shape: [WIDTH], batch: BATCH, seeds: SEEDS };
      const logs = await meanLogProfile(bench, setting, 'gradientRms', (done) =>
        bench.progress(i * SEEDS + done, scales.length * SEEDS, outcome),
      );
      const blocks = logs.filter((_, site) => site % 3 === 0).slice(0, DEPTH); // residual, its two layers, residual, …
      const factor = factorBetween(blocks, 0, DEPTH - 1);
      const law = 1 + scale * scale;
      // ±3 % a block, or ±15 % over all of them.
      const [low, high] = scale === 1 ? [0.97, 1.03] : [0.85 ** (1 / DEPTH), 1.15 ** (1 / DEPTH)];
      if (scale === 1) outcome.checks.push(within('factor a block, scale 1', 2, factor, 0.03));
      else
        outcome.checks.push(
          within('product of 30 blocks, scale 1/√L', (1 + 1 / DEPTH) ** DEPTH, factor ** DEPTH, 0.15),
        );
      outcome.picture.curves.push(
        {
          name,
          kind: 'measured',
          points: backwards(blocks),
        },
        {
          name: `${name}: law`,
          kind: 'law',
          points: lawBackwards(law, DEPTH),
          band: bandBackwards(law * low, law * high, DEPTH),
        },
      );
    }
    return outcome;
  },
};
