import type { Chapter } from '../chapter.js';
import { factorPerLayer, shareAtInput } from '../readings.js';

/** The chain rule multiplies, and a sigmoid's slope is at most a quarter. */
export const chainRule: Chapter = {
  id: 'chainRule',
  start: { depth: 20, activation: 'sigmoid' },
  turns: [
    { id: 'depth', kind: 'number', low: 2, high: 30, whole: true },
    { id: 'activation', kind: 'choice', options: ['sigmoid', 'tanh', 'relu'] },
  ],
  spec: ({ depth, activation }) => ({
    name: 'Learn: the chain rule',
    data: { source: 'digits', batch: 64 },
    model: { type: 'mlp', depth, width: 64, activation, init: 'xavierUniform' },
    optimizer: { type: 'sgd', lr: 0.1 },
    steps: 300,
  }),
  formulas: [
    String.raw`\frac{\partial L}{\partial a_1}=\frac{\partial L}{\partial a_L}\prod_{l=2}^{L}W_l^{\top}\,\sigma'(z_l)`,
    String.raw`\sigma'(z)\le\tfrac14`,
  ],
  question: {
    after: 1,
    measure: factorPerLayer,
    options: [
      { id: 'all', value: 1 },
      { id: 'half', value: 0.55 },
      { id: 'quarter', value: 0.24 },
      { id: 'little', value: 0.05 },
    ],
    near: 'ratio',
    format: 'number',
    predicted: 0.236,
  },
  reached: (reading) => shareAtInput(reading) >= 1e-3,
  terms: ['gradient', 'chainRule', 'sigmoid', 'vanishing'],
  sources: [
    'Rumelhart, Hinton & Williams 1986, doi:10.1038/323533a0',
    'Hochreiter 1991 (Diplomarbeit, TU München)',
    'Bengio, Simard & Frasconi 1994, doi:10.1109/72.279181, §III',
  ],
  words: {
    en: {
      title: 'A product of many factors',
      lead: 'Why a deep sigmoid network hardly moves its first layers.',
      text: [
        'A network learns from its [[gradient|gradient]]: how much the [[loss|loss]] would change if a weight did. It is computed from the loss back to the input, and the [[chainRule|chain rule]] says how: at every layer it is **multiplied** by what that layer does to small changes.',
        'A product of twenty factors is unforgiving. The [[sigmoid|sigmoid]] never has a slope above ¼, so every layer takes most of the gradient away, and the next one takes most of the rest. On a logarithmic scale that is a straight line downwards: the [[vanishing|vanishing gradient]].',
        'Beside this text twenty such layers are learning to read handwritten digits. Look at the violet line, from right (the loss) to left (the input).',
      ],
      question: 'By what does one sigmoid layer multiply the strength of the gradient?',
      options: { all: 'by 1: it passes', half: 'by about ½', quarter: 'by about ¼', little: 'by about 1/20' },
      measured: 'Factor a layer, mean over nineteen layers',
      why: 'Weights drawn by Xavier’s rule neither grow nor shrink it, so what is left is the slope: near 0, where the inputs of the sigmoids lie, almost exactly a quarter. Nineteen times that is one in a trillion: the first layers get no news of what they should do.',
      goal: 'Bring the gradient at the first layer above a thousandth of that at the last. Depth and activation are yours.',
      reached: 'Fewer factors, or larger ones: either mends the product.',
      turns: { depth: 'Layers', activation: 'Activation' },
    },
    'pt-BR': {
      title: 'Um produto de muitos fatores',
      lead: 'Por que uma rede sigmoide profunda quase não mexe nas primeiras camadas.',
      text: [
        'Uma rede aprende com o [[gradient|gradiente]]: quanto a [[loss|perda]] mudaria se um peso mudasse. Ele é calculado da perda de volta à entrada, e a [[chainRule|regra da cadeia]] diz como: em cada camada ele é **multiplicado** pelo efeito daquela camada sobre pequenas mudanças.',
        'Um produto de vinte fatores não perdoa. A inclinação da [[sigmoid|sigmoide]] nunca passa de ¼; cada camada leva embora a maior parte do gradiente, e a seguinte, a maior parte do que sobrou. Em escala logarítmica isso é uma reta para baixo: o [[vanishing|gradiente que desaparece]], ou gradiente de fuga.',
        'Ao lado, vinte dessas camadas aprendem a ler dígitos manuscritos. Acompanhe a linha violeta da direita (a perda) para a esquerda (a entrada).',
      ],
      question: 'Por quanto uma camada sigmoide multiplica a força do gradiente?',
      options: {
        all: 'por 1: ele passa',
        half: 'por cerca de ½',
        quarter: 'por cerca de ¼',
        little: 'por cerca de 1/20',
      },
      measured: 'Fator por camada, média de dezenove camadas',
      why: 'Pesos sorteados pela regra de Xavier nem o aumentam nem o diminuem; o que resta é a inclinação: perto de 0, onde estão as entradas das sigmoides, quase exatamente um quarto. Dezenove vezes isso dá um em um trilhão: as primeiras camadas não ficam sabendo o que deveriam fazer.',
      goal: 'Leve o gradiente da primeira camada acima de um milésimo do da última. A profundidade e a ativação são suas.',
      reached: 'Menos fatores, ou fatores maiores: qualquer um dos dois conserta o produto.',
      turns: { depth: 'Camadas', activation: 'Ativação' },
    },
  },
};
