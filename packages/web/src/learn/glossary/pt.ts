import type { TermWords } from './glossary.js';

export const pt: TermWords = {
  gradient: {
    name: 'Gradiente',
    text: 'Quanto a perda mudaria se cada peso mudasse um pouco. O treino anda contra ele. Onde é quase zero, nada se aprende; onde é enorme, um passo destrói o que foi aprendido.',
  },
  loss: {
    name: 'Perda',
    text: 'Um número que diz quanto a rede erra num lote de amostras. O treino o diminui; todo o resto, acurácia incluída, vem atrás ou não vem.',
  },
  chainRule: {
    name: 'Regra da cadeia',
    text: 'A inclinação de uma cadeia de funções é o produto das inclinações. A retropropagação é a regra da cadeia aplicada da perda até a entrada, camada por camada.',
  },
  factor: {
    name: 'Fator de volta',
    text: 'Por quanto um passo de volta através de uma camada multiplica a força do gradiente. Abaixo de 1 em toda camada, ele some; acima de 1, explode. O Fuga o separa em pesos, inclinação da ativação, normalização e atalho.',
  },
  rms: {
    name: 'rms',
    text: 'Raiz da média dos quadrados: o tamanho típico de muitos números, seja qual for o sinal. Toda força nas figuras do Fuga é um rms, em escala logarítmica.',
  },
  sigmoid: {
    name: 'Sigmoide',
    text: 'Espreme qualquer número entre 0 e 1. A inclinação é no máximo um quarto, e quase nada quando a entrada é grande para qualquer lado.',
  },
  saturation: {
    name: 'Saturação',
    text: 'Uma ativação é levada até onde é plana: a saída quase não se move com a entrada, e quase nenhum gradiente passa.',
  },
  relu: {
    name: 'ReLU',
    text: 'Guarda o que é positivo e zera o resto. Inclinação 1 ou 0: nunca encolhe um pouco o gradiente; deixa passar ou corta.',
  },
  deadUnit: {
    name: 'Unidade morta',
    text: 'Uma ReLU fechada para todas as amostras. O gradiente dela é exatamente 0, e nada mais a abre. Evita-se com passos menores, uma inicialização adequada ou uma ativação com inclinação dos dois lados.',
  },
  vanishing: {
    name: 'Gradiente que desaparece',
    text: 'Fatores abaixo de 1, multiplicados camada após camada, não deixam nada para as primeiras: uma exponencial na profundidade, o “gradiente de fuga”. Elas ficam como foram sorteadas, e a rede aprende com traços aleatórios, se aprender.',
  },
  exploding: {
    name: 'Gradiente que explode',
    text: 'Fatores acima de 1, multiplicados camada após camada. O gradiente nas primeiras camadas fica astronômico, os passos são longos demais, e logo a perda nem número é.',
  },
  forwardDecay: {
    name: 'Sinal que morre na ida',
    text: 'O próprio sinal morre na ida: as últimas camadas veem quase o mesmo para toda amostra. O gradiente costuma sumir junto, mas a cura começa pela frente.',
  },
  nonFinite: {
    name: 'Números que não são finitos',
    text: 'Infinito menos infinito, ou zero por zero: quando um NaN entra nos pesos, todo resultado seguinte é NaN. O passo anterior é onde procurar.',
  },
  init: {
    name: 'Inicialização',
    text: 'Como os primeiros pesos são sorteados. A variância deles, vezes o número de entradas, decide se sinal e gradiente mantêm o tamanho de camada em camada.',
  },
  xavier: {
    name: 'Inicialização de Xavier',
    text: 'A regra de Glorot e Bengio: uma variância entre a que mantém o sinal e a que mantém o gradiente. Feita para ativações de inclinação 1 em 0, como a tanh.',
  },
  he: {
    name: 'Inicialização de He',
    text: 'O dobro da variância, para ReLU: metade das unidades está fechada, e a outra metade precisa carregar tudo.',
  },
  orthogonal: {
    name: 'Inicialização ortogonal',
    text: 'Uma rotação aleatória: mantém o comprimento de todo vetor exatamente, e não só em média. Em redes lineares de qualquer profundidade, o tamanho do gradiente se conserva por inteiro.',
  },
  meanField: {
    name: 'Teoria de campo médio',
    text: 'Em camadas largas, o que uma unidade recebe tem distribuição normal; por isso o quadrado médio do gradiente é multiplicado pelo mesmo χ em cada camada. χ = 1 é a beira do caos, onde redes muito profundas são treináveis.',
  },
  theoryBand: {
    name: 'Faixa da teoria',
    text: 'Onde deveria estar o gradiente de uma rede saudável com estas camadas, larguras e pesos. Larguras reais oscilam, e mais quanto mais fundo; por isso a faixa se abre. Doente, para o Fuga, é o que cai fora dela.',
  },
  learningRate: {
    name: 'Taxa de aprendizado',
    text: 'Até onde um passo vai ao longo do gradiente. Grande demais, passa do ponto, mata unidades ou acaba em NaN; pequena demais, parece que nada acontece.',
  },
  adam: {
    name: 'Adam',
    text: 'Divide o passo de cada peso pelo tamanho usual do gradiente dele; cada peso anda mais ou menos a taxa de aprendizado. Pode esconder um gradiente que sumiu: as primeiras camadas andam, mas na direção do ruído.',
  },
  oscillation: {
    name: 'Oscilação',
    text: 'Cada passo desfaz o anterior: a taxa de aprendizado é grande demais para a curvatura da perda naquela direção.',
  },
  clipping: {
    name: 'Corte do gradiente',
    text: 'Se o gradiente é mais longo que um limite, é encurtado até ele; a direção fica. Limita o passo, não a causa do gradiente.',
  },
  batchNorm: {
    name: 'Normalização em lote',
    text: 'Dá a cada unidade média 0 e variância 1 no lote e, depois, escala e deslocamento aprendidos. Os sinais mantêm o tamanho em qualquer profundidade; sem atalhos, o gradiente cresce cerca de 1,2 por camada no início.',
  },
  layerNorm: {
    name: 'Normalização de camada',
    text: 'O mesmo, sobre as unidades de uma amostra: não precisa de lote, o que convém a sequências. Não centra cada unidade, por isso não ajuda sigmoides como a normalização em lote.',
  },
  residual: {
    name: 'Bloco residual',
    text: 'Soma a entrada à saída. O gradiente passa por fora com fator 1, façam o que fizerem as camadas de dentro.',
  },
  shortcut: {
    name: 'Caminho curto',
    text: 'Um caminho da perda até uma camada que cruza poucas outras. A maior parte do gradiente de uma rede residual vem pelos curtos, embora os longos sejam muito mais numerosos.',
  },
  fixup: {
    name: 'Fixup',
    text: 'Começa cada ramo em zero, de modo que a rede residual parte da identidade: o gradiente não cresce nem some, sem nenhuma normalização.',
  },
  shattered: {
    name: 'Gradientes estilhaçados',
    text: 'O gradiente tem o tamanho certo e aponta para outro lado a cada amostra vizinha: como ruído. Redes ReLU profundas e simples o têm; as residuais, quase não.',
  },
  rankCollapse: {
    name: 'Colapso de posto',
    text: 'Todas as amostras são levadas a quase a mesma direção: depois daquela camada não sobra com que distingui-las.',
  },
  symmetry: {
    name: 'Simetria',
    text: 'Unidades de pesos iguais recebem gradientes iguais e ficam iguais para sempre: uma camada de uma unidade, repetida. Pesos aleatórios a quebram.',
  },
  unscaledInput: {
    name: 'Entrada sem escala',
    text: 'Entradas longe de média 0 e variância 1 saturam a primeira camada ou alongam demais os passos dela. Ponha-as em escala antes de treinar.',
  },
  lossMismatch: {
    name: 'Perda que não combina',
    text: 'A perda espera outra coisa que não o que a última camada dá, como probabilidades em vez de logits: o gradiente então diz a coisa errada, ou nada.',
  },
  bptt: {
    name: 'Retropropagação no tempo',
    text: 'Uma rede recorrente desenrolada: uma camada por passo de tempo, todas com os mesmos pesos. O gradiente anda do último passo ao primeiro e é multiplicado em cada um.',
  },
  spectralRadius: {
    name: 'Raio espectral',
    text: 'O tamanho do maior autovalor de uma matriz. Multiplicado muitas vezes por ela, um vetor cresce ou some por esse fator a cada passo.',
  },
  lstm: {
    name: 'LSTM',
    text: 'Memória longa de curto prazo: uma célula à qual se soma, em vez de sobrescrever, com portas para o que entra, fica e sai.',
  },
  forgetGate: {
    name: 'Porta de esquecimento',
    text: 'Que parte da célula uma unidade guarda num passo. O gradiente ao longo da célula é o produto dessas partes; um viés de 1 ou mais abre as portas desde o início.',
  },
  attention: {
    name: 'Atenção',
    text: 'Cada passo pergunta a todos os outros e tira uma média ponderada do que oferecem. Dois passos quaisquer ficam a uma camada de distância.',
  },
  preNorm: {
    name: 'Pré e pós-normalização',
    text: 'Se a normalização de um transformer fica dentro do ramo ou depois da soma. Dentro, a corrente de somas fica intacta e o gradiente tem um caminho reto; depois, cada bloco a reescala.',
  },
  warmup: {
    name: 'Aquecimento',
    text: 'A taxa de aprendizado cresce a partir de quase zero nos primeiros passos, enquanto os tamanhos dos gradientes ainda se acomodam.',
  },
  crossEntropy: {
    name: 'Entropia cruzada',
    text: 'Menos o logaritmo da probabilidade dada à verdade. Chutar entre k classes custa ln k: 2,3 para dez. Onde uma classe é rara, dizer “nunca” já sai barato.',
  },
  auc: {
    name: 'Área sob a curva ROC',
    text: 'A chance de um pixel (ou paciente) doente receber nota maior que um sadio. 1 é perfeito, 0,5 é uma moeda, e a raridade dos doentes não importa.',
  },
  unet: {
    name: 'U-Net',
    text: 'Desce até o todo, sobe até o pixel e, em cada nível, uma junção de lado a lado: o detalhe fino e o gradiente dele não precisam passar pelo fundo.',
  },
  detector: {
    name: 'Detector',
    text: 'Diz onde as coisas estão e o que são: caixas e classes, em várias escalas ao mesmo tempo, cada uma com a sua cabeça.',
  },
};
