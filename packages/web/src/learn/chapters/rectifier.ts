import type { Chapter } from '../chapter.js';
import { shareAtInput } from '../readings.js';

/** A ReLU passes half of the squared gradient; He's init makes up for it. */
export const rectifier: Chapter = {
  id: 'rectifier',
  start: { init: 'xavierNormal', depth: 30 },
  turns: [
    { id: 'init', kind: 'choice', options: ['xavierNormal', 'heNormal', 'orthogonal'] },
    { id: 'depth', kind: 'number', low: 4, high: 60, whole: true },
  ],
  spec: ({ init, depth }) => ({
    name: 'Learn: half of it gets through',
    data: { source: 'digits', batch: 64 },
    model: { type: 'mlp', depth, width: 64, activation: 'relu', init },
    optimizer: { type: 'sgd', lr: 0.05 },
    steps: 300,
  }),
  formulas: [
    String.raw`\frac{\mathbb E\lVert\delta_l\rVert^2}{\mathbb E\lVert\delta_{l+1}\rVert^2}=\frac{\sigma_w^2}{2}\quad\Rightarrow\quad\sigma_w^2=2`,
  ],
  question: {
    after: 1,
    measure: shareAtInput,
    options: [
      { id: 'level', value: 0.7 },
      { id: 'thirtieth', value: 1 / 30 },
      { id: 'tiny', value: 3e-5 },
      { id: 'gone', value: 1e-9 },
    ],
    near: 'ratio',
    format: 'number',
    predicted: 2 ** -14.5,
  },
  reached: (reading, { depth }) => Number(depth) >= 20 && shareAtInput(reading) >= 0.1,
  terms: ['relu', 'he', 'xavier', 'theoryBand'],
  sources: ['He et al. 2015, arXiv:1502.01852, §2.2', 'Hanin & Nica 2019, arXiv:1812.05994'],
  words: {
    en: {
      title: 'Half of it gets through',
      lead: 'ReLU has slope 1, and still thirty layers of it can starve.',
      text: [
        'The [[relu|ReLU]] keeps what is positive and stops the rest. Where it is open its slope is 1, so it should not shrink anything. But half of the units are closed, and they pass **no** gradient at all: on average half of its square is lost at every layer.',
        '[[xavier|Xavier’s]] rule knows nothing of that. [[he|He’s]] rule doubles the variance of the weights, which makes up for the lost half exactly. The shaded [[theoryBand|band]] shows what theory expects of this very network, its width included.',
      ],
      question: 'Thirty ReLU layers, Xavier’s init: how much of the gradient arrives at the first one?',
      options: {
        level: 'nearly all of it',
        thirtieth: 'a thirtieth',
        tiny: 'about 3 in 100 000',
        gone: 'one in a billion',
      },
      measured: 'Gradient at the first layer ÷ at the last hidden one',
      why: 'Half of the square a layer is $1/\\sqrt2$ of the strength: over 29 layers $2^{-14.5}\\approx 4\\cdot10^{-5}$. A width of 64 scatters it a little about that. Monitors with a fixed threshold miss this one, since it looks harmless layer by layer.',
      goal: 'Keep at least 20 layers, and bring a tenth of the gradient to the first one.',
      reached: 'The line is level: depth costs nothing any more, at the start.',
      turns: { init: 'Init', depth: 'Layers' },
    },
    'pt-BR': {
      title: 'Metade passa',
      lead: 'A ReLU tem inclinação 1 e, mesmo assim, trinta camadas dela podem morrer de fome.',
      text: [
        'A [[relu|ReLU]] guarda o que é positivo e bloqueia o resto. Onde está aberta, a inclinação é 1: não deveria encolher nada. Mas metade das unidades está fechada e não deixa passar gradiente **nenhum**: em média, metade do quadrado dele se perde em cada camada.',
        'A regra de [[xavier|Xavier]] não sabe disso. A de [[he|He]] dobra a variância dos pesos, o que compensa exatamente a metade perdida. A [[theoryBand|faixa]] sombreada mostra o que a teoria espera desta rede em particular, largura incluída.',
      ],
      question: 'Trinta camadas ReLU, inicialização de Xavier: quanto do gradiente chega à primeira?',
      options: {
        level: 'quase tudo',
        thirtieth: 'um trinta avos',
        tiny: 'cerca de 3 em 100 000',
        gone: 'um em um bilhão',
      },
      measured: 'Gradiente na primeira camada ÷ na última oculta',
      why: 'Metade do quadrado por camada é $1/\\sqrt2$ da força: em 29 camadas, $2^{-14{,}5}\\approx 4\\cdot10^{-5}$. Com largura 64, o valor oscila um pouco em torno disso. Monitores de limiar fixo não veem este caso, pois camada a camada ele parece inofensivo.',
      goal: 'Mantenha pelo menos 20 camadas e leve um décimo do gradiente até a primeira.',
      reached: 'A linha ficou plana: no início, a profundidade não custa mais nada.',
      turns: { init: 'Inicialização', depth: 'Camadas' },
    },
  },
};
