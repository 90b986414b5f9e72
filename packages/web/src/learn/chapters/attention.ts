import type { Chapter } from '../chapter.js';
import { shareAtInput } from '../readings.js';

/** Attention needs its norms inside the branches. */
export const attention: Chapter = {
  id: 'attention',
  start: { norm: 'post', layers: 12, warmup: false },
  turns: [
    { id: 'norm', kind: 'choice', options: ['post', 'pre'] },
    { id: 'layers', kind: 'number', low: 1, high: 16, whole: true },
    { id: 'warmup', kind: 'switch' },
  ],
  spec: ({ norm, layers, warmup }) => ({
    name: 'Learn: paying attention',
    data: { source: 'text', length: 16, batch: 8 },
    model: { type: 'gpt', layers, width: 32, heads: 2, hidden: 64, norm },
    optimizer: { type: 'adam', lr: 0.002 },
    ...(warmup === true ? { schedule: { type: 'linearWarmup', warmup: 100 } } : {}),
    steps: 400,
  }),
  formulas: [
    String.raw`\operatorname{softmax}\!\Big(\frac{QK^{\top}}{\sqrt d}\Big)V`,
    String.raw`\text{pre: }x+F(\mathrm{LN}(x))\qquad\text{post: }\mathrm{LN}(x+F(x))`,
  ],
  question: {
    after: 60,
    measure: shareAtInput,
    options: [
      { id: 'same', value: 1 },
      { id: 'third', value: 0.3 },
      { id: 'thousandth', value: 1e-3 },
      { id: 'explodes', value: 100 },
    ],
    near: 'ratio',
    format: 'number',
  },
  reached: (reading, { layers }) => Number(layers) >= 8 && reading.loss < 2.7,
  terms: ['attention', 'preNorm', 'warmup', 'layerNorm'],
  sources: [
    'Vaswani et al. 2017, arXiv:1706.03762, §3',
    'Xiong et al. 2020, arXiv:2002.04745, Theorem 1 and §3',
  ],
  words: {
    en: {
      title: 'Paying attention',
      lead: 'In a transformer it matters on which side of the sum the norm stands.',
      text: [
        'In [[attention|attention]] every step may look at every other, so the way between two words is one layer long, however far apart they are. Time costs nothing any more; depth still does. Each block of a transformer adds its branches to a residual stream, as in the chapter on shortcuts, and norms keep the sizes in check.',
        'The first transformers had the norm **behind** the sum, so every block rescales the stream and the shortcut with it: there is no clean way back. [[preNorm|Pre-norm]] puts it **inside** the branch. Here twelve post-norm blocks learn to read Genesis letter by letter, without a [[warmup|warm-up]]. Before the first step all looks well. Watch what sixty steps do.',
      ],
      question: 'After 60 steps, how much of the gradient at the last block arrives at the input?',
      options: {
        same: 'all of it',
        third: 'about a third',
        thousandth: 'about a thousandth, or less',
        explodes: 'a hundred times as much',
      },
      measured: 'Gradient at the embedding ÷ at the last block',
      why: 'Nothing was wrong at the first weights. The first steps were too large for the top blocks, whose gradient is the largest in post-norm; the norms behind them divide by what these steps made large, and the bottom is cut off. A warm-up softens it, and does not mend this one.',
      goal: 'Keep at least 8 blocks, and reach a loss below 2.7: better than counting letters.',
      reached: 'With the norms inside, the stream is a straight road from the loss to the letters.',
      turns: { norm: 'Norm', layers: 'Blocks', warmup: 'Warm-up over 100 steps' },
      choices: { post: 'post-norm', pre: 'pre-norm' },
    },
    'pt-BR': {
      title: 'Prestar atenção',
      lead: 'Num transformer, importa de que lado da soma a normalização está.',
      text: [
        'Na [[attention|atenção]] cada passo pode olhar para qualquer outro: o caminho entre duas palavras tem uma camada, por mais distantes que estejam. O tempo não custa mais nada; a profundidade ainda custa. Cada bloco de um transformer soma seus ramos a uma corrente residual, como no capítulo dos atalhos, e normalizações seguram os tamanhos.',
        'Os primeiros transformers tinham a normalização **depois** da soma: cada bloco reescala a corrente, e o atalho junto; não há volta limpa. A [[preNorm|pré-normalização]] a põe **dentro** do ramo. Aqui doze blocos pós-normalizados aprendem a ler o Gênesis letra por letra, sem [[warmup|aquecimento]]. Antes do primeiro passo tudo parece bem. Veja o que sessenta passos fazem.',
      ],
      question: 'Depois de 60 passos, quanto do gradiente do último bloco chega à entrada?',
      options: {
        same: 'tudo',
        third: 'cerca de um terço',
        thousandth: 'cerca de um milésimo, ou menos',
        explodes: 'cem vezes mais',
      },
      measured: 'Gradiente na entrada (embedding) ÷ no último bloco',
      why: 'Nos primeiros pesos não havia nada errado. Os primeiros passos foram grandes demais para os blocos de cima, que na pós-normalização têm o maior gradiente; as normalizações depois deles dividem pelo que esses passos aumentaram, e a base fica isolada. O aquecimento ameniza, e não cura este caso.',
      goal: 'Mantenha pelo menos 8 blocos e chegue a uma perda abaixo de 2,7: melhor que contar letras.',
      reached: 'Com as normalizações dentro, a corrente é uma estrada reta da perda até as letras.',
      turns: { norm: 'Normalização', layers: 'Blocos', warmup: 'Aquecimento de 100 passos' },
      choices: { post: 'pós-norma', pre: 'pré-norma' },
    },
  },
};
