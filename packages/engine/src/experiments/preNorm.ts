import { train } from '../run/train.js';
import { draft, type Experiment } from './experiment.js';

const [WIDTH, TOKENS, SEEDS, BATCH] = [64, 8, 16, 8];
const depths = [2, 4, 8, 16, 32];
const bands = { pre: { law: -0.5, band: 0.07 }, post: { law: 0, band: 0.12 } };

/** Near the output a post-norm transformer's gradient is large at any depth; pre-norm's falls as 1/√L (Xiong 2020). */
export const preNorm: Experiment = {
  id: 'preNorm',
  title: { en: 'Pre-norm against post-norm', 'pt-BR': 'Pré-norma contra pós-norma' },
  question: {
    en: 'Why do post-norm transformers need a warm-up and pre-norm ones not?',
    'pt-BR': 'Por que transformers pós-norma precisam de aquecimento e os pré-norma não?',
  },
  story: {
    en: 'With the norm after the skip, the last block’s gradient is as large in a deep network as in a shallow one, and a full learning rate breaks it at once. With the norm inside the branch, what reaches the last block shrinks as 1/√depth, and training is safe from the first step.',
    'pt-BR':
      'Com a norma depois do atalho, o gradiente do último bloco é tão grande numa rede funda quanto numa rasa, e uma taxa de aprendizado cheia a quebra de imediato. Com a norma dentro do ramo, o que chega ao último bloco diminui como 1/√profundidade, e o treino é seguro desde o primeiro passo.',
  },
  law: {
    formula: '‖∂L/∂W₂‖ of the last block ∝ L⁰ (post), L^(−1/2) (pre, with a final norm)',
    source: 'Xiong et al. 2020, arXiv:2002.04745, Theorem 1',
  },
  tolerance:
    'slopes of ln norm on ln L: −0.5 ± 0.07 and 0 ± 0.12; the theorem is for uniform attention and large width, float64 simulation at width 64 gives −0.500 and +0.083',
  kind: 'init',
  seconds: 12,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'blocks', scale: 'log' },
      { label: '‖∂L/∂W₂‖ of the last block', scale: 'log' },
    );
    let done = 0;
    for (const norm of ['pre', 'post'] as const) {
      const points: [number, number][] = [];
      for (const depth of depths) {
        let sum = 0;
        for (let s = 0; s < SEEDS; s++) {
          const run = await bench.open({
            fuga: 1,
            seed: bench.seed * 1000 + s,
            data: { source: 'gaussian', shape: [TOKENS, WIDTH], samples: 10, batch: BATCH },
            network: [
              { type: 'transformer', heads: 1, hidden: WIDTH, norm, activation: 'relu', repeat: depth },
              ...(norm === 'pre' ? [{ type: 'layerNorm' }] : []),
              { type: 'flatten' },
              { type: 'dense', out: 10 },
            ],
            steps: 1,
          });
          for (const _ of train(run)) void _;
          const { tensor } = run.parameters.get(`${depth - 1}.transformer/linear2.weight`)!;
          sum += Math.log(run.arena.kernels.sumSquares(WIDTH * WIDTH, tensor.grad)) / 2;
          await bench.progress(++done, 2 * depths.length * SEEDS, outcome);
        }
        points.push([depth, Math.exp(sum / SEEDS)]);
      }
      const { law, band } = bands[norm];
      outcome.checks.push({
        name: `slope, ${norm}-norm`,
        predicted: law,
        low: law - band,
        high: law + band,
        measured: logSlope(points),
      });
      outcome.picture.curves.push(
        { name: `${norm}-norm`, kind: 'measured', points },
        {
          name: `L^${law}`,
          kind: 'law',
          points: points.map(([L]) => [L, points[0]![1] * (L / depths[0]!) ** law]),
          band: points.map(([L]) => [
            points[0]![1] * (L / depths[0]!) ** (law - band),
            points[0]![1] * (L / depths[0]!) ** (law + band),
          ]),
        },
      );
    }
    return outcome;
  },
};

/** Least-squares slope of ln y on ln x. */
function logSlope(points: readonly (readonly [number, number])[]): number {
  const xs = points.map(([x]) => Math.log(x));
  const ys = points.map(([, y]) => Math.log(y));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const across = xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i]! - my), 0);
  return across / xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
}
