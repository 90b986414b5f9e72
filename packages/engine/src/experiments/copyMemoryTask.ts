import { evaluate } from '../run/evaluate.js';
import { train } from '../run/train.js';
import { draft, type Experiment } from './experiment.js';

const [LENGTH, HIDDEN, STEPS] = [20, 64, 1500];
/** Cross entropy of guessing the ten symbols at random and knowing everything else. */
const BASELINE = (10 * Math.log(8)) / (LENGTH + 20);

/** Without memory the copy problem cannot be done better than 10 ln 8 / (T + 20) (Arjovsky 2016). */
export const copyMemoryTask: Experiment = {
  id: 'copyMemoryTask',
  title: { en: 'The copy problem', 'pt-BR': 'O problema da cópia' },
  question: {
    en: 'Can a recurrent network give ten symbols back after a long blank?',
    'pt-BR': 'Uma rede recorrente consegue devolver dez símbolos depois de um longo vazio?',
  },
  story: {
    en: 'Ten symbols, then blanks, then the ten symbols again from memory. Without memory the best loss is 10 ln 8 / (T + 20), and a tanh RNN stays there.',
    'pt-BR':
      'Dez símbolos, depois um vazio, depois os dez símbolos de memória. Sem memória, a melhor perda é 10 ln 8 / (T + 20), e a RNN tanh fica aí.',
  },
  law: {
    formula: 'cross entropy of a network without memory ≥ 10 ln 8 / (T + 20)',
    source: 'Arjovsky, Shah & Bengio 2016, arXiv:1511.06464, §5.1',
  },
  tolerance: 'tanh RNN: 95 % to 120 % of the baseline; LSTM: below 95 % of it',
  kind: 'training',
  seconds: 60,
  measure: async (bench) => {
    const outcome = draft({ label: 'step', scale: 'linear' }, { label: 'cross entropy', scale: 'log' });
    const cells = [
      { type: 'rnn', low: 0.95 * BASELINE, high: 1.2 * BASELINE, predicted: BASELINE },
      { type: 'lstm', low: 0, high: 0.95 * BASELINE, predicted: 0 },
    ];
    for (const [i, { type, low, high, predicted }] of cells.entries()) {
      const run = await bench.open({
        fuga: 1,
        seed: bench.seed,
        data: { source: 'copyMemory', length: LENGTH, batch: 32 },
        network: [
          { type: 'embedding', vocab: 10, out: 16 },
          { type, hidden: HIDDEN, returns: 'sequence' },
          { type: 'dense', out: 10 },
        ],
        optimizer: { type: 'adam', lr: 0.005 },
        clip: { norm: 1 },
        steps: STEPS,
      });
      for (const { step } of train(run))
        if (step % 50 === 0) await bench.progress(i * STEPS + step, 2 * STEPS, outcome);
      outcome.checks.push({
        name: `${type} on unseen sequences`,
        predicted,
        low,
        high,
        measured: evaluate(run).loss,
      });
      const { losses, lossEvery } = run.trace;
      outcome.picture.curves.push({
        name: type,
        kind: 'measured',
        points: losses
          .filter((_, k) => k % 20 === 0)
          .map((loss, k): [number, number] => [20 * k * lossEvery, loss]),
      });
    }
    outcome.picture.curves.push({
      name: 'no memory',
      kind: 'law',
      points: [
        [0, BASELINE],
        [STEPS, BASELINE],
      ],
    });
    return outcome;
  },
};
