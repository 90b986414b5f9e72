import type { Words } from './words.js';

/** Como os remédios se chamam e por que ajudam, em português do Brasil. */
export const remedies: Words['remedies'] = {
  reluHe: {
    title: 'ReLU com a inicialização de He',
    why: 'Uma ReLU passa metade do sinal ao quadrado com inclinação 1, e pesos de variância 2 / fanIn compensam a outra metade: o fator por camada é 1, em vez de 0,24 (sigmoide).',
  },
  leakyRelu: {
    title: 'Leaky ReLU',
    why: 'Abaixo de 0 a inclinação é 0,01 em vez de 0: uma unidade desligada ainda recebe gradiente e pode voltar.',
  },
  selu: {
    title: 'SELU com a inicialização de LeCun',
    why: 'Média 0 e variância 1 são atraentes: pequenos desvios encolhem de camada em camada, e χ = 1,07 fica perto de 1.',
  },
  gelu: {
    title: 'GELU',
    why: 'Suave, com inclinação perto de 1 para entradas positivas e acima de 0 para a maioria das negativas.',
  },
  heInit: {
    title: 'Inicialização de He',
    why: 'A variância 2 / fanIn compensa a metade do sinal que uma ReLU barra: o fator por camada passa a √(2 · ½) = 1.',
  },
  xavierInit: {
    title: 'Inicialização de Xavier',
    why: 'A variância 2 / (fanIn + fanOut) mantém a escala do sinal e do gradiente onde a inclinação é perto de 1.',
  },
  orthogonalInit: {
    title: 'Inicialização ortogonal',
    why: 'Todos os valores singulares são iguais: nenhuma direção do gradiente encolhe mais que outra, por mais fatores que se multipliquem.',
  },
  lsuvInit: {
    title: 'Inicialização LSUV',
    why: 'Os pesos de cada camada são reescalados no primeiro lote até a saída ter variância 1: medido, não suposto.',
  },
  batchNorm: {
    title: 'Normalização por lote',
    why: 'Cada pré-ativação é levada a média 0 e variância 1 no lote: não morre, não cresce e não satura, seja qual for a escala dos pesos.',
  },
  layerNorm: {
    title: 'Normalização por camada',
    why: 'As pré-ativações de cada amostra são levadas a média 0 e variância 1, independentemente do lote e da escala dos pesos.',
  },
  residual: {
    title: 'Conexões residuais',
    why: '∂(x + F(x))/∂x = 1 + F′: um caminho da perda a cada camada tem fator 1, em qualquer profundidade.',
  },
  scaledResidual: {
    title: 'Conexões residuais com ramos reduzidos por 1/√L',
    why: 'L ramos de variância 1/L somam um crescimento de (1 + 1/L)ᴸ < e, em vez de 2ᴸ em escala cheia.',
  },
  fixup: {
    title: 'Inicialização Fixup',
    why: 'Cada ramo começa em 0: no início o gradiente atravessa todos os blocos com fator exatamente 1, e cada passo muda a função em O(taxa), em qualquer profundidade.',
  },
  preNorm: {
    title: 'Normalização antes de cada subcamada',
    why: 'As conexões residuais correm de ponta a ponta sem interrupção, e os gradientes das últimas camadas são da ordem de 1/√L em vez de 1: dispensa aquecimento.',
  },
  lstm: {
    title: 'Células LSTM',
    why: 'O estado da célula é multiplicado, de passo em passo, por uma porta de esquecimento perto de 1, e não por uma matriz de pesos e uma inclinação.',
  },
  gru: {
    title: 'Células GRU',
    why: 'A porta de atualização deixa o estado passar sem mudança de um passo ao outro.',
  },
  forgetBias: {
    title: 'Portas de esquecimento abertas',
    why: 'Com viés ln T, σ(b)^T é cerca de 1/e na sequência inteira; com viés 0 é 2^−T.',
  },
  gradientClipping: {
    title: 'Limite do gradiente',
    why: 'g ← g · min(1, 1/‖g‖) limita cada passo e mantém a sua direção.',
  },
  lowerLearningRate: {
    title: 'Taxa de aprendizado menor',
    why: 'A descida do gradiente diverge onde a taxa passa de 2 / λₘₐₓ; o usual é um passo que muda os pesos em 0,1 a 1 % do seu tamanho.',
  },
  raiseLearningRate: {
    title: 'Taxa de aprendizado maior',
    why: 'O gradiente é são e os passos estão muito abaixo de 0,1 % dos pesos: passos maiores chegam lá em menos tempo.',
  },
  warmup: {
    title: 'Aquecimento',
    why: 'Os primeiros gradientes são os maiores; primeiros passos pequenos deixam a rede chegar a terreno mais calmo.',
  },
  adam: {
    title: 'Adam',
    why: 'O passo de cada peso é medido pelo tamanho do seu próprio gradiente: gradientes fracos também movem pesos; o gradiente em si continua fraco.',
  },
  scaleInput: {
    title: 'Entrada em escala',
    why: 'Inicializações e taxas de aprendizado supõem entradas de média 0 e variância 1.',
  },
  fixLoss: {
    title: 'Perda e saída que combinam',
    why: 'A própria perda comprime os logits; comprimidos duas vezes, eles não conseguem expressar certeza, e o gradiente atravessa duas partes planas.',
  },
};

/** Por que um remédio não se aplica. */
export const refusals: Words['refusals'] = {
  alreadySo: (f) => `a rede já tem isso (${f.name('what')})`,
  noInit: () => 'nenhuma camada sorteia os pesos por uma inicialização que se possa escolher',
  noActivation: () => 'nenhuma camada oculta tem ativação',
  recurrentActivation: () => 'células recorrentes são feitas em torno das suas próprias ativações',
  recurrentSkips: () =>
    'uma conexão residual em volta de uma camada recorrente não encurta o caminho no tempo',
  recurrentNorms: () => 'normas dentro de células recorrentes não são oferecidas',
  notAChain: () => 'a rede não é uma cadeia simples de camadas; as entradas nomeadas ficam como estão',
  hasSkips: () => 'a rede já tem conexões residuais',
  hasNorms: () => 'a rede já tem normalização',
  noSkips: () => 'a rede não tem ramos residuais',
  noScale: () => 'a escala dos ramos não pode ser mudada',
  deadBranch: (f) =>
    `os ramos terminam em ${f.name('activation')}, cuja inclinação em 0 é 0: um ramo que começa em 0 nunca se abriria`,
  shapesDiffer: () => 'nenhuma camada oculta mantém a forma da entrada',
  noHidden: () => 'não há camada oculta',
  noTransformer: () => 'não há bloco transformer',
  noRecurrence: () => 'não há camada recorrente',
  noForgetGate: () => 'não há porta de esquecimento',
  smallBatch: (f) => `um lote de ${f.name('batch')} é pequeno demais para estatísticas por lote`,
  otherSchedule: (f) => `a agenda ${f.name('schedule')} não aceita aquecimento`,
  adaptive: (f) => `${f.name('optimizer')} já adapta os seus passos`,
  noScaling: (f) => `${f.name('source')} já vem na sua escala`,
  lossFits: (f) => `${f.name('loss')} combina com a tarefa e com a saída`,
  noLoss: (f) => `nenhuma perda é feita para a tarefa ${f.name('task')}`,
  cannotBuild: (f) => `a rede tratada não pode ser montada: ${f.name('error')}`,
};
