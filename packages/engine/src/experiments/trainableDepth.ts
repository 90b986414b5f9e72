import * as activations from '../activations/index.js';
import { trainableDepth as limitOf } from '../theory/criticalLine.js';
import { nonlinearityOf } from '../theory/meanField.js';
import { train } from '../run/train.js';
import { draft, type Bench, type Experiment } from './experiment.js';

const [WIDTH, SEEDS, STEPS, LAST] = [100, 3, 300, 50];
const SB2 = 0.05;
/** Variances of the weights in the ordered phase, where signals die with depth: each has its own depth scale. */
const VARIANCES = [0.8, 1, 1.2];
/** Depths tried, in depth scales ξ. */
const SCALES = [3, 5, 6, 7, 8, 10];
/** Half of what a network loses that only knows that there are ten classes: it has learnt. */
const LEARNT = Math.log(10) / 2;

/** A network trains as long as its input still reaches its output: down to about six depth scales (Schoenholz 2017). */
export const trainableDepth: Experiment = {
  id: 'trainableDepth',
  title: { en: 'How deep can it be and still learn?', 'pt-BR': 'Quão funda pode ser e ainda aprender?' },
  question: {
    en: 'Does the theory at init foretell the depth at which a tanh network stops learning?',
    'pt-BR': 'A teoria na inicialização prevê a profundidade em que uma rede tanh deixa de aprender?',
  },
  story: {
    en: 'In the ordered phase two inputs grow alike layer by layer, as e^(−l/ξ), and so does the gradient fade on its way back. After about six depth scales ξ nothing of the difference is left to learn from. ξ follows from the variances of weights and biases alone: a closer edge of chaos, a deeper network. The boundary is not sharp: more steps push it a little further down.',
    'pt-BR':
      'Na fase ordenada, duas entradas se tornam iguais camada a camada, como e^(−l/ξ), e o gradiente se apaga do mesmo modo na volta. Depois de cerca de seis escalas de profundidade ξ nada resta da diferença com que se aprende. ξ decorre só das variâncias de pesos e vieses: quanto mais perto da beira do caos, mais funda pode ser a rede. A fronteira não é nítida: mais passos a empurram um pouco para baixo.',
  },
  law: {
    formula: 'L* ≈ 6 ξ,  1/ξ = −ln χ(q*)',
    source: 'Schoenholz et al. 2017, arXiv:1611.01232, §5 and Fig. 5',
  },
  tolerance:
    'a factor of 1.5 either way: “six” is read off a picture by its authors, and the boundary moves with the logarithm of the steps; median of 3 seeds, depth where the loss crosses half of chance',
  kind: 'training',
  seconds: 60,
  measure: async (bench) => {
    const phi = nonlinearityOf(activations.tanh, {})!;
    const outcome = draft(
      { label: 'layers, in depth scales ξ', scale: 'linear' },
      { label: 'loss after training', scale: 'linear' },
    );
    const total = VARIANCES.length * SEEDS * SCALES.length;
    let done = 0;
    for (const sw2 of VARIANCES) {
      const limit = limitOf(phi, { sw2, sb2: SB2 })!;
      const depths = SCALES.map((scales) => Math.max(1, Math.round((scales / 6) * limit)));
      const boundaries: number[] = [];
      const means = depths.map(() => 0);
      for (let s = 0; s < SEEDS; s++) {
        const losses: number[] = [];
        for (const [i, depth] of depths.entries()) {
          losses.push(await lossAfter(bench, depth, sw2, bench.seed * 1000 + s));
          means[i]! += losses[i]! / SEEDS;
          await bench.progress(++done, total, outcome);
        }
        boundaries.push(crossing(depths, losses));
      }
      const measured = boundaries.sort((a, b) => a - b)[SEEDS >> 1]!;
      outcome.checks.push({
        name: `deepest that learns, σ_w² = ${sw2}`,
        predicted: limit,
        low: limit / 1.5,
        high: limit * 1.5,
        measured,
      });
      outcome.picture.curves.push({
        name: `σ_w² = ${sw2}`,
        kind: 'measured',
        points: depths.map((depth, i) => [(6 * depth) / limit, means[i]!]),
      });
    }
    outcome.picture.curves.push({
      name: '6 ξ',
      kind: 'law',
      points: [
        [6, 0],
        [6, Math.log(10)],
      ],
    });
    return outcome;
  },
};

/** Mean loss of the last steps. */
async function lossAfter(bench: Bench, depth: number, sw2: number, seed: number): Promise<number> {
  const run = await bench.open({
    fuga: 1,
    seed,
    data: { source: 'digits', batch: 64 },
    network: [
      {
        type: 'dense',
        out: WIDTH,
        activation: 'tanh',
        init: { lecunNormal: Math.sqrt(sw2) },
        bias: { normal: Math.sqrt(SB2) },
        repeat: depth,
      },
      { type: 'dense', out: 10 },
    ],
    optimizer: { type: 'sgd', lr: 0.01 },
    steps: STEPS,
  });
  let sum = 0;
  for (const { step, loss } of train(run)) if (step > STEPS - LAST) sum += loss / LAST;
  return sum;
}

/** The depth at which the loss first passes what counts as learnt: 0 where none learns, infinite where all do. */
function crossing(depths: readonly number[], losses: readonly number[]): number {
  const after = losses.findIndex((loss) => !(loss < LEARNT));
  if (after === -1) return Infinity;
  if (after === 0) return 0;
  const [shallow, deep] = [losses[after - 1]!, losses[after]!];
  const share = (LEARNT - shallow) / (deep - shallow);
  return depths[after - 1]! + share * (depths[after]! - depths[after - 1]!);
}
