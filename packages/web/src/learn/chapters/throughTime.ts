import type { Chapter } from '../chapter.js';
import { shareAtStart } from '../readings.js';

/** A recurrent network is deep in time, with one matrix at every step. */
export const throughTime: Chapter = {
  id: 'throughTime',
  start: { length: 50, recurrent: 'default' },
  turns: [
    { id: 'length', kind: 'number', low: 5, high: 120, whole: true },
    { id: 'recurrent', kind: 'choice', options: ['default', 'orthogonal'] },
  ],
  spec: ({ length, recurrent }) => ({
    name: 'Learn: back through time',
    data: { source: 'adding', length, batch: 32 },
    model: {
      type: 'rnn',
      hidden: 32,
      ...(recurrent === 'orthogonal' ? { recurrentInit: 'orthogonal' } : {}),
    },
    optimizer: { type: 'adam', lr: 0.002 },
    clip: { norm: 1 },
    steps: 600,
  }),
  shows: 'time',
  formulas: [
    String.raw`\frac{\partial L}{\partial h_1}=\frac{\partial L}{\partial h_T}\prod_{t=2}^{T}\operatorname{diag}\!\big(1-h_t^2\big)\,W_h`,
  ],
  question: {
    after: 1,
    measure: shareAtStart,
    options: [
      { id: 'fiftieth', value: 1 / 50 },
      { id: 'tenThousandth', value: 1e-4 },
      { id: 'gone', value: 4e-10 },
      { id: 'zero', value: 1e-30 },
    ],
    near: 'ratio',
    format: 'number',
  },
  reached: (reading) => shareAtStart(reading) >= 1e-3,
  terms: ['bptt', 'spectralRadius', 'orthogonal', 'clipping'],
  sources: [
    'Bengio, Simard & Frasconi 1994, doi:10.1109/72.279181',
    'Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, §2',
    'Le, Jaitly & Hinton 2015, arXiv:1504.00941, §4.1',
  ],
  words: {
    en: {
      title: 'Back through time',
      lead: 'A recurrent network is as deep as its sequence is long.',
      text: [
        'A recurrent network reads step by step, with the same weights at every step. Unrolled, it is a deep network whose layers share one matrix, and its gradient goes [[bptt|back through time]]. The upper picture shows it: time runs to the right, the gradient to the left.',
        'The task is the adding problem: of fifty numbers two are marked, and at the end their sum is asked for. To learn it, the network must hear at step 50 what mattered at step 3. One matrix, multiplied fifty times, keeps what its [[spectralRadius|spectral radius]] keeps, and tanh takes its part on top.',
      ],
      question: 'Of the gradient at the last of 50 steps, how much is left at the first?',
      options: {
        fiftieth: 'a fiftieth',
        tenThousandth: 'a ten-thousandth',
        gone: 'less than one part in a billion',
        zero: 'exactly nothing',
      },
      measured: 'Gradient at step 1 ÷ at step 50',
      why: 'About 0.64 a step, forty-nine times. The gradient of the weights looks healthy, since it adds up all steps, and the last ones dominate. Only along time can you see that the beginning is never heard.',
      goal: 'Bring at least a thousandth back to the first step: by a shorter sequence, or by other recurrent weights.',
      reached:
        'An orthogonal matrix keeps every length, so only tanh takes its share. It holds at the start; training may still undo it.',
      turns: { length: 'Length of the sequence', recurrent: 'Recurrent weights' },
      choices: { default: 'uniform, ±1/√n', orthogonal: 'orthogonal' },
    },
    'pt-BR': {
      title: 'De volta no tempo',
      lead: 'Uma rede recorrente é tão profunda quanto a sequência é longa.',
      text: [
        'Uma rede recorrente lê passo a passo, com os mesmos pesos em cada um. Desenrolada, é uma rede profunda cujas camadas dividem uma matriz, e o gradiente dela volta [[bptt|através do tempo]]. A figura de cima mostra isso: o tempo corre para a direita, o gradiente para a esquerda.',
        'A tarefa é o problema da soma: de cinquenta números, dois estão marcados, e no fim se pede a soma deles. Para aprender, a rede precisa ouvir no passo 50 o que importava no passo 3. Uma matriz multiplicada cinquenta vezes guarda o que o [[spectralRadius|raio espectral]] dela guarda, e a tanh ainda tira a sua parte.',
      ],
      question: 'Do gradiente no último de 50 passos, quanto sobra no primeiro?',
      options: {
        fiftieth: 'um cinquenta avos',
        tenThousandth: 'um décimo de milésimo',
        gone: 'menos de uma parte em um bilhão',
        zero: 'exatamente nada',
      },
      measured: 'Gradiente no passo 1 ÷ no passo 50',
      why: 'Cerca de 0,64 por passo, quarenta e nove vezes. O gradiente dos pesos parece saudável, pois soma todos os passos, e os últimos dominam. Só ao longo do tempo se vê que o começo nunca é ouvido.',
      goal: 'Leve pelo menos um milésimo de volta ao primeiro passo: com uma sequência mais curta, ou com outros pesos recorrentes.',
      reached:
        'Uma matriz ortogonal conserva todo comprimento; só a tanh tira a sua parte. Vale no início; o treino ainda pode desfazer.',
      turns: { length: 'Comprimento da sequência', recurrent: 'Pesos recorrentes' },
      choices: { default: 'uniforme, ±1/√n', orthogonal: 'ortogonal' },
    },
  },
};
