import type { Chapter } from '../chapter.js';
import { factorPerLayer } from '../readings.js';

/** Batch norm holds the signal, and has a price on the way back. */
export const norms: Chapter = {
  id: 'norms',
  start: { activation: 'relu', norm: 'batch' },
  turns: [
    { id: 'activation', kind: 'choice', options: ['relu', 'sigmoid', 'tanh'] },
    { id: 'norm', kind: 'choice', options: ['none', 'batch', 'layer'] },
  ],
  spec: ({ activation, norm }) => ({
    name: 'Learn: held in place',
    data: { source: 'digits', batch: 64 },
    model: {
      type: 'mlp',
      depth: 20,
      width: 64,
      activation,
      init: activation === 'relu' ? 'heNormal' : 'xavierUniform',
      norm,
    },
    optimizer: { type: 'sgd', lr: 0.1 },
    steps: 400,
  }),
  formulas: [
    String.raw`\hat z=\frac{z-\mu_{\text{batch}}}{\sqrt{\sigma^2_{\text{batch}}+\varepsilon}}`,
    String.raw`\frac{\mathbb E\lVert\delta_l\rVert^2}{\mathbb E\lVert\delta_{l+1}\rVert^2}\to\frac{\pi}{\pi-1}`,
  ],
  question: {
    after: 1,
    measure: factorPerLayer,
    options: [
      { id: 'shrinks', value: 0.8 },
      { id: 'keeps', value: 1 },
      { id: 'grows', value: 1.22 },
      { id: 'doubles', value: 2 },
    ],
    near: 'ratio',
    format: 'number',
    predicted: Math.sqrt(Math.PI / (Math.PI - 1)),
  },
  reached: (reading, { activation }) => activation === 'sigmoid' && reading.loss < 1,
  terms: ['batchNorm', 'layerNorm', 'saturation', 'exploding'],
  sources: [
    'Ioffe & Szegedy 2015, arXiv:1502.03167, §3',
    'Yang et al. 2019, arXiv:1902.08129, §3',
    'Ba, Kiros & Hinton 2016, arXiv:1607.06450',
  ],
  words: {
    en: {
      title: 'Held in place',
      lead: 'Normalising the signal saves most networks, and costs a little on the way back.',
      text: [
        '[[batchNorm|Batch norm]] gives every unit mean 0 and variance 1 over the batch, whatever the weights are. A signal cannot fade or blow up any more, and an activation cannot be driven into [[saturation|saturation]]. That is why it made deep networks trainable long before anyone knew exactly why.',
        'It is less known that it has a price. Each norm divides by the batch’s spread, and behind a ReLU this makes the gradient **grow** a little at every layer. After a few steps of training the effect settles; at the start, in a deep network without skips, it is there for all to see.',
      ],
      question: 'Batch norm and ReLU, before any step: by what does one layer multiply the gradient?',
      options: { shrinks: 'by 0.8', keeps: 'by 1, exactly', grows: 'by about 1.2', doubles: 'by 2' },
      measured: 'Factor a layer, mean over nineteen layers',
      why: 'In the limit of wide layers and large batches it is $\\sqrt{\\pi/(\\pi-1)}\\approx 1.21$: forty times over twenty layers. Gentle enough for twenty, deadly for two hundred, where skips are needed.',
      goal: 'Take the sigmoid of the first chapter, and find the norm that lets twenty layers of it learn: a loss below 1.',
      reached:
        'Batch norm centres each unit over the batch, which layer norm does not: it keeps the part that all samples share, and the sigmoids flat.',
      turns: { activation: 'Activation', norm: 'Norm' },
    },
    'pt-BR': {
      title: 'Sob controle',
      lead: 'Normalizar o sinal salva a maioria das redes e custa um pouco na volta.',
      text: [
        'A [[batchNorm|normalização em lote]] dá a cada unidade média 0 e variância 1 no lote, sejam quais forem os pesos. O sinal não some nem dispara mais, e nenhuma ativação é empurrada para a [[saturation|saturação]]. Por isso ela tornou treináveis as redes profundas muito antes de alguém saber exatamente por quê.',
        'Menos conhecido é que ela tem um preço. Cada normalização divide pela dispersão do lote e, depois de uma ReLU, isso faz o gradiente **crescer** um pouco em cada camada. Depois de alguns passos de treino o efeito se acomoda; no início, numa rede profunda sem atalhos, está à vista de todos.',
      ],
      question:
        'Normalização em lote e ReLU, antes de qualquer passo: por quanto uma camada multiplica o gradiente?',
      options: {
        shrinks: 'por 0,8',
        keeps: 'por 1, exatamente',
        grows: 'por cerca de 1,2',
        doubles: 'por 2',
      },
      measured: 'Fator por camada, média de dezenove camadas',
      why: 'No limite de camadas largas e lotes grandes é $\\sqrt{\\pi/(\\pi-1)}\\approx 1{,}21$: quarenta vezes em vinte camadas. Suave o bastante para vinte, mortal para duzentas, que precisam de atalhos.',
      goal: 'Pegue a sigmoide do primeiro capítulo e ache a normalização com que vinte camadas dela aprendem: perda abaixo de 1.',
      reached:
        'A normalização em lote centra cada unidade no lote; a de camada não: ela mantém a parte comum a todas as amostras, e as sigmoides ficam planas.',
      turns: { activation: 'Ativação', norm: 'Normalização' },
    },
  },
};
