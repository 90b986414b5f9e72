import { evaluate } from '../run/evaluate.js';
import { train } from '../run/train.js';
import { draft, type Experiment } from './experiment.js';

const [LENGTH, HIDDEN, STEPS, SEEDS] = [100, 32, 3500, 2];
/** Mean squared error of always answering 1: the variance of the sum of two U(0, 1). */
const BASELINE = 1 / 6;

/** An LSTM adds two numbers far apart; a tanh RNN of the same size cannot (Hochreiter & Schmidhuber 1997). */
export const addingProblem: Experiment = {
  id: 'addingProblem',
  title: { en: 'The adding problem', 'pt-BR': 'O problema da soma' },
  question: {
    en: 'Can a recurrent network remember two marked numbers to the end of a sequence?',
    'pt-BR': 'Uma rede recorrente consegue guardar dois números marcados até o fim da sequência?',
  },
  story: {
    en: 'Two numbers of a long sequence are marked, the answer is their sum. Always answering 1 has an error of 1/6, and that is where a tanh RNN stays: the gradient from the answer never reaches the numbers. The LSTM’s cell carries it, and the error falls to almost nothing.',
    'pt-BR':
      'Dois números de uma sequência longa são marcados; a resposta é a soma. Responder sempre 1 tem erro 1/6, e aí fica a RNN tanh: o gradiente da resposta nunca chega aos números. A célula da LSTM o carrega, e o erro cai a quase nada.',
  },
  law: {
    formula: 'MSE(tanh RNN) ≈ 1/6, MSE(LSTM) → 0',
    source: 'Hochreiter & Schmidhuber 1997, experiment 4; Le et al. 2015, arXiv:1504.00941, §4.1',
  },
  tolerance:
    'LSTM below 0.02, RNN above 0.12 (72 % of the baseline), as the papers’ curves separate; on unseen sequences, each seed',
  kind: 'training',
  seconds: 60,
  measure: async (bench) => {
    const outcome = draft({ label: 'step', scale: 'linear' }, { label: 'mean squared error', scale: 'log' });
    const cells = [
      { type: 'lstm', low: 0, high: 0.02, predicted: 0 },
      { type: 'rnn', low: 0.12, high: 0.25, predicted: BASELINE },
    ];
    for (let s = 0; s < SEEDS; s++) {
      for (const [i, { type, low, high, predicted }] of cells.entries()) {
        const run = await bench.open({
          fuga: 1,
          seed: bench.seed * 1000 + s,
          data: { source: 'adding', length: LENGTH, batch: 32 },
          network: [
            { type, hidden: HIDDEN },
            { type: 'dense', out: 1 },
          ],
          optimizer: { type: 'adam', lr: 0.003 },
          clip: { norm: 1 },
          steps: STEPS,
        });
        for (const { step } of train(run)) {
          if (step % 100 === 0) await bench.progress((2 * s + i + step / STEPS) | 0, 2 * SEEDS, outcome);
        }
        outcome.checks.push({
          name: `${type}, seed ${s + 1}`,
          predicted,
          low,
          high,
          measured: evaluate(run).metric,
        });
        const { losses, lossEvery } = run.trace;
        if (s === 0) {
          outcome.picture.curves.push({
            name: type,
            kind: 'measured',
            points: losses
              .filter((_, k) => k % 20 === 0)
              .map((loss, k): [number, number] => [20 * k * lossEvery, loss]),
          });
        }
      }
    }
    outcome.picture.curves.push({
      name: 'always 1',
      kind: 'law',
      points: [
        [0, BASELINE],
        [STEPS, BASELINE],
      ],
    });
    return outcome;
  },
};
