import { train } from '../run/train.js';
import { draft, within, type Experiment } from './experiment.js';

const [STEPS, WIDTH, SEEDS, BATCH] = [100, 128, 5, 8];
/** So small an input that tanh stays the identity even after growing 1.1¹⁰⁰ = 13,781 times. */
const TINY = 1e-9;

/** Through time the gradient is multiplied by the recurrent matrix again and again (Pascanu 2013). */
export const linearRnn: Experiment = {
  id: 'linearRnn',
  title: { en: 'A recurrent matrix, a hundred times', 'pt-BR': 'Uma matriz recorrente, cem vezes' },
  question: {
    en: 'What happens to a gradient on its way through a hundred time steps of a linear RNN?',
    'pt-BR': 'O que acontece com um gradiente ao atravessar cem passos de tempo de uma RNN linear?',
  },
  story: {
    en: 'Every step back multiplies by the same matrix. With an orthogonal one nothing is lost, however long the sequence; scaled by g it shrinks or grows as gᵗ. So a plain RNN forgets, or blows up, exponentially: the reason for LSTM and for clipping.',
    'pt-BR':
      'Cada passo para trás multiplica pela mesma matriz. Com uma matriz ortogonal nada se perde, por mais longa que seja a sequência; multiplicada por g, encolhe ou cresce como gᵗ. Uma RNN simples esquece, ou explode, exponencialmente: é a razão da LSTM e do corte de gradiente.',
  },
  law: {
    formula: '‖∂L/∂h₀‖ / ‖∂L/∂h_T‖ = gᵀ for W = g Q, Q orthogonal',
    source: 'Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, §2.1',
  },
  tolerance:
    '10⁻⁴ relative a step: float32 products of an orthogonal matrix drift by about √T · 6·10⁻⁸, and tanh is linear to 10⁻⁸ here',
  kind: 'init',
  seconds: 3,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'steps back', scale: 'linear' },
      { label: 'rms of ∂L/∂h, relative', scale: 'log' },
    );
    const gains = [1, 0.9, 1.1];
    for (const [i, gain] of gains.entries()) {
      let sum = 0;
      let points: [number, number][] = [];
      for (let s = 0; s < SEEDS; s++) {
        const run = await bench.open({
          fuga: 1,
          seed: bench.seed * 1000 + s,
          data: { source: 'gaussian', shape: [STEPS, 4], samples: 10, batch: BATCH },
          network: [
            { type: 'rnn', hidden: WIDTH, init: { normal: TINY }, recurrentInit: { orthogonal: gain } },
            { type: 'dense', out: 10 },
          ],
          steps: 1,
        });
        for (const _ of train(run)) void _;
        const flow = run.trace.records[0]!.time[0]!;
        sum += Math.log(flow[0]! / flow[STEPS - 1]!) / (STEPS - 1);
        points = Array.from(flow, (_, back) => [back, flow[STEPS - 1 - back]! / flow[STEPS - 1]!]);
        await bench.progress(i * SEEDS + s + 1, gains.length * SEEDS, outcome);
      }
      outcome.checks.push(within(`factor a step, g = ${gain}`, gain, Math.exp(sum / SEEDS), 1e-4));
      outcome.picture.curves.push(
        { name: `g = ${gain}`, kind: 'measured', points },
        { name: `${gain}ᵗ`, kind: 'law', points: points.map(([back]) => [back, gain ** back]) },
      );
    }
    return outcome;
  },
};
