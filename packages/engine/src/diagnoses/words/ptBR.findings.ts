import type { Words } from './words.js';

/** O que os achados dizem, em português do Brasil. Mesmas entradas que em inglês, conferidas pelo compilador. */
export const findings: Words['findings'] = {
  vanishing: {
    title: 'Gradiente que desaparece',
    message: (f) =>
      f.has('time')
        ? `O gradiente do primeiro dos ${f.count('steps')} passos de ${f.name('site')} é ${f.fold('decades')} vezes mais fraco que o do último: com o que veio cedo não se aprende.`
        : `O gradiente em ${f.name('site')} é ${f.fold('decades')} vezes mais fraco que na saída: ${f.value('starved') > 1 ? `as ${f.count('starved')} camadas dali quase não aprendem` : 'a camada dali quase não aprende'}.`,
    advice: (f) =>
      f.has('time')
        ? f.name('cell') === 'rnn'
          ? 'Use células LSTM ou GRU, ou pesos recorrentes ortogonais.'
          : 'Abra as portas de esquecimento (viés ln T) ou encurte a sequência.'
        : f.has('flat')
          ? `Troque ${f.name('activation')} por uma ativação cuja inclinação chegue a 1 (ReLU com a inicialização de He, GELU), ou abra caminho para o gradiente: conexões residuais, normalização.`
          : 'Escolha a inicialização que combina com a ativação, normalize entre as camadas ou use conexões residuais; menos profundidade também ajuda.',
    reasons: {
      flatActivation: (f) =>
        `A inclinação de ${f.name('activation')} é no máximo ${f.number('maxSlope')}; cada camada multiplica o gradiente por ${f.number('perLayer')} (pesos ${f.number('weights')} × inclinação ${f.number('slope')}), e ${f.count('layers')} camadas por ${f.shrunk('decadesSize')}.`,
      smallWeights: (f) =>
        `Os pesos são pequenos demais para ${f.name('activation')}: uma camada multiplica o gradiente por ${f.number('weights')} × inclinação ${f.number('slope')} = ${f.number('perLayer')}, quando 1 o manteria; em ${f.count('layers')} camadas isso dá ${f.shrunk('decadesSize')}.`,
      saturated: (f) =>
        `As unidades de ${f.name('activation')} estão nas partes planas: a inclinação deixa passar só ${f.number('slope')} do gradiente (pesos ${f.number('weights')}).`,
      normalization: (f) =>
        `As camadas de normalização dividem o gradiente mais do que os pesos compensam: ${f.number('perLayer')} por camada.`,
      skip: (f) =>
        `As conexões residuais não deixam o gradiente passar: um bloco o multiplica por ${f.number('perLayer')}.`,
      recurrence: (f) =>
        `A retropropagação no tempo perde o gradiente: cada passo de ${f.name('site')} o multiplica por ${f.number('perStep')}, e ${f.count('steps')} passos por ${f.shrunk('timeDecades')}.`,
      narrow: (f) =>
        `As camadas são estreitas demais para tantas: com ${f.count('width')} unidades e ${f.count('layers')} camadas, só o acaso custa cerca de ${f.number('chanceDecades')} décadas (variância de ln |gradiente|²: 5 · profundidade / largura).`,
      padding: (f) =>
        `As imagens ficaram tão pequenas que só ${f.percent('coverage')} de um núcleo está sobre a imagem, o resto sobre zeros: cada camada perde parte do sinal e do gradiente.`,
      deadLayer: (f) =>
        `Nenhum gradiente passa por ${f.name('culprit')}: os seus pesos são 0, ou todas as suas unidades estão desligadas para todas as amostras.`,
      training: (f) =>
        `No início o gradiente era são (${f.power('initialDecades')} do da saída) e se perdeu durante o treino.`,
    },
  },
  exploding: {
    title: 'Gradiente que explode',
    message: (f) =>
      f.has('lossFold')
        ? `O treino diverge: a perda subiu para ${f.number('lossFold')} vezes o primeiro valor.`
        : f.has('time')
          ? `O gradiente cresce ${f.fold('decades')} vezes no caminho de volta pelos ${f.count('steps')} passos de ${f.name('site')}.`
          : f.value('forward') > f.value('decades')
            ? `O sinal cresce ${f.fold('forward')} vezes da entrada até ${f.name('last')}, e o gradiente com ele.`
            : `O gradiente cresce ${f.fold('decades')} vezes no caminho de volta, da saída até ${f.name('site')}.`,
    advice: (f) =>
      f.name('factor') === 'normalization'
        ? 'Ponha conexões residuais em volta dos blocos, ou troque a ativação depois da normalização por uma mais suave (GELU, SELU).'
        : f.name('factor') === 'recurrence'
          ? 'Limite o gradiente, use pesos recorrentes ortogonais ou células LSTM ou GRU.'
          : f.name('factor') === 'skip'
            ? 'Reduza a escala dos ramos dos blocos residuais (1/√profundidade), zere a última camada deles (Fixup) ou normalize; enquanto isso, limite o gradiente.'
            : f.name('factor') === 'optimizer'
              ? 'Reduza a taxa de aprendizado dez vezes, aqueça-a aos poucos ou limite o gradiente.'
              : 'Use pesos na escala que combina com a ativação, normalize entre as camadas ou limite o gradiente.',
    reasons: {
      largeWeights: (f) =>
        `Os pesos são grandes demais: uma camada multiplica o gradiente por ${f.number('perLayer')} (pesos ${f.number('weights')} × inclinação ${f.number('slope')}), quando o são é cerca de 1; a teoria diz χ = ${f.number('chi')} por camada para o gradiente ao quadrado, e acima de 1 ele cresce com a profundidade.`,
      skip: (f) =>
        `Cada bloco residual soma o seu ramo em escala cheia e multiplica o gradiente por ${f.number('perLayer')}; ${f.count('layers')} blocos o multiplicam por ${f.fold('decades')}.`,
      normalization: (f) =>
        `A normalização depois de cada camada multiplica o gradiente por ${f.number('perLayer')} (para ReLU e batch norm: √(π/(π−1)) = 1,21).`,
      recurrence: (f) =>
        `A retropropagação no tempo faz o gradiente crescer: cada passo de ${f.name('site')} o multiplica por ${f.number('perStep')} (raio espectral dos pesos recorrentes acima de 1).`,
      flatActivation: (f) => `A inclinação de ${f.name('activation')} passa de 1.`,
      steps: (f) =>
        `No início a rede era sã; os passos são grandes demais: a primeira atualização mudou os pesos em ${f.percent('firstUpdate')} do seu tamanho, com taxa de aprendizado ${f.number('lr')}.`,
    },
  },
  forwardDecay: {
    title: 'O sinal morre no caminho de ida',
    message: (f) =>
      `O sinal encolhe ${f.fold('decades')} vezes de ${f.name('first')} a ${f.name('last')}: a saída quase não depende da entrada, e o gradiente que volta é igualmente fraco.`,
    advice: (f) =>
      f.name('activation') === 'relu' || f.name('activation') === 'leakyRelu'
        ? `Use a inicialização de He (variância 2 / fanIn) com ${f.name('activation')}, ou normalize entre as camadas.`
        : 'Use pesos de variância perto de 1 / fanIn (LeCun, Xavier, ortogonal) ou normalize entre as camadas.',
    reasons: {
      smallWeights: (f) =>
        `Os pesos (${f.name('init')}) são pequenos demais para ${f.name('activation')}: uma camada passa adiante ${f.number('perLayer')} do sinal, quando 1 o manteria.`,
      padding: (f) =>
        `As imagens ficaram tão pequenas que só ${f.percent('coverage')} de um núcleo está sobre a imagem, o resto sobre zeros: uma camada passa adiante ${f.number('perLayer')} do sinal.`,
      activation: (f) =>
        `Nesta escala, ${f.name('activation')} encolhe o sinal para ${f.number('perLayer')} por camada.`,
      narrow: (f) =>
        `As camadas são estreitas demais para tantas: com ${f.count('width')} unidades e ${f.count('layers')} camadas, só o acaso custa cerca de ${f.number('chanceDecades')} décadas.`,
      normalization: (f) => `A normalização encolhe o sinal para ${f.number('perLayer')} por camada.`,
      skip: (f) => `Os blocos encolhem o sinal para ${f.number('perLayer')} cada um.`,
    },
  },
  saturation: {
    title: 'Unidades saturadas',
    message: (f) =>
      `${f.percent('share')} das saídas de ${f.name('site')} estão na parte plana de ${f.name('activation')}, onde a inclinação, e com ela o gradiente, é quase 0.`,
    advice: (f) =>
      f.name('factor') === 'data'
        ? 'Ponha a entrada em média 0 e variância 1.'
        : f.name('factor') === 'optimizer'
          ? 'Reduza a taxa de aprendizado: os passos levaram as unidades para as partes planas.'
          : 'Use pesos menores (Xavier, LeCun), normalize antes da ativação ou use uma ativação sem partes planas.',
    reasons: {
      input: (f) =>
        `O rms da entrada é ${f.number('inputRms')}: isso leva a primeira camada para as partes planas.`,
      largeWeights: (f) =>
        `Os pesos são grandes: multiplicam a escala do que entra por ${f.number('weights')}, muito além da parte de ${f.name('activation')} que não é plana.`,
      training: (f) =>
        `No início ${f.percent('initialShare')} estavam saturadas; o treino com taxa de aprendizado ${f.number('lr')} levou as outras.`,
    },
  },
  deadUnits: {
    title: 'Unidades mortas',
    message: (f) =>
      `${f.percent('share')} das unidades de ${f.name('site')} estão desligadas para todas as amostras vistas: não passam nada adiante e não recebem gradiente, então continuam mortas.`,
    advice: (f) =>
      f.name('factor') === 'optimizer'
        ? 'Reduza a taxa de aprendizado e use uma ativação que deixe passar um pouco abaixo de 0 (leaky ReLU, ELU, GELU).'
        : 'Use uma ativação que deixe passar um pouco abaixo de 0 (leaky ReLU, ELU, GELU), camadas mais largas ou normalização antes da ativação.',
    reasons: {
      born: (f) =>
        `Já nasceram mortas: com ${f.count('width')} unidades por camada e ${f.count('layers')} camadas, uma rede de ReLU provavelmente nasce morta (probabilidade de uma camada morta para uma entrada: 1 − (1 − 2^−largura)^profundidade = ${f.number('bornDead')}).`,
      steps: (f) =>
        `Morreram no treino: a primeira atualização mudou os pesos em ${f.percent('firstUpdate')} do seu tamanho (taxa de aprendizado ${f.number('lr')}); um passo grande empurra uma unidade para baixo de 0 de vez.`,
      input: (f) =>
        `O rms da entrada é ${f.number('inputRms')}: entradas grandes fazem passos grandes, que empurram unidades para baixo de 0 de vez.`,
      training: (f) => `Morreram no treino; no início ${f.percent('initialShare')} estavam desligadas.`,
    },
  },
  nonFinite: {
    title: 'Números que não são finitos',
    message: (f) =>
      f.has('broken')
        ? `Os dados têm ${f.count('broken')} valores NaN ou infinitos.`
        : `A perda deixa de ser um número a partir do passo ${f.count('step')}${f.has('site') ? `; quem primeiro estoura é ${f.name('site')}` : ''}.`,
    advice: (f) =>
      f.has('broken')
        ? 'Limpe os dados: descarte ou preencha as linhas que não são números.'
        : f.name('factor') === 'optimizer'
          ? 'Reduza a taxa de aprendizado dez vezes, aqueça-a aos poucos ou limite o gradiente.'
          : 'Use pesos na escala que combina com a ativação, ou normalize entre as camadas.',
    reasons: {
      data: (f) =>
        `${f.count('broken')} entradas ou alvos são NaN ou infinitos, e todo número calculado a partir deles também.`,
      weights: () => 'A primeira passagem já estoura: a rede multiplica demais a sua entrada.',
      steps: (f) =>
        `Os passos são grandes demais: a primeira atualização mudou os pesos em ${f.percent('firstUpdate')} do seu tamanho, com taxa de aprendizado ${f.number('lr')} (o usual é cerca de 0,1 %).`,
      growth: (f) =>
        `A norma do gradiente subiu para ${f.number('gradGrowth')} vezes o primeiro valor antes de a perda estourar.`,
    },
  },
  symmetry: {
    title: 'Unidades iguais que continuam iguais',
    message: (f) =>
      `${f.value('share') >= 0.995 ? 'Todas as' : f.percent('share') + ' das'} unidades de ${f.name('site')} têm os mesmos pesos e recebem o mesmo gradiente: a camada funciona como uma única unidade, por mais larga que seja.`,
    advice: () => 'Sorteie os pesos (He, Xavier, ortogonal); só os vieses podem começar constantes.',
    reasons: {
      init: (f) =>
        `A inicialização (${f.name('init')}) dá a todas as unidades os mesmos pesos, e unidades iguais recebem gradientes iguais.`,
      weights: () => 'Os pesos das unidades são iguais, e unidades iguais recebem gradientes iguais.',
    },
  },
  learningRateTooHigh: {
    title: 'Taxa de aprendizado alta demais',
    message: (f) =>
      f.has('broke')
        ? `A taxa de aprendizado ${f.number('lr')} quebra uma rede que era sã no início.`
        : `A perda foi de ${f.number('first', 3)} a ${f.number('last', 3)}: a taxa de aprendizado ${f.number('lr')} é alta demais.`,
    advice: (f) =>
      `Experimente uma taxa de aprendizado perto de ${f.number('suggested', 1)}, um aquecimento, ou limite o gradiente.`,
    reasons: {
      update: (f) =>
        `A primeira atualização mudou os pesos em ${f.percent('firstUpdate')} do seu tamanho; o usual é cerca de 0,1 % por passo, e acima de 10 % os pesos antigos são esquecidos.`,
      divergence: (f) =>
        `Nada mais está errado com a rede, e a perda sobe (maior atualização: ${f.percent('largestUpdate')} dos pesos).`,
    },
  },
  learningRateTooLow: {
    title: 'Taxa de aprendizado baixa demais',
    message: (f) =>
      `Depois de ${f.count('steps')} passos, aprendeu-se ${f.percent('progress')} do que se podia aprender, embora o gradiente flua bem: a taxa de aprendizado ${f.number('lr')} é baixa demais.`,
    advice: (f) => `Experimente uma taxa de aprendizado perto de ${f.number('suggested', 1)}.`,
    reasons: {
      update: (f) =>
        `Um passo muda os pesos em ${f.number('update')} do seu tamanho (o usual é 10⁻³): nesse ritmo são precisos ${f.count('stepsNeeded')} passos para mudá-los tanto quanto eles mesmos.`,
    },
  },
  oscillation: {
    title: 'A perda oscila',
    message: (f) =>
      `A perda pula ${f.percent('bounce')} de passo em passo em vez de cair (entre ${f.number('low', 3)} e ${f.number('high', 3)} na última metade).`,
    advice: (f) =>
      `Reduza a taxa de aprendizado para perto de ${f.number('suggested', 1)}, deixe-a decair ou use lotes maiores.`,
    reasons: {
      steps: (f) =>
        `Os passos passam do ponto: uma atualização muda os pesos em ${f.percent('update')} do seu tamanho (o usual é 0,1 %), e passos seguidos se desfazem.`,
    },
  },
  unscaledInput: {
    title: 'Entrada fora de escala',
    message: (f) =>
      f.has('spread')
        ? `As escalas das variáveis diferem por um fator de ${f.number('spread')}: as grandes encobrem as pequenas.`
        : f.value('inputRms') > 1
          ? `O rms da entrada é ${f.number('inputRms')} (média ${f.number('inputMean')}, desvio ${f.number('inputDeviation')}), quando se espera cerca de 1.`
          : `O rms da entrada é só ${f.number('inputRms')}, quando se espera cerca de 1: o sinal já começa fraco.`,
    advice: () => 'Ponha cada variável em média 0 e variância 1 (`data.scale: standard`).',
    reasons: {
      large: (f) =>
        `As inicializações supõem entradas de variância 1. Aqui a saída da primeira camada, e o gradiente dos seus pesos, são ${f.number('inputRms')} vezes grandes demais.`,
      small: (f) =>
        `As inicializações supõem entradas de variância 1. Aqui a saída da primeira camada é ${f.number('inverse')} vezes pequena demais.`,
      spread: () =>
        'A perda é íngreme ao longo das variáveis grandes e plana ao longo das pequenas: nenhuma taxa de aprendizado serve às duas.',
    },
  },
  lossMismatch: {
    title: 'Perda e saída não combinam',
    message: (f) => `A perda ${f.name('loss')} não combina com o que ${f.name('site')} entrega.`,
    advice: (f) =>
      f.has('activation')
        ? `Tire ${f.name('activation')} da última camada${f.name('loss') === 'crossEntropy' ? ': a própria perda aplica o softmax' : ''}.`
        : `Use uma perda feita para a tarefa (${f.name('task')}).`,
    reasons: {
      squashedLogits: (f) =>
        `${f.name('loss')} espera logits sem limites, mas ${f.name('activation')} os mantém entre ${f.number('low')} e ${f.number('high')}: a perda não pode cair abaixo de ${f.number('floor', 3)}, e as partes planas param o gradiente.`,
      cutLogits: (f) =>
        `${f.name('loss')} espera logits sem limites, mas ${f.name('activation')} os corta de um lado: onde é plana, não sobra gradiente.`,
      unreachable: (f) =>
        `Os alvos estão entre ${f.number('targetLow')} e ${f.number('targetHigh')}, mas ${f.name('activation')} só alcança de ${f.number('low')} a ${f.number('high')}.`,
    },
  },
  shattered: {
    title: 'Gradientes estilhaçados',
    message: (f) =>
      `Ao chegar a ${f.name('site')}, os gradientes de duas amostras têm só ${f.number('common')} de si em comum: o passo dado por uma amostra é ruído para as outras.`,
    advice: () => 'Use conexões residuais (com ramo reduzido ou normalização) ou menos profundidade.',
    reasons: {
      depth: (f) =>
        `Cada camada mantém ${f.number('perLayer')} do que os gradientes de duas amostras têm em comum, e ${f.count('layers')} delas vêm uma depois da outra, sem conexão residual.`,
    },
  },
  rankCollapse: {
    title: 'Todas as amostras ficam iguais',
    message: (f) =>
      `Em ${f.name('site')} as amostras diferem em só ${f.percent('diversity')} do sinal: a rede já não distingue as suas entradas.`,
    advice: () => 'Use conexões residuais ou normalização, ou menos profundidade.',
    reasons: {
      depth: (f) =>
        `Cada camada torna as amostras mais parecidas (na entrada diferem em ${f.percent('inputDiversity')} do sinal); depois de ${f.count('layers')} camadas quase só resta a parte comum.`,
      training: (f) =>
        `No início as amostras diferiam em ${f.percent('initialDiversity')} do sinal; o treino fez a rede responder o mesmo a todas.`,
      attention: (f) =>
        `A atenção faz médias sobre as posições; sem conexões residuais, ${f.count('layers')} camadas dela deixam todas as posições iguais.`,
    },
  },
};
