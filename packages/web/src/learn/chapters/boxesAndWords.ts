import type { Chapter, Reading, Setting } from '../chapter.js';
import { outermost, shareAtStart } from '../readings.js';
import type { SpecInput } from '../../worker/protocol.js';

const detector = { data: { source: 'shapes', batch: 4, samples: 200 }, loss: 'detection', steps: 300 };
const reader = {
  data: { source: 'sentiment', distance: 40, batch: 16 },
  optimizer: { type: 'adam', lr: 0.002 },
  clip: { norm: 1 },
  steps: 400,
};
const momentum = { type: 'sgd', lr: 0.005, momentum: 0.9 };

/** Four networks of two kinds: what sees, what reads, and both without their short ways. */
const networks: Readonly<Record<string, SpecInput>> = {
  detector: { ...detector, model: { type: 'yolo', width: 6 }, optimizer: momentum },
  bareDetector: {
    ...detector,
    model: { type: 'yolo', width: 6, skip: false, norm: 'none', activation: 'sigmoid' },
    optimizer: momentum,
  },
  transformer: { ...reader, model: { type: 'transformer', layers: 2, width: 32, heads: 2, hidden: 64 } },
  recurrent: { ...reader, model: { type: 'rnn', hidden: 32, embed: 16 } },
};

/** What arrives at the far end: at the first word, or at the first layer, over what leaves the near one. */
function shareAtFarEnd(reading: Reading): number {
  if (reading.walks['hidden']) return shareAtStart(reading);
  const gradient = outermost(reading, 'gradientRms');
  return gradient[0]! / gradient.at(-1)!;
}

/** The same law in networks that see and networks that read. */
export const boxesAndWords: Chapter = {
  id: 'boxesAndWords',
  start: { network: 'detector' },
  turns: [{ id: 'network', kind: 'choice', options: Object.keys(networks) }],
  spec: ({ network }: Setting) => ({ name: 'Learn: boxes and words', ...networks[String(network)] }),
  formulas: [
    String.raw`\frac{\partial L}{\partial x}=\sum_{\text{paths}}\ \prod_{\text{edges}}\frac{\partial\,\text{out}}{\partial\,\text{in}}`,
  ],
  question: {
    after: 1,
    measure: shareAtFarEnd,
    options: [
      { id: 'gone', value: 1e-8 },
      { id: 'thousandth', value: 1e-3 },
      { id: 'third', value: 0.33 },
      { id: 'more', value: 100 },
    ],
    near: 'ratio',
    format: 'number',
  },
  reached: (reading, { network }) => network !== 'detector' && shareAtFarEnd(reading) < 1e-6,
  terms: ['detector', 'attention', 'batchNorm', 'shortcut'],
  sources: [
    'Redmon et al. 2016, arXiv:1506.02640, §2',
    'Liu et al. 2018, arXiv:1803.01534, §3',
    'Vaswani et al. 2017, arXiv:1706.03762, §4',
  ],
  words: {
    en: {
      title: 'Boxes and words',
      lead: 'What sees and what reads: large machines, and the same product.',
      text: [
        'The tour ends with the kinds of network that people use. A [[detector|detector]] finds circles, squares and triangles and draws a box around each; it looks at three scales at once and has some 150 places where the gradient can be measured. A reader judges reviews whose verdict hangs on a word at the start, forty words before the end.',
        'They look nothing alike, and they live by the same few ideas: [[he|weights of the right spread]], [[batchNorm|norms]], and [[shortcut|short ways]] across depth or time. The gradient is a sum over all paths through the network. As long as some of them are short and open, it arrives.',
      ],
      question:
        'The detector as it should be: how much of its heads’ gradient arrives at the first convolution?',
      options: {
        gone: 'one part in a hundred million',
        thousandth: 'a thousandth',
        third: 'about a third',
        more: 'a hundred times as much',
      },
      measured: 'Gradient at the first convolution ÷ at the heads',
      why: 'Through dozens of convolutions a third is left, since norms keep the sizes and the blocks’ shortcuts make short ways. Take those away and put sigmoids in, and it is a ten-millionth.',
      goal: 'Among the four networks, find the ones whose far end gets less than a millionth: in seeing, and in reading.',
      reached:
        'You know now where to look, and why. Bring a network of your own, and let the lab examine it.',
      turns: { network: 'Network' },
      choices: {
        detector: 'Detector, as it should be',
        bareDetector: 'Detector, sigmoids, no norms, no shortcuts',
        transformer: 'Reader: transformer',
        recurrent: 'Reader: plain recurrent network',
      },
    },
    'pt-BR': {
      title: 'Caixas e palavras',
      lead: 'O que vê e o que lê: máquinas grandes, e o mesmo produto.',
      text: [
        'O passeio termina com os tipos de rede que se usam de verdade. Um [[detector|detector]] acha círculos, quadrados e triângulos e desenha uma caixa em volta de cada um; olha em três escalas ao mesmo tempo e tem uns 150 pontos em que o gradiente pode ser medido. Um leitor julga resenhas cujo veredito depende de uma palavra do início, quarenta palavras antes do fim.',
        'Não se parecem em nada e vivem das mesmas poucas ideias: [[he|pesos com a dispersão certa]], [[batchNorm|normalizações]] e [[shortcut|caminhos curtos]] através da profundidade ou do tempo. O gradiente é uma soma sobre todos os caminhos pela rede. Enquanto alguns forem curtos e abertos, ele chega.',
      ],
      question: 'O detector como deve ser: quanto do gradiente das cabeças chega à primeira convolução?',
      options: {
        gone: 'uma parte em cem milhões',
        thousandth: 'um milésimo',
        third: 'cerca de um terço',
        more: 'cem vezes mais',
      },
      measured: 'Gradiente na primeira convolução ÷ nas cabeças',
      why: 'Depois de dezenas de convoluções sobra um terço, pois as normalizações mantêm os tamanhos e os atalhos dos blocos encurtam o caminho. Tire-os e ponha sigmoides, e sobra um décimo de milionésimo.',
      goal: 'Entre as quatro redes, ache as que deixam menos de um milionésimo na outra ponta: ao ver e ao ler.',
      reached: 'Agora você sabe onde olhar, e por quê. Traga uma rede sua e deixe o laboratório examiná-la.',
      turns: { network: 'Rede' },
      choices: {
        detector: 'Detector, como deve ser',
        bareDetector: 'Detector, sigmoides, sem normas nem atalhos',
        transformer: 'Leitor: transformer',
        recurrent: 'Leitor: rede recorrente simples',
      },
    },
  },
};
