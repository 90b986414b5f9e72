import type { Chapter } from '../chapter.js';
import { shareAtStart } from '../readings.js';

/** An LSTM adds to its cell instead of multiplying, and a gate says how much it keeps. */
export const gates: Chapter = {
  id: 'gates',
  start: { cell: 'lstm', forgetBias: 1 },
  turns: [
    { id: 'forgetBias', kind: 'number', low: -2, high: 5 },
    { id: 'cell', kind: 'choice', options: ['lstm', 'gru', 'rnn'] },
  ],
  spec: ({ cell, forgetBias }) => ({
    name: 'Learn: a gate that remembers',
    data: { source: 'adding', length: 50, batch: 32 },
    model: { type: cell, hidden: 32, ...(cell === 'lstm' ? { forgetBias } : {}) },
    optimizer: { type: 'adam', lr: 0.002 },
    clip: { norm: 1 },
    steps: 600,
  }),
  shows: 'time',
  formulas: [
    String.raw`c_t=f_t\odot c_{t-1}+i_t\odot g_t`,
    String.raw`\frac{\partial c_T}{\partial c_1}\approx\prod_{t=2}^{T}f_t,\qquad f_t\approx\sigma(b_f)`,
  ],
  question: {
    after: 1,
    measure: shareAtStart,
    options: [
      { id: 'gone', value: 4e-10 },
      { id: 'millionth', value: 3e-6 },
      { id: 'hundredth', value: 1e-2 },
      { id: 'all', value: 1 },
    ],
    near: 'ratio',
    format: 'number',
  },
  reached: (reading, { cell }) => cell === 'lstm' && shareAtStart(reading) >= 0.3,
  terms: ['lstm', 'forgetGate', 'bptt', 'saturation'],
  sources: [
    'Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, §4',
    'Gers, Schmidhuber & Cummins 2000, doi:10.1162/089976600300015015',
    'Jozefowicz, Zaremba & Sutskever 2015 (ICML), §2.3',
  ],
  words: {
    en: {
      title: 'A gate that remembers',
      lead: 'The LSTM’s cell is a residual connection along time.',
      text: [
        'An [[lstm|LSTM]] keeps a second state beside the one it shows: the cell. A cell is not multiplied by a matrix. It is scaled by the [[forgetGate|forget gate]], a number between 0 and 1 a unit, and something is **added** to it. So the gradient along the cell is a product of gates, and an open gate is a 1.',
        'How open the gates are at the start is a bias, $b_f$. At 0 they stand at ½ and forget half at every step. The same adding problem as before, fifty steps long; the plain network kept $4\\cdot10^{-10}$.',
      ],
      question: 'An LSTM with $b_f=1$: how much of the gradient is left at the first of 50 steps?',
      options: {
        gone: 'as little as in the plain network',
        millionth: 'a few millionths',
        hundredth: 'about a hundredth',
        all: 'all of it',
      },
      measured: 'Gradient of the shown state at step 1 ÷ at step 50',
      why: 'Gates at $\\sigma(1)=0.73$ alone would leave $0.73^{49}\\approx 2\\cdot10^{-7}$. It is far more, because gates differ from unit to unit and from step to step, the most open ones win, and the paths through the other gates add their share. One bias buys seven powers of ten.',
      goal: 'Open the gates until at least a third comes back to the first step.',
      reached:
        'This is why a forget bias of 1 or more has become the habit. Wide open from the start is no free lunch: the cell then piles up all it hears.',
      turns: { forgetBias: 'Forget bias, b', cell: 'Cell' },
    },
    'pt-BR': {
      title: 'Uma porta que lembra',
      lead: 'A célula da LSTM é uma conexão residual ao longo do tempo.',
      text: [
        'Uma [[lstm|LSTM]] guarda um segundo estado ao lado do que mostra: a célula. A célula não é multiplicada por uma matriz. Ela é escalada pela [[forgetGate|porta de esquecimento]], um número entre 0 e 1 por unidade, e algo é **somado** a ela. Por isso o gradiente ao longo da célula é um produto de portas, e uma porta aberta vale 1.',
        'Quanto as portas estão abertas no início é um viés, $b_f$. Em 0 elas ficam em ½ e esquecem metade a cada passo. O mesmo problema da soma de antes, com cinquenta passos; a rede simples guardava $4\\cdot10^{-10}$.',
      ],
      question: 'Uma LSTM com $b_f=1$: quanto do gradiente sobra no primeiro de 50 passos?',
      options: {
        gone: 'tão pouco quanto na rede simples',
        millionth: 'uns poucos milionésimos',
        hundredth: 'cerca de um centésimo',
        all: 'tudo',
      },
      measured: 'Gradiente do estado mostrado no passo 1 ÷ no passo 50',
      why: 'Só com portas em $\\sigma(1)=0{,}73$ sobrariam $0{,}73^{49}\\approx 2\\cdot10^{-7}$. É muito mais, porque as portas variam de unidade para unidade e de passo para passo, as mais abertas vencem, e os caminhos pelas outras portas somam a sua parte. Um viés compra sete potências de dez.',
      goal: 'Abra as portas até que pelo menos um terço volte ao primeiro passo.',
      reached:
        'É por isso que um viés de esquecimento de 1 ou mais virou costume. Escancarada desde o início não sai de graça: a célula acumula tudo o que ouve.',
      turns: { forgetBias: 'Viés de esquecimento, b', cell: 'Célula' },
    },
  },
};
