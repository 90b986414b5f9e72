import { pathLength } from '../measures/pathLength.js';
import { draft, within, type Experiment } from './experiment.js';

const [BLOCKS, WIDTH, SEEDS, SCALE] = [54, 64, 3, 0.5];

/** A residual network's gradient comes through short paths (Veit 2016). */
export const shortPaths: Experiment = {
  id: 'shortPaths',
  title: { en: 'Short paths carry the gradient', 'pt-BR': 'Caminhos curtos carregam o gradiente' },
  question: {
    en: 'Of the 2⁵⁴ paths through 54 residual blocks, which ones carry the gradient?',
    'pt-BR': 'Dos 2⁵⁴ caminhos através de 54 blocos residuais, quais carregam o gradiente?',
  },
  story: {
    en: 'At each skip a path goes through the branch or past it. Most paths are about half as long as the network, but each branch passes only a share s of the gradient, so the longer a path, the less it carries: what trains the network are paths of n s/(1 + s) branches, a third of them for s = 1/2.',
    'pt-BR':
      'Em cada atalho, um caminho passa pelo ramo ou ao lado dele. A maioria tem cerca de metade do comprimento da rede, mas cada ramo só deixa passar uma fração s do gradiente: quanto mais longo o caminho, menos ele carrega. O que treina a rede são caminhos de n s/(1 + s) ramos, um terço deles para s = 1/2.',
  },
  law: {
    formula: 'w_k ∝ C(n, k) sᵏ: mean n s / (1 + s), below n / 2',
    source: 'Veit, Wilber & Belongie 2016, arXiv:1605.06431, §4.3',
  },
  tolerance:
    '±8 %: 8 sampled paths a length, finite width (a branch’s gain varies by √(5/n) from block to block and averages over 54)',
  kind: 'init',
  seconds: 6,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'branches on the path', scale: 'linear' },
      { label: 'share of the gradient', scale: 'linear' },
    );
    let effective = 0;
    const mean = new Float64Array(BLOCKS + 1);
    for (let s = 0; s < SEEDS; s++) {
      const body = [
        { type: 'dense', out: WIDTH, activation: 'relu', init: 'heNormal' },
        { type: 'dense', out: WIDTH, init: 'lecunNormal' },
      ];
      const run = await bench.open({
        fuga: 1,
        seed: bench.seed * 1000 + s,
        data: { source: 'gaussian', features: WIDTH, samples: 40, batch: 8 },
        network: [
          { type: 'residual', body, scale: SCALE, repeat: BLOCKS },
          { type: 'dense', out: 10 },
        ],
        steps: 1,
      });
      const { numbers, series } = pathLength.take(run, { samples: 8, paths: 8 });
      effective += numbers['effective']! / SEEDS;
      series['share']!.forEach((share, k) => {
        mean[k] = mean[k]! + share / SEEDS;
      });
      await bench.progress(s + 1, SEEDS, outcome);
    }
    outcome.checks.push(
      within('branches on an effective path', (BLOCKS * SCALE) / (1 + SCALE), effective, 0.08),
    );
    outcome.picture.curves.push(
      {
        name: `${BLOCKS} blocks, s = ${SCALE}`,
        kind: 'measured',
        points: Array.from(mean, (v, k): [number, number] => [k, v]),
      },
      { name: 'Binomial(n, s/(1+s))', kind: 'law', points: binomial(BLOCKS, SCALE / (1 + SCALE)) },
    );
    return outcome;
  },
};

/** Probabilities of 0 … n successes. */
function binomial(n: number, p: number): [number, number][] {
  let weight = (1 - p) ** n;
  return Array.from({ length: n + 1 }, (_, k) => {
    const point: [number, number] = [k, weight];
    weight *= ((n - k) / (k + 1)) * (p / (1 - p));
    return point;
  });
}
