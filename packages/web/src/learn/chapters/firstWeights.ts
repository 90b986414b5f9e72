import type { Chapter } from '../chapter.js';
import { shareAtInput } from '../readings.js';

/** The spread of the first weights decides between order and chaos. */
export const firstWeights: Chapter = {
  id: 'firstWeights',
  start: { spread: 0.5 },
  turns: [{ id: 'spread', kind: 'number', low: 0.3, high: 4, log: true }],
  spec: ({ spread }) => ({
    name: 'Learn: the first weights',
    data: { source: 'digits', batch: 64 },
    model: {
      type: 'mlp',
      depth: 20,
      width: 64,
      activation: 'tanh',
      // Weights of standard deviation σ_w / √64.
      init: { normal: Number(spread) / 8 },
    },
    optimizer: { type: 'sgd', lr: 0.1 },
    steps: 300,
  }),
  formulas: [
    String.raw`W_{ij}\sim\mathcal N\!\left(0,\tfrac{\sigma_w^2}{n}\right)`,
    String.raw`\chi=\sigma_w^2\,\mathbb E\big[\phi'(z)^2\big]`,
  ],
  question: {
    after: 1,
    measure: shareAtInput,
    options: [
      { id: 'tenth', value: 0.1 },
      { id: 'thousandth', value: 1e-3 },
      { id: 'millionth', value: 2e-6 },
      { id: 'more', value: 30 },
    ],
    near: 'ratio',
    format: 'number',
    predicted: 0.5 ** 19,
  },
  reached: (reading) => {
    const share = shareAtInput(reading);
    return share > 1 / 3 && share < 3;
  },
  terms: ['init', 'xavier', 'meanField', 'exploding'],
  sources: [
    'Glorot & Bengio 2010 (AISTATS), §4.2',
    'Poole et al. 2016, arXiv:1606.05340, §2',
    'Schoenholz et al. 2017, arXiv:1611.01232, §3',
  ],
  words: {
    en: {
      title: 'Where to begin',
      lead: 'Before the first step, the spread of the weights has decided a lot.',
      text: [
        'Training starts from random weights. How widely they are drawn is one number, $\\sigma_w$, and it decides whether signal and gradient survive the way. tanh has slope 1 near 0, so here no activation is to blame: only the weights are.',
        'Small weights multiply the gradient by about $\\sigma_w$ at every layer. Large ones drive tanh into its flat ends, which takes gradient away, but stretch it even more: it grows, and neighbouring inputs fly apart. In between lies an **edge of chaos** where the product is just 1. [[xavier|Xavier’s]] rule, $\\sigma_w=1$, is close to it; the theory of [[meanField|mean fields]] says where it is for any activation.',
      ],
      question: 'With $\\sigma_w = 0.5$ and 20 layers, how much of the gradient arrives at the first one?',
      options: {
        tenth: 'about a tenth',
        thousandth: 'about a thousandth',
        millionth: 'about two millionths',
        more: 'more than was sent',
      },
      measured: 'Gradient at the first layer ÷ at the last hidden one',
      why: 'Each of nineteen layers halves it: $0.5^{19}\\approx 2\\cdot10^{-6}$. The signal on its way in fades by the same factor, so the last layers see hardly anything of the picture.',
      goal: 'Find the spread at which both ends get about the same gradient: between a third and three times.',
      reached: 'You stand at the edge of chaos. Let it train from here, and the loss falls.',
      turns: { spread: 'Spread of the weights, σ' },
    },
    'pt-BR': {
      title: 'Por onde começar',
      lead: 'Antes do primeiro passo, a dispersão dos pesos já decidiu muito.',
      text: [
        'O treino parte de pesos aleatórios. A largura do sorteio é um número, $\\sigma_w$, e ele decide se sinal e gradiente sobrevivem ao caminho. A tanh tem inclinação 1 perto de 0; aqui, portanto, a culpa não é da ativação: é só dos pesos.',
        'Pesos pequenos multiplicam o gradiente por cerca de $\\sigma_w$ em cada camada. Pesos grandes empurram a tanh para as pontas planas, o que tira gradiente, mas o esticam ainda mais: ele cresce, e entradas vizinhas se afastam. No meio há uma **beira do caos** em que o produto é justamente 1. A regra de [[xavier|Xavier]], $\\sigma_w=1$, fica perto dela; a teoria de [[meanField|campo médio]] diz onde ela está para qualquer ativação.',
      ],
      question: 'Com $\\sigma_w = 0{,}5$ e 20 camadas, quanto do gradiente chega à primeira?',
      options: {
        tenth: 'cerca de um décimo',
        thousandth: 'cerca de um milésimo',
        millionth: 'cerca de dois milionésimos',
        more: 'mais do que foi enviado',
      },
      measured: 'Gradiente na primeira camada ÷ na última oculta',
      why: 'Cada uma de dezenove camadas o divide por dois: $0{,}5^{19}\\approx 2\\cdot10^{-6}$. O sinal, na ida, some pelo mesmo fator: as últimas camadas quase não veem a imagem.',
      goal: 'Encontre a dispersão em que as duas pontas recebem quase o mesmo gradiente: entre um terço e o triplo.',
      reached: 'Você está na beira do caos. Deixe treinar a partir daqui e a perda cai.',
      turns: { spread: 'Dispersão dos pesos, σ' },
    },
  },
};
