import type { Chapter } from '../chapter.js';
import { deadShare } from '../readings.js';

/** A step too large closes units for good. */
export const deadUnits: Chapter = {
  id: 'deadUnits',
  start: { rate: 0.1, activation: 'relu' },
  turns: [
    { id: 'rate', kind: 'number', low: 0.0005, high: 0.3, log: true },
    { id: 'activation', kind: 'choice', options: ['relu', 'leakyRelu', 'gelu'] },
  ],
  spec: ({ rate, activation }) => ({
    name: 'Learn: units that never wake',
    data: { source: 'digits', batch: 64 },
    model: { type: 'mlp', depth: 4, width: 64, activation, init: 'heNormal' },
    optimizer: { type: 'adam', lr: rate },
    steps: 400,
  }),
  formulas: [
    String.raw`a=\max(0,\,w^{\top}x+b)=0\quad\forall x`,
    String.raw`\Rightarrow\quad\frac{\partial L}{\partial w}=0`,
  ],
  question: {
    after: 150,
    measure: deadShare,
    options: [
      { id: 'few', value: 0.03 },
      { id: 'third', value: 0.33 },
      { id: 'half', value: 0.55 },
      { id: 'most', value: 0.95 },
    ],
    near: 'difference',
    format: 'percent',
  },
  reached: (reading) => reading.record.step >= 100 && deadShare(reading) < 0.1 && reading.loss < 0.4,
  terms: ['deadUnit', 'relu', 'learningRate', 'adam'],
  sources: ['Lu et al. 2019, arXiv:1903.06733, §2', 'Maas, Hannun & Ng 2013'],
  words: {
    en: {
      title: 'Units that never wake',
      lead: 'What closes a ReLU for every sample closes it for good.',
      text: [
        'A ReLU unit that is closed for **every** sample is [[deadUnit|dead]]: its output is 0, its slope is 0, and so the gradient of its weights is exactly 0. Nothing will ever change them again. No gradient vanished here by multiplying: it was cut.',
        'Units die where a step was too large and threw their bias far below 0. Here four layers of 64 units train with [[adam|Adam]] at a [[learningRate|learning rate]] of 0.1, a hundred times the usual. Watch the number of dead units, and the loss that hangs on those that are left.',
      ],
      question: 'After 150 steps, what share of the units is dead?',
      options: {
        few: 'a few in a hundred',
        third: 'about a third',
        half: 'about half',
        most: 'nearly all of them',
      },
      measured: 'Dead units, mean over the layers',
      why: 'Each step moves every weight by about the learning rate, whatever the gradient’s size: that is how Adam works. A hundred steps of 0.1 push most units out of reach of the data, and none comes back.',
      goal: 'Train past a hundred steps with fewer than a tenth of the units dead, and a loss below 0.4.',
      reached:
        'Alive. A smaller step leaves units where the data can reach them, and an activation with a slope on both sides cannot die.',
      turns: { rate: 'Learning rate', activation: 'Activation' },
    },
    'pt-BR': {
      title: 'Unidades que não acordam',
      lead: 'O que fecha uma ReLU para todas as amostras a fecha para sempre.',
      text: [
        'Uma unidade ReLU fechada para **todas** as amostras está [[deadUnit|morta]]: a saída é 0, a inclinação é 0 e, por isso, o gradiente dos pesos dela é exatamente 0. Nada mais vai mudá-los. Aqui o gradiente não sumiu de tanto ser multiplicado: foi cortado.',
        'Unidades morrem quando um passo grande demais joga o viés delas bem abaixo de 0. Aqui quatro camadas de 64 unidades treinam com [[adam|Adam]] e [[learningRate|taxa de aprendizado]] 0,1, cem vezes a usual. Observe o número de mortas e a perda, que depende das que sobram.',
      ],
      question: 'Depois de 150 passos, que parte das unidades está morta?',
      options: {
        few: 'umas poucas em cem',
        third: 'cerca de um terço',
        half: 'cerca de metade',
        most: 'quase todas',
      },
      measured: 'Unidades mortas, média das camadas',
      why: 'Cada passo move cada peso por cerca da taxa de aprendizado, seja qual for o tamanho do gradiente: é assim que o Adam funciona. Cem passos de 0,1 empurram quase todas as unidades para fora do alcance dos dados, e nenhuma volta.',
      goal: 'Treine mais de cem passos com menos de um décimo das unidades mortas e perda abaixo de 0,4.',
      reached:
        'Vivas. Um passo menor deixa as unidades onde os dados as alcançam, e uma ativação com inclinação dos dois lados não morre.',
      turns: { rate: 'Taxa de aprendizado', activation: 'Ativação' },
    },
  },
};
