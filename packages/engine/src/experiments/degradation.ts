import { train } from '../run/train.js';
import { draft, type Experiment } from './experiment.js';

const [SHALLOW, DEEP, SEEDS, STEPS] = [8, 56, 5, 120];

/** A deeper plain network trains worse although its gradients are healthy; with skips it does not (He 2016). */
export const degradation: Experiment = {
  id: 'degradation',
  title: { en: 'Degradation, and residuals', 'pt-BR': 'Degradação, e residuais' },
  question: {
    en: 'Does a deeper plain network with batch norm learn less, and do skips turn that round?',
    'pt-BR':
      'Uma rede simples mais funda, com normalização em lote, aprende menos? Os atalhos invertem isso?',
  },
  story: {
    en: 'He and colleagues saw a 56-layer plain network train worse than a 20-layer one, and called it degradation: batch norm keeps its gradients from vanishing, yet it learns less. The residual twin of the same layers learns better the deeper it is. This is not a vanishing gradient, and Fuga does not call it one.',
    'pt-BR':
      'He e colegas viram uma rede simples de 56 camadas treinar pior que uma de 20 e chamaram isso de degradação: a normalização em lote evita que os gradientes desapareçam, e mesmo assim ela aprende menos. A gêmea residual, com as mesmas camadas, aprende melhor. Isto não é gradiente de fuga, e a Fuga não o chama assim.',
  },
  law: {
    formula: 'loss(plain, deep) > loss(plain, shallow); loss(residual, deep) < loss(plain, deep)',
    source: 'He et al. 2015, arXiv:1512.03385, §4.1–4.2, Fig. 4 and 6',
  },
  tolerance: 'signs in at least 4 of 5 paired seeds (one-sided sign test p ≤ 6/32; p = 1/32 for all five)',
  kind: 'training',
  seconds: 60,
  measure: async (bench) => {
    const outcome = draft({ label: 'step', scale: 'linear' }, { label: 'training loss', scale: 'log' });
    const nets = [
      { name: 'plain, shallow', depth: SHALLOW, skip: false },
      { name: 'plain, deep', depth: DEEP, skip: false },
      { name: 'residual, deep', depth: DEEP, skip: true },
    ];
    const last = nets.map((): number[] => []);
    for (let s = 0; s < SEEDS; s++) {
      for (const [i, { name, depth, skip }] of nets.entries()) {
        const run = await bench.open({
          fuga: 1,
          seed: bench.seed * 1000 + s,
          data: { source: 'digits', batch: 32 },
          model: { type: 'resnet', depth, width: 8, skip },
          optimizer: { type: 'sgd', lr: 0.05, momentum: 0.9 },
          steps: STEPS,
        });
        for (const _ of train(run)) void _;
        const tail = run.trace.losses.slice(-20);
        last[i]!.push(tail.reduce((a, b) => a + b, 0) / tail.length);
        if (s === 0) {
          outcome.picture.curves.push({
            name: `${name} (${depth})`,
            kind: 'measured',
            points: run.trace.losses
              .filter((_, k) => k % 4 === 0)
              .map((loss, k): [number, number] => [4 * k, loss]),
          });
        }
        await bench.progress(s * nets.length + i + 1, SEEDS * nets.length, outcome);
      }
    }
    const wins = (better: number, worse: number) =>
      last[better]!.filter((loss, s) => loss < last[worse]![s]!).length;
    outcome.checks.push(
      {
        name: 'seeds: deep plain worse than shallow plain',
        predicted: SEEDS,
        low: SEEDS - 1,
        high: SEEDS,
        measured: wins(0, 1),
      },
      {
        name: 'seeds: deep residual better than deep plain',
        predicted: SEEDS,
        low: SEEDS - 1,
        high: SEEDS,
        measured: wins(2, 1),
      },
    );
    return outcome;
  },
};
