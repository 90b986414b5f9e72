import { within, draft, type Experiment } from './experiment.js';
import { profile } from '../run/trace.js';
import { backwards, flows } from './flow.js';

const [DEPTH, CHANNELS, SIZE] = [1000, 16, 8];

/** A delta-orthogonal convolution keeps every length, so a linear CNN of any depth passes its gradient (Xiao 2018). */
export const deltaOrthogonal: Experiment = {
  id: 'deltaOrthogonal',
  title: { en: 'Ten thousand layers', 'pt-BR': 'Dez mil camadas' },
  question: {
    en: 'Is there an init under which depth costs a convolutional network nothing?',
    'pt-BR': 'Existe uma inicialização com a qual a profundidade não custa nada a uma rede convolucional?',
  },
  story: {
    en: 'Put an orthogonal matrix at the centre of each kernel and zeros around it: the convolution rotates each pixel’s channels and loses nothing. Xiao and colleagues trained ten thousand layers this way, without skips or norms.',
    'pt-BR':
      'Com uma matriz ortogonal no centro de cada núcleo e zeros em volta, a convolução gira os canais de cada pixel e não perde nada. Xiao e colegas treinaram dez mil camadas assim, sem atalhos nem normas.',
  },
  law: { formula: '‖δ₁‖ / ‖δ_L‖ = 1 for a linear network', source: 'Xiao et al. 2018, arXiv:1806.05393, §2' },
  tolerance: '10⁻⁴: float32 rounding of 1000 rotations, √1000 · 6·10⁻⁸ and a safety of 50',
  kind: 'init',
  seconds: 4,
  measure: async (bench) => {
    const outcome = draft(
      { label: 'layers from the output', scale: 'linear' },
      { label: 'rms of ∂L/∂a, relative', scale: 'log' },
    );
    const network = [
      { type: 'conv2d', out: CHANNELS, init: 'deltaOrthogonal', bias: false, repeat: DEPTH },
      { type: 'globalAvgPool2d' },
      { type: 'dense', out: 10 },
    ];
    for await (const trace of flows(bench, { network, shape: [CHANNELS, SIZE, SIZE], batch: 4, seeds: 1 })) {
      const gradients = profile(trace, 'gradientRms', trace.records[0]!).slice(0, DEPTH);
      outcome.checks.push(
        within(`‖δ₁‖ / ‖δ_L‖ over ${DEPTH} layers`, 1, gradients[0]! / gradients[DEPTH - 1]!, 1e-4),
      );
      outcome.picture.curves.push({
        name: 'delta-orthogonal',
        kind: 'measured',
        points: backwards(gradients.map((g) => 2 * Math.log(g))),
      });
    }
    outcome.picture.curves.push({
      name: '1',
      kind: 'law',
      points: [
        [0, 1],
        [DEPTH - 1, 1],
      ],
    });
    await bench.progress(1, 1, outcome);
    return outcome;
  },
};
