import { profile } from '../run/trace.js';
import { train } from '../run/train.js';
import { draft, type Experiment } from './experiment.js';

const WIDTH = 4;
const NETWORKS = 1500;
const depths = [5, 20, 50];

/** A narrow deep ReLU network is often born dead: all units of some layer silent (Lu 2019). */
export const dyingRelu: Experiment = {
  id: 'dyingRelu',
  title: { en: 'Born dead', 'pt-BR': 'Nascida morta' },
  question: {
    en: 'How often is a narrow deep ReLU network dead before it has learnt anything?',
    'pt-BR':
      'Com que frequência uma rede ReLU estreita e profunda está morta antes de aprender qualquer coisa?',
  },
  story: {
    en: 'With symmetric weights and no bias each of N units is silent for a given input with probability 1/2, so a layer is wholly silent with probability 2⁻ᴺ; one such layer kills all that follow and every gradient. Of fifty layers of four units, 96 in 100 networks are born dead for an input.',
    'pt-BR':
      'Com pesos simétricos e sem viés, cada uma das N unidades fica calada para uma entrada com probabilidade 1/2; a camada inteira, com probabilidade 2⁻ᴺ; uma camada assim mata tudo o que vem depois e todo o gradiente. Com cinquenta camadas de quatro unidades, 96 em cada 100 redes nascem mortas para uma entrada.',
  },
  law: {
    formula: 'P(dead for one input) = 1 − (1 − 2⁻ᴺ)ᴸ',
    source: 'Lu et al. 2019, arXiv:1903.06733; Rister & Rubin 2017',
  },
  tolerance: `three binomial standard deviations over ${NETWORKS} independent networks; the law is exact for one input`,
  kind: 'init',
  seconds: 6,
  measure: async (bench) => {
    const outcome = draft({ label: 'depth', scale: 'linear' }, { label: 'share born dead', scale: 'linear' });
    const measured: [number, number][] = [];
    for (const [i, depth] of depths.entries()) {
      let dead = 0;
      for (let n = 0; n < NETWORKS; n++) {
        const run = await bench.open({
          fuga: 1,
          seed: bench.seed * 100_000 + i * NETWORKS + n,
          data: { source: 'gaussian', features: WIDTH, samples: 10, batch: 1 },
          network: [
            { type: 'dense', out: WIDTH, activation: 'relu', init: 'heNormal', bias: false, repeat: depth },
            { type: 'dense', out: 10 },
          ],
          steps: 1,
        });
        for (const _ of train(run)) void _;
        if (profile(run.trace, 'activationRms', run.trace.records[0]!)[depth - 1] === 0) dead++;
        if (n % 100 === 0) await bench.progress(i * NETWORKS + n, depths.length * NETWORKS, outcome);
      }
      const law = 1 - (1 - 2 ** -WIDTH) ** depth;
      const band = bandOf(law);
      const share = dead / NETWORKS;
      measured.push([depth, share]);
      outcome.checks.push({
        name: `dead of ${depth} layers of ${WIDTH}`,
        predicted: law,
        measured: share,
        low: law - band,
        high: law + band,
      });
    }
    const curve = Array.from({ length: 50 }, (_, l): [number, number] => [
      l + 1,
      1 - (1 - 2 ** -WIDTH) ** (l + 1),
    ]);
    outcome.picture.curves.push(
      { name: `${WIDTH} units wide`, kind: 'measured', points: measured },
      {
        name: '1 − (1 − 2⁻ᴺ)ᴸ',
        kind: 'law',
        points: curve,
        band: curve.map(([, share]) => [share - bandOf(share), share + bandOf(share)]),
      },
    );
    return outcome;
  },
};

/** Three binomial standard deviations of the share of dead networks. */
function bandOf(share: number): number {
  return 3 * Math.sqrt((share * (1 - share)) / NETWORKS);
}
