import { jacobian } from '../measures/jacobian.js';
import { draft, type Experiment } from './experiment.js';

const [WIDTH, SEEDS] = [96, 2];
const depths = [10, 50, 100];
/** A singular value below this share of the largest counts as lost. */
const LOST = 1e-3;
/** Least share of lost directions for Gaussian weights, by depth. */
const floors: Readonly<Record<number, number>> = { 10: 0.3, 50: 0.7, 100: 0.85 };

/** A product of orthogonal matrices keeps every direction; a product of Gaussian ones keeps a few (Saxe 2013). */
export const orthogonalIsometry: Experiment = {
  id: 'orthogonalIsometry',
  title: { en: 'Dynamical isometry', 'pt-BR': 'Isometria dinâmica' },
  question: {
    en: 'Xavier keeps the gradient level on average. Does it keep it in every direction?',
    'pt-BR': 'Xavier mantém o gradiente em média. Mantém também em cada direção?',
  },
  story: {
    en: 'An average hides a lot. Multiply a hundred Gaussian matrices and a few directions blow up while nearly all die, although the mean square stays 1. Orthogonal matrices rotate: every singular value of the product is exactly 1, at any depth.',
    'pt-BR':
      'Uma média esconde muita coisa. Multiplique cem matrizes gaussianas: poucas direções explodem e quase todas morrem, embora a média quadrática continue 1. Matrizes ortogonais giram: todo valor singular do produto é exatamente 1, em qualquer profundidade.',
  },
  law: {
    formula:
      'orthogonal: all singular values of ∂y/∂x are 1; Gaussian: the share below 10⁻³ of the largest → 1 with depth',
    source: 'Saxe, McClelland & Ganguli 2013, arXiv:1312.6120, §4',
  },
  tolerance:
    'orthogonal: within 10⁻⁴ (float32 rounding of 100 products); Gaussian: above 0.30, 0.70 and 0.85, some 10 % below what a float64 simulation gives at width 128 (0.37, 0.83, 0.90)',
  kind: 'init',
  seconds: 5,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'singular value, by rank', scale: 'linear' },
      { label: 'relative to the largest', scale: 'log' },
    );
    let done = 0;
    for (const init of ['orthogonal', 'lecunNormal']) {
      for (const depth of depths) {
        let [lost, spread] = [0, 0];
        for (let s = 0; s < SEEDS; s++) {
          const run = await bench.open({
            fuga: 1,
            seed: bench.seed * 1000 + s,
            data: { source: 'gaussian', features: WIDTH, classes: WIDTH, samples: 10, batch: 8 },
            network: [{ type: 'dense', out: WIDTH, init, bias: false, repeat: depth }],
            steps: 1,
          });
          const values = jacobian.take(run, { samples: 1 }).series['singularValues']!;
          const largest = values[0]!;
          lost += values.filter((value) => value < LOST * largest).length / WIDTH / SEEDS;
          spread = Math.max(spread, ...values.map((value) => Math.abs(value - 1)));
          if (s === 0 && depth === 100) {
            outcome.picture.curves.push({
              name: `${init}, ${depth} layers`,
              kind: 'measured',
              points: values.map((value, i): [number, number] => [i + 1, Math.max(value / largest, 1e-12)]),
            });
          }
          await bench.progress(++done, 2 * depths.length * SEEDS, outcome);
        }
        outcome.checks.push(
          init === 'orthogonal'
            ? {
                name: `orthogonal, ${depth} layers: largest |σ − 1|`,
                predicted: 0,
                low: 0,
                high: 1e-4,
                measured: spread,
              }
            : {
                name: `Gaussian, ${depth} layers: share lost`,
                predicted: 1,
                low: floors[depth]!,
                high: 1,
                measured: lost,
              },
        );
      }
    }
    outcome.picture.curves.push({
      name: '1',
      kind: 'law',
      points: [
        [1, 1],
        [WIDTH, 1],
      ],
    });
    return outcome;
  },
};
