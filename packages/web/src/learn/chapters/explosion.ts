import type { Chapter } from '../chapter.js';
import { shareAtInput } from '../readings.js';

/** The same product with factors above one, and the leash that holds its step. */
export const explosion: Chapter = {
  id: 'explosion',
  start: { spread: 2, clip: false },
  turns: [
    { id: 'spread', kind: 'number', low: 1, high: 3, log: true },
    { id: 'clip', kind: 'switch' },
  ],
  spec: ({ spread, clip }) => ({
    name: 'Learn: too much of it',
    data: { source: 'digits', batch: 64 },
    model: { type: 'mlp', depth: 20, width: 64, activation: 'relu', init: { normal: Number(spread) / 8 } },
    optimizer: { type: 'sgd', lr: 0.1 },
    ...(clip === true ? { clip: { norm: 1 } } : {}),
    steps: 400,
  }),
  formulas: [String.raw`g\leftarrow g\cdot\min\!\left(1,\frac{c}{\lVert g\rVert}\right)`],
  question: {
    after: 1,
    measure: shareAtInput,
    options: [
      { id: 'same', value: 1 },
      { id: 'twenty', value: 20 },
      { id: 'hundreds', value: 600 },
      { id: 'million', value: 1e6 },
    ],
    near: 'ratio',
    format: 'number',
    predicted: 2 ** 9.5,
  },
  reached: (reading, { spread }) => Number(spread) >= 1.9 && reading.record.step >= 250 && reading.loss < 2.3,
  terms: ['exploding', 'clipping', 'nonFinite', 'learningRate'],
  sources: [
    'Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, §3.2',
    'He et al. 2015, arXiv:1502.01852, §2.2',
  ],
  words: {
    en: {
      title: 'Too much of it',
      lead: 'Factors above one explode, and one step is enough to end it all.',
      text: [
        'A product that can vanish can [[exploding|explode]] as well. Here the weights of twenty ReLU layers are drawn with $\\sigma_w=2$, a mere $\\sqrt2$ above He’s rule. Every layer now multiplies the gradient by $\\sqrt2$, and the signal on its way in too.',
        'Then the optimiser takes a step as long as the gradient says. It lands where the gradient is longer still, and after two or three steps the loss is [[nonFinite|no number]] any more, and the run is over: turn the clipping on to see it go on. [[clipping|Clipping]] does not make the gradient smaller at its source. It keeps its direction and shortens the **step**, which is often all that is needed.',
      ],
      question: 'How much larger is the gradient at the first layer than at the last, before any step?',
      options: {
        same: 'the same',
        twenty: 'about 20 times',
        hundreds: 'some hundred times',
        million: 'a million times',
      },
      measured: 'Gradient at the first layer ÷ at the last hidden one',
      why: '$\\sqrt2^{\\,19}\\approx 720$ by theory; one network of width 64 may well be off by a factor of two. Every single layer looks fine: only the product is sick.',
      goal: 'Leave the spread where it is, and let it train for 250 steps below a loss of 2.3, what guessing gives.',
      reached: 'The gradient is as steep as ever, but no step is longer than the leash.',
      turns: { spread: 'Spread of the weights, σ', clip: 'Clip the gradient’s norm at 1' },
    },
    'pt-BR': {
      title: 'Gradiente demais',
      lead: 'Fatores maiores que um explodem, e um passo basta para acabar com tudo.',
      text: [
        'Um produto que pode sumir também pode [[exploding|explodir]]. Aqui os pesos de vinte camadas ReLU são sorteados com $\\sigma_w=2$, só $\\sqrt2$ acima da regra de He. Cada camada agora multiplica o gradiente por $\\sqrt2$, e o sinal, na ida, também.',
        'Então o otimizador dá um passo do tamanho que o gradiente manda. Cai onde o gradiente é maior ainda e, depois de dois ou três passos, a perda [[nonFinite|nem número é]], e o treino acaba: ligue o corte para vê-lo continuar. O [[clipping|corte]] não diminui o gradiente na origem. Ele mantém a direção e encurta o **passo**, o que muitas vezes é só o que falta.',
      ],
      question: 'Quanto o gradiente é maior na primeira camada que na última, antes de qualquer passo?',
      options: {
        same: 'é igual',
        twenty: 'umas 20 vezes',
        hundreds: 'algumas centenas de vezes',
        million: 'um milhão de vezes',
      },
      measured: 'Gradiente na primeira camada ÷ na última oculta',
      why: 'Pela teoria, $\\sqrt2^{\\,19}\\approx 720$; uma rede de largura 64 pode errar por um fator de dois. Cada camada, sozinha, parece bem: só o produto está doente.',
      goal: 'Deixe a dispersão onde está e faça a rede treinar 250 passos com perda abaixo de 2,3, o que dá o chute.',
      reached: 'O gradiente continua íngreme, mas nenhum passo passa do limite.',
      turns: { spread: 'Dispersão dos pesos, σ', clip: 'Cortar a norma do gradiente em 1' },
    },
  },
};
