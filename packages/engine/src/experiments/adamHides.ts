import { profile } from '../run/trace.js';
import { train } from '../run/train.js';
import { draft, within, type Experiment } from './experiment.js';

const [DEPTH, WIDTH, SEEDS] = [6, 128, 8];
const rates = { sgd: 0.1, adam: 0.001 };

/** Adam's first step is lr an entry at every layer, while SGD's follows the gradient (ours). */
export const adamHides: Experiment = {
  id: 'adamHides',
  title: { en: 'Adam hides vanishing', 'pt-BR': 'O Adam esconde o gradiente de fuga' },
  question: {
    en: 'What does a vanished gradient do to the step that Adam takes?',
    'pt-BR': 'O que um gradiente quase nulo faz com o passo que o Adam dá?',
  },
  story: {
    en: 'Adam divides the gradient by its own size, so the first layer of a sigmoid network moves as far as the last although its gradient is thousands of times smaller. The disease is still there: what is left of the gradient is mostly noise, and once it nears ε = 10⁻⁸ even the step is gone. So proofs must name the optimiser.',
    'pt-BR':
      'O Adam divide o gradiente pelo seu próprio tamanho; assim, a primeira camada de uma rede sigmoide anda tanto quanto a última, embora o seu gradiente seja milhares de vezes menor. A doença continua lá: o que sobra do gradiente é quase só ruído e, perto de ε = 10⁻⁸, até o passo some. Por isso toda prova precisa dizer qual é o otimizador.',
  },
  law: {
    formula: 'first step: SGD |Δw| = lr |g|, Adam |Δw| = lr |g| / (|g| + ε)',
    source: 'Kingma & Ba 2014, arXiv:1412.6980, algorithm 1 with bias correction at t = 1',
  },
  tolerance:
    'SGD: ratio of updates = ratio of gradients within 2 % (the updates are read as differences of float32 weights); Adam: within 5 % of 1, the share of entries so small that ε = 10⁻⁸ shows',
  kind: 'init',
  seconds: 1,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'layer', scale: 'linear' },
      { label: 'rms of the first update', scale: 'log' },
    );
    for (const [i, type] of (['sgd', 'adam'] as const).entries()) {
      const rms = new Float64Array(DEPTH);
      let [law, ratio] = [0, 0];
      for (let s = 0; s < SEEDS; s++) {
        const run = await bench.open({
          fuga: 1,
          seed: bench.seed * 1000 + s,
          data: { source: 'gaussian', features: WIDTH, samples: 100, batch: 64 },
          network: [
            {
              type: 'dense',
              out: WIDTH,
              activation: 'sigmoid',
              init: 'xavierNormal',
              bias: false,
              repeat: DEPTH,
            },
            { type: 'dense', out: 10 },
          ],
          optimizer: { type, lr: rates[type] },
          steps: 1,
        });
        for (const _ of train(run)) void _;
        const { trace } = run;
        const record = trace.records[0]!;
        const updates = profile(trace, 'updateRatio', record);
        const norms = profile(trace, 'parameterNorm', record);
        const gradients = profile(trace, 'parameterGradNorm', record);
        const moved = (l: number) => updates[l]! * norms[l]!;
        for (let l = 0; l < DEPTH; l++) rms[l] = rms[l]! + moved(l) / WIDTH / SEEDS;
        ratio += moved(0) / moved(DEPTH - 1) / SEEDS;
        law += gradients[0]! / gradients[DEPTH - 1]! / SEEDS;
        await bench.progress(i * SEEDS + s + 1, 2 * SEEDS, outcome);
      }
      if (type === 'sgd') outcome.checks.push(within('SGD: first update / last', law, ratio, 0.02));
      else {
        outcome.checks.push(
          within('Adam: first update / last', 1, ratio, 0.05),
          within('Adam: last update / lr', 1, rms[DEPTH - 1]! / rates.adam, 0.05),
        );
      }
      outcome.picture.curves.push({
        name: type,
        kind: 'measured',
        points: Array.from(rms, (value, l): [number, number] => [l + 1, value]),
      });
    }
    const lr = rates.adam;
    outcome.picture.curves.push({
      name: 'Adam: lr',
      kind: 'law',
      points: [
        [1, lr],
        [DEPTH, lr],
      ],
    });
    return outcome;
  },
};
