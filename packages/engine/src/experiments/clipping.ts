import { profile } from '../run/trace.js';
import { train } from '../run/train.js';
import { draft, within, type Experiment } from './experiment.js';

const [STEPS, WIDTH, GAIN, LR] = [60, 64, 2.5, 1];
const limits = [0.1, 1, 10];

/** Clipping by norm bounds the step and keeps its direction (Pascanu 2013). */
export const clipping: Experiment = {
  id: 'clipping',
  title: { en: 'Clipping bounds the step', 'pt-BR': 'O corte limita o passo' },
  question: {
    en: 'What does clipping by norm do to the step of an exploding recurrent network?',
    'pt-BR': 'O que o corte pela norma faz com o passo de uma rede recorrente que explode?',
  },
  story: {
    en: 'Where the gradient explodes, one step can undo all that was learnt. Clipping scales the whole gradient so that its norm is at most c: the step has length lr · c and points where it pointed before. It treats the symptom only; the network still explodes.',
    'pt-BR':
      'Onde o gradiente explode, um único passo pode desfazer tudo o que foi aprendido. O corte reescala o gradiente inteiro para que a norma seja no máximo c: o passo tem comprimento lr · c e aponta para onde apontava. Trata só o sintoma; a rede continua explodindo.',
  },
  law: {
    formula: 'Δw = −lr · g · min(1, c / ‖g‖): length lr · c, direction of g',
    source: 'Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, algorithm 1',
  },
  tolerance:
    '0.1 %: the update is read as a difference of float32 weights; PyTorch’s + 10⁻⁶ in the denominator is below it',
  kind: 'init',
  seconds: 1,
  measure: async (bench) => {
    const outcome = draft({ label: 'limit c', scale: 'log' }, { label: 'length of the step', scale: 'log' });
    const moved: [number, number][] = [];
    for (const [i, limit] of limits.entries()) {
      const run = await bench.open({
        fuga: 1,
        seed: bench.seed,
        data: { source: 'gaussian', shape: [STEPS, 8], samples: 10, batch: 8 },
        network: [
          { type: 'rnn', hidden: WIDTH, recurrentInit: { orthogonal: GAIN } },
          { type: 'dense', out: 10, init: { normal: 1 } },
        ],
        optimizer: { type: 'sgd', lr: LR },
        clip: { norm: limit },
        steps: 1,
      });
      for (const _ of train(run)) void _;
      const { trace } = run;
      const record = trace.records[0]!;
      const updates = profile(trace, 'updateRatio', record);
      const norms = profile(trace, 'parameterNorm', record);
      const gradients = profile(trace, 'parameterGradNorm', record);
      const steps = trace.sites.map((_, site) => updates[site]! * norms[site]!);
      const length = Math.hypot(...steps);
      const expected = LR * Math.min(limit, record.gradNorm);
      moved.push([limit, length]);
      outcome.checks.push(within(`length of the step, c = ${limit}`, expected, length, 1e-3));
      // Direction: every site's part of the step is its part of the gradient.
      const share = Math.max(
        ...steps.map((step, site) => Math.abs(step / length - gradients[site]! / Math.hypot(...gradients))),
      );
      outcome.checks.push({
        name: `change of direction, c = ${limit}`,
        predicted: 0,
        low: 0,
        high: 1e-3,
        measured: share,
      });
      await bench.progress(i + 1, limits.length, outcome);
    }
    outcome.picture.curves.push(
      { name: 'step', kind: 'measured', points: moved },
      { name: 'lr · c', kind: 'law', points: limits.map((limit): [number, number] => [limit, LR * limit]) },
    );
    return outcome;
  },
};
