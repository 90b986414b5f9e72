import { train } from '../run/train.js';
import { draft, type Experiment } from './experiment.js';

const [STEPS, WIDTH, BATCH] = [100, 64, 4];
const biases = [0, 1, 2, 5];
const TINY = 1e-4;

/** log₁₀ of the logistic function. */
const logGate = (bias: number) => -Math.log10(1 + Math.exp(-bias));

/** Along an LSTM's cell the gradient is multiplied by the forget gate alone (Hochreiter & Schmidhuber 1997). */
export const forgetBias: Experiment = {
  id: 'forgetBias',
  title: { en: 'The forget gate’s bias', 'pt-BR': 'O viés da porta de esquecimento' },
  question: {
    en: 'How far back does the gradient of a fresh LSTM reach?',
    'pt-BR': 'Até onde, no passado, chega o gradiente de uma LSTM recém-iniciada?',
  },
  story: {
    en: 'The cell passes its gradient on multiplied by the forget gate and nothing else. At bias 0 the gate is half open, and a hundred steps cost thirty decades; bias 1 costs fourteen, bias 5 a factor of two. That one number decides whether a fresh LSTM can see the past at all.',
    'pt-BR':
      'A célula passa o gradiente adiante multiplicado pela porta de esquecimento, e por mais nada. Com viés 0 a porta está meio aberta e cem passos custam trinta décadas; com viés 1, quatorze; com 5, um fator dois. Esse único número decide se uma LSTM recém-iniciada enxerga o passado.',
  },
  law: {
    formula: 'log₁₀ ‖∂L/∂c₀‖ / ‖∂L/∂c_T‖ = T log₁₀ σ(b)',
    source: 'Hochreiter & Schmidhuber 1997; Gers et al. 2000; Jozefowicz et al. 2015, §2.3',
  },
  tolerance: '±2 %: weights of 10⁻⁴ leave the gates at σ(b) and the paths through them at 10⁻⁴ of the cell’s',
  kind: 'init',
  seconds: 1,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'steps back', scale: 'linear' },
      { label: '‖∂L/∂h‖, relative', scale: 'log' },
    );
    for (const [i, bias] of biases.entries()) {
      const run = await bench.open({
        fuga: 1,
        seed: bench.seed,
        data: { source: 'gaussian', shape: [STEPS, 4], samples: 10, batch: BATCH },
        network: [
          {
            type: 'lstm',
            hidden: WIDTH,
            forgetBias: bias,
            init: { normal: TINY },
            recurrentInit: { normal: TINY },
          },
          { type: 'dense', out: 10 },
        ],
        steps: 1,
      });
      for (const _ of train(run)) void _;
      // A hidden state feeds the loss through the gates' tiny weights into the cell, and along it to the end: its
      // gradient is the cell's, times one constant, so that their ratios in time are equal.
      const flow = run.trace.records[0]!.time[0]!;
      const last = STEPS - 2; // the very last state feeds the loss directly
      const decades = Math.log10(flow[0]! / flow[last]!);
      const law = last * logGate(bias);
      outcome.checks.push({
        name: `decades over ${last} steps, b = ${bias}`,
        predicted: law,
        low: law * 1.02 - 0.01,
        high: law * 0.98 + 0.01,
        measured: decades,
      });
      const points = Array.from({ length: last + 1 }, (_, back): [number, number] => [
        back,
        flow[last - back]! / flow[last]!,
      ]);
      outcome.picture.curves.push(
        { name: `b = ${bias}`, kind: 'measured', points },
        {
          name: `σ(${bias})ᵗ`,
          kind: 'law',
          points: points.map(([back]) => [back, 10 ** (back * logGate(bias))]),
          band: points.map(([back]) => [
            10 ** (back * logGate(bias) * 1.02 - (0.01 * back) / last),
            10 ** (back * logGate(bias) * 0.98 + (0.01 * back) / last),
          ]),
        },
      );
      await bench.progress(i + 1, biases.length, outcome);
    }
    return outcome;
  },
};
