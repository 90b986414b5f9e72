import type { Chapter } from '../chapter.js';

/** A falling loss is not a found lesion. */
export const slices: Chapter = {
  id: 'slices',
  start: { skip: false, norm: 'none', activation: 'sigmoid' },
  turns: [
    { id: 'activation', kind: 'choice', options: ['sigmoid', 'relu'] },
    { id: 'norm', kind: 'choice', options: ['none', 'batch'] },
    { id: 'skip', kind: 'switch' },
  ],
  spec: ({ skip, norm, activation }) => ({
    name: 'Learn: a shadow in the slice',
    data: { source: 'phantoms', target: 'segmentation', samples: 200, contrast: 0.6, radius: 2, batch: 4 },
    model: { type: 'unet', depth: 2, width: 4, skip, norm, activation },
    loss: 'binaryCrossEntropy',
    optimizer: { type: 'adam', lr: 0.01 },
    steps: 500,
  }),
  shows: 'pictures',
  formulas: [String.raw`L=-\frac1N\sum_{i}\big[y_i\ln p_i+(1-y_i)\ln(1-p_i)\big]`],
  question: {
    after: 100,
    measure: ({ score }) => score ?? NaN,
    options: [
      { id: 'finds', value: 0.95 },
      { id: 'partly', value: 0.78 },
      { id: 'blind', value: 0.5 },
    ],
    near: 'difference',
    format: 'number',
  },
  reached: ({ score, record }) => record.step > 20 && (score ?? 0) >= 0.8,
  terms: ['unet', 'auc', 'crossEntropy', 'saturation'],
  sources: [
    'Ronneberger, Fischer & Brox 2015, arXiv:1505.04597, §2',
    'Lin et al. 2017, arXiv:1708.02002, §3',
  ],
  words: {
    en: {
      title: 'A shadow in the slice',
      lead: 'In medicine the thing that matters is small, and the loss may not care.',
      text: [
        'These are slices like those of a CT scanner, made by Fuga: half of them hold a small lesion, and the network is to mark its pixels. Nearly all pixels are healthy, so saying “healthy” everywhere is cheap: the [[crossEntropy|loss]] falls at once.',
        'The network is an hourglass of [[sigmoid|sigmoids]], without norms and without the joins of a [[unet|U-Net]]. Look at the gradient’s flow, and below it at what each pixel of the input could change: a picture as any other, until you read how small its numbers are. Do not trust the loss; ask for the [[auc|area under the ROC curve]] on unseen slices.',
      ],
      question: 'After 100 steps the loss has fallen from 0.26 to below 0.06. Does it find the lesions?',
      options: {
        finds: 'yes: the area is near 0.95',
        partly: 'partly: near 0.8',
        blind: 'no: it knows no more than a coin, 0.5 or below',
      },
      measured: 'Area under the ROC curve, over the pixels of unseen slices',
      why: 'It learned one number: how rare lesions are. Its gradient never reached the layers that see the image. A falling loss, and a patient unheard: this is why the flow is worth a look.',
      goal: 'Build the U-Net: change activation, norm and joins until the area is above 0.8.',
      reached:
        'Now the pixels are heard. The joins give fine detail a short way across, and the norms keep the deep part alive.',
      turns: { activation: 'Activation', norm: 'Norm', skip: 'Joins across (skips)' },
    },
    'pt-BR': {
      title: 'Uma sombra no corte',
      lead: 'Em medicina, o que importa é pequeno, e a perda pode não ligar.',
      text: [
        'São cortes como os de um tomógrafo, feitos pelo Fuga: metade traz uma pequena lesão, e a rede deve marcar os pixels dela. Quase todos os pixels são sadios, então dizer “sadio” em toda parte sai barato: a [[crossEntropy|perda]] cai logo.',
        'A rede é uma ampulheta de [[sigmoid|sigmoides]], sem normalização e sem as junções de uma [[unet|U-Net]]. Olhe o fluxo do gradiente e, abaixo dele, o que cada pixel da entrada poderia mudar: uma figura como outra qualquer, até se ler como são pequenos os números dela. Não confie na perda; pergunte pela [[auc|área sob a curva ROC]] em cortes novos.',
      ],
      question: 'Depois de 100 passos a perda caiu de 0,26 para menos de 0,06. Ela encontra as lesões?',
      options: {
        finds: 'sim: a área está perto de 0,95',
        partly: 'em parte: perto de 0,8',
        blind: 'não: sabe tanto quanto uma moeda, 0,5 ou menos',
      },
      measured: 'Área sob a curva ROC, nos pixels de cortes novos',
      why: 'Ela aprendeu um número: quão raras são as lesões. O gradiente nunca chegou às camadas que veem a imagem. Uma perda que cai e um paciente que ninguém ouve: por isso vale olhar o fluxo.',
      goal: 'Monte a U-Net: mude ativação, normalização e junções até a área passar de 0,8.',
      reached:
        'Agora os pixels são ouvidos. As junções dão um caminho curto ao detalhe fino, e as normalizações mantêm viva a parte profunda.',
      turns: { activation: 'Ativação', norm: 'Normalização', skip: 'Junções (atalhos)' },
    },
  },
};
