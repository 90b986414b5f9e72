import { train } from '../run/train.js';
import { draft, type Experiment } from './experiment.js';

const [DEPTH, WIDTH, SEEDS, STEPS] = [30, 64, 5, 300];
/** Loss of a network that only knows that there are ten classes. */
const CHANCE = Math.log(10);

/** Under plain SGD a 30-layer ReLU network learns from He's init and stalls from Xavier's (He 2015, Fig. 3). */
export const heTraining: Experiment = {
  id: 'heTraining',
  title: { en: 'He learns where Xavier stalls', 'pt-BR': 'He aprende onde Xavier estaciona' },
  question: {
    en: 'Does the init decide whether a 30-layer ReLU network learns at all?',
    'pt-BR': 'A inicialização decide se uma rede ReLU de 30 camadas chega a aprender?',
  },
  story: {
    en: 'A factor of √2 a layer in the weights looks harmless; thirty layers make it 2¹⁵. Under plain SGD the network with Xavier’s init sees no gradient and its loss stays at chance, while He’s learns. (Adam hides much of the difference: it divides by the gradient’s size.)',
    'pt-BR':
      'Um fator de √2 por camada nos pesos parece inofensivo; trinta camadas fazem dele 2¹⁵. Com SGD puro, a rede com a inicialização de Xavier não vê gradiente e a perda fica no acaso, enquanto a de He aprende. (O Adam esconde boa parte da diferença: divide pelo tamanho do gradiente.)',
  },
  law: {
    formula: 'loss(Xavier) ≈ ln 10 (chance), loss(He) clearly below, for each seed',
    source: 'He et al. 2015, arXiv:1502.01852, Fig. 3',
  },
  tolerance:
    'paired over 5 seeds, same data order: He must win in at least 4 (one-sided sign test, p = 6/32 < 0.19; all 5: p = 0.03); Xavier’s median within 1 % of chance',
  kind: 'training',
  seconds: 8,
  measure: async (bench) => {
    const outcome = draft({ label: 'step', scale: 'linear' }, { label: 'loss', scale: 'linear' });
    const last: Record<string, number[]> = { xavierNormal: [], heNormal: [] };
    for (let s = 0; s < SEEDS; s++) {
      for (const [i, init] of Object.keys(last).entries()) {
        const run = await bench.open({
          fuga: 1,
          seed: bench.seed * 1000 + s,
          data: { source: 'digits', batch: 64 },
          network: [
            { type: 'dense', out: WIDTH, activation: 'relu', init, repeat: DEPTH },
            { type: 'dense', out: 10 },
          ],
          optimizer: { type: 'sgd', lr: 0.05 },
          steps: STEPS,
        });
        const points: [number, number][] = [];
        let sum = 0;
        for (const { step, loss } of train(run)) {
          if (step % 10 === 0) points.push([step, loss]);
          if (step > STEPS - 50) sum += loss / 50;
        }
        last[init]!.push(sum);
        if (s === 0) outcome.picture.curves.push({ name: init, kind: 'measured', points });
        await bench.progress(2 * s + i + 1, 2 * SEEDS, outcome);
      }
    }
    const wins = last['heNormal']!.filter((loss, s) => loss < last['xavierNormal']![s]! - 0.1).length;
    const stalled = [...last['xavierNormal']!].sort((a, b) => a - b)[SEEDS >> 1]!;
    outcome.checks.push(
      { name: 'seeds in which He wins', predicted: SEEDS, low: SEEDS - 1, high: SEEDS, measured: wins },
      {
        name: 'median loss from Xavier',
        predicted: CHANCE,
        low: CHANCE * 0.99,
        high: CHANCE * 1.01,
        measured: stalled,
      },
    );
    outcome.picture.curves.push({
      name: 'chance',
      kind: 'law',
      points: [
        [0, CHANCE],
        [STEPS, CHANCE],
      ],
    });
    return outcome;
  },
};
