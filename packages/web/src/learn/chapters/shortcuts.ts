import type { Chapter } from '../chapter.js';
import { shareAtInput } from '../readings.js';

/** A sum has slope one: the gradient passes by. */
export const shortcuts: Chapter = {
  id: 'shortcuts',
  start: { skip: true, depth: 40 },
  turns: [
    { id: 'skip', kind: 'switch' },
    { id: 'depth', kind: 'number', low: 4, high: 120, whole: true },
  ],
  spec: ({ skip, depth }) => ({
    name: 'Learn: a way around',
    data: { source: 'digits', batch: 64 },
    model: { type: 'mlp', depth, width: 32, activation: 'tanh', init: { normal: 0.1 }, skip },
    optimizer: { type: 'sgd', lr: 0.05 },
    steps: 500,
  }),
  formulas: [
    String.raw`x_{l+1}=x_l+F(x_l)`,
    String.raw`\frac{\partial x_{l+1}}{\partial x_l}=I+\frac{\partial F}{\partial x_l}`,
  ],
  question: {
    after: 1,
    measure: shareAtInput,
    options: [
      { id: 'gone', value: 1e-10 },
      { id: 'thousandth', value: 1e-3 },
      { id: 'same', value: 8 },
      { id: 'explodes', value: 1e5 },
    ],
    near: 'ratio',
    format: 'number',
  },
  reached: (reading, { depth }) => Number(depth) >= 80 && reading.loss < 1,
  terms: ['residual', 'chainRule', 'shattered', 'fixup'],
  sources: [
    'He et al. 2015, arXiv:1512.03385, §3.1',
    'Veit, Wilber & Belongie 2016, arXiv:1605.06431, §4.3',
    'Yang & Schoenholz 2017, arXiv:1712.08969',
  ],
  words: {
    en: {
      title: 'A way around',
      lead: 'Add the input to the output, and the product becomes a sum.',
      text: [
        'A [[residual|residual block]] adds what it computes to what came in. On the way back that is a fork: one branch goes through the layers as ever, the other goes **around** them with slope exactly 1. Whatever the layers do, the gradient has a way home.',
        'Multiply it out, and forty blocks are $2^{40}$ paths of all lengths. The long ones vanish as before. The short ones carry the gradient, and there are plenty. Here the weights are far too small: without skips, forty layers would leave $10^{-10}$ of it.',
      ],
      question:
        'The same forty layers with skips around them: how much of the gradient arrives at the first one?',
      options: {
        gone: 'still about 10⁻¹⁰',
        thousandth: 'about a thousandth',
        same: 'about as much as was sent, or some times that',
        explodes: 'a hundred thousand times as much',
      },
      measured: 'Gradient at the first layer ÷ at the last block',
      why: 'Each block multiplies by a little more than 1: the skip brings 1, the branch adds its small share. So it grows gently, which is the price of skips; scaling the branches, or [[fixup|starting them at zero]], takes it away.',
      goal: 'Train at least 80 layers to a loss below 1.',
      reached:
        'Eighty layers, weights too small, no norm, and it learns. Turn the skips off to see what they do.',
      turns: { skip: 'Skip connections', depth: 'Layers' },
    },
    'pt-BR': {
      title: 'Um desvio',
      lead: 'Some a entrada à saída, e o produto vira soma.',
      text: [
        'Um [[residual|bloco residual]] soma o que calcula ao que entrou. Na volta isso é uma bifurcação: um ramo passa pelas camadas, como sempre; o outro passa **por fora** delas com inclinação exatamente 1. Façam o que fizerem as camadas, o gradiente tem um caminho para casa.',
        'Desenvolva o produto, e quarenta blocos são $2^{40}$ caminhos de todos os comprimentos. Os longos somem como antes. Os curtos levam o gradiente, e são muitos. Aqui os pesos são pequenos demais: sem atalhos, quarenta camadas deixariam $10^{-10}$ dele.',
      ],
      question: 'As mesmas quarenta camadas com atalhos por fora: quanto do gradiente chega à primeira?',
      options: {
        gone: 'ainda cerca de 10⁻¹⁰',
        thousandth: 'cerca de um milésimo',
        same: 'tanto quanto foi enviado, ou algumas vezes isso',
        explodes: 'cem mil vezes mais',
      },
      measured: 'Gradiente na primeira camada ÷ no último bloco',
      why: 'Cada bloco multiplica por um pouco mais que 1: o atalho traz 1, o ramo soma sua pequena parte. Por isso ele cresce devagar, e esse é o preço dos atalhos; escalar os ramos, ou [[fixup|começá-los em zero]], o elimina.',
      goal: 'Treine pelo menos 80 camadas até uma perda abaixo de 1.',
      reached:
        'Oitenta camadas, pesos pequenos demais, sem normalização, e ela aprende. Desligue os atalhos para ver o que eles fazem.',
      turns: { skip: 'Atalhos', depth: 'Camadas' },
    },
  },
};
