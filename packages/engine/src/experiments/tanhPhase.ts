import * as activations from '../activations/index.js';
import { chi, nextVariance, nonlinearityOf } from '../theory/meanField.js';
import { draft, within, type Experiment } from './experiment.js';
import { meanLogProfile } from './flow.js';

const [DEPTH, WIDTH, SEEDS, BATCH] = [30, 256, 10, 8];

/** Points of the phase diagram: ordered, critical (twice), chaotic. */
const points = [
  { sw2: 1, sb2: 0.05, phase: 'ordered' },
  { sw2: 1.76, sb2: 0.05, phase: 'critical' },
  { sw2: 2.5, sb2: 0.3, phase: 'critical' },
  { sw2: 2.78, sb2: 0, phase: 'chaotic' },
] as const;

/** Order, the edge of chaos, chaos: where a tanh network's gradient vanishes, stays and explodes. */
export const tanhPhase: Experiment = {
  id: 'tanhPhase',
  title: { en: 'The edge of chaos in tanh networks', 'pt-BR': 'A beira do caos em redes tanh' },
  question: {
    en: 'For which variances of weights and biases does a deep tanh network keep its gradient?',
    'pt-BR': 'Para quais variâncias de pesos e vieses uma rede tanh profunda mantém o gradiente?',
  },
  story: {
    en: 'Small weights: all inputs end up alike and the gradient vanishes. Large weights: near inputs part and it explodes. In between lies a line, χ = 1, the edge of chaos, on which a network of any depth can be trained.',
    'pt-BR':
      'Pesos pequenos: todas as entradas acabam iguais e o gradiente desaparece. Pesos grandes: entradas próximas se separam e ele explode. Entre os dois há uma linha, χ = 1, a beira do caos, na qual se treina uma rede de qualquer profundidade.',
  },
  law: {
    formula: 'q ← σ_w² E[tanh²(√q z)] + σ_b²;  χ(q) = σ_w² E[tanh′(√q z)²];  ‖δ₁‖²/‖δ_L‖² = Π χ(qₗ)',
    source:
      'Poole et al. 2016, arXiv:1606.05340, eq. 3; Schoenholz et al. 2017, arXiv:1611.01232, eq. 5 and 9',
  },
  tolerance:
    '±2 % a layer: the product uses χ at each layer’s own q (not only at the fixed point); finite width shifts ln χ by O(1/n), the standard error over 10 seeds and 29 layers is below 0.5 %',
  kind: 'init',
  seconds: 5,
  measure: async (bench) => {
    const phi = nonlinearityOf(activations.tanh, {})!;
    const outcome = draft(
      { label: 'layers from the output', scale: 'linear' },
      { label: 'rms of ∂L/∂a, relative', scale: 'log' },
    );
    for (const [i, { sw2, sb2, phase }] of points.entries()) {
      const layer = {
        type: 'dense',
        out: WIDTH,
        activation: 'tanh',
        init: { lecunNormal: Math.sqrt(sw2) },
        bias: { normal: Math.sqrt(sb2) },
        repeat: DEPTH,
      };
      const setting = {
        network: [layer, { type: 'dense', out: 10 }],
        shape: [WIDTH],
        batch: BATCH,
        seeds: SEEDS,
      };
      const logs = await meanLogProfile(bench, setting, 'gradientRms', (done) =>
        bench.progress(i * SEEDS + done, points.length * SEEDS, outcome),
      );
      // δₗ = Wᵀ (φ′(zₗ₊₁) δₗ₊₁): going back from site l+1 to site l multiplies by χ at the q of layer l+1.
      const logLaw = new Float64Array(DEPTH);
      const variances = [sw2 + sb2];
      for (let l = 1; l < DEPTH; l++) variances.push(nextVariance(phi, { sw2, sb2 }, variances[l - 1]!));
      for (let l = DEPTH - 2; l >= 0; l--)
        logLaw[l] = logLaw[l + 1]! + Math.log(chi(phi, sw2, variances[l + 1]!));
      const span = DEPTH - 1;
      const name = `σ_w² = ${sw2}, σ_b² = ${sb2} (${phase})`;
      outcome.checks.push(
        within(
          `factor a layer, ${name}`,
          Math.exp(logLaw[0]! / span),
          Math.exp((logs[0]! - logs[span]!) / span),
          0.02,
        ),
      );
      const curve = (value: (layer: number) => number): [number, number][] =>
        Array.from({ length: DEPTH }, (_, back) => [back, value(span - back)]);
      outcome.picture.curves.push(
        { name, kind: 'measured', points: curve((l) => Math.exp((logs[l]! - logs[span]!) / 2)) },
        {
          name: `${name}: law`,
          kind: 'law',
          points: curve((l) => Math.exp(logLaw[l]! / 2)),
          band: curve((l) => Math.exp(logLaw[l]! / 2)).map(([back, rms]) => [
            rms * 0.98 ** (back / 2),
            rms * 1.02 ** (back / 2),
          ]),
        },
      );
    }
    return outcome;
  },
};
