import { currentLanguage } from '../words/words.svelte.js';

/** Words of what only some networks have, loaded with it. */
const en = {
  time: 'Gradient through time steps',
  timeHint:
    'How much of the gradient reaches each time step of the sequence, from the last back to the first.',
  timeAxis: 'time step',
  timeHeat: 'The same as it trains',
  timeHeatHint: 'Each row is a time step, the first at the bottom; each column a step of training.',
  walks: { hidden: 'hidden state', cell: 'cell state' } as Record<string, string>,
  branches: 'Skip against branch',
  branchHint: 'The gradient that passes by on the skip, and what comes back through the branch.',
  skip: 'through the skip',
  branch: 'through the branch',
  meters: 'Gates and heads',
  meterLabels: { head: 'head' } as Record<string, string>,
  blocks: 'block',
  meterNames: {
    gateSaturation: 'saturated gates',
    headEntropy: 'how widely each head looks',
  } as Record<string, string>,
  pictures: 'What the layer sees and what blames it',
  picturesHint:
    'The first sample of the batch. Blue is negative, red positive, white zero; yellow is no number.',
  input: 'input',
  inputGradient: 'gradient at the input',
  maps: 'outputs',
  mapGradients: 'gradients',
  layerAt: (name: string) => `at ${name}`,
};

const pt: typeof en = {
  time: 'Gradiente ao longo da sequência',
  timeHint: 'Quanto do gradiente chega a cada passo da sequência, do último de volta ao primeiro.',
  timeAxis: 'passo da sequência',
  timeHeat: 'O mesmo enquanto treina',
  timeHeatHint: 'Cada linha é um passo da sequência, o primeiro embaixo; cada coluna um passo do treino.',
  walks: { hidden: 'estado oculto', cell: 'estado da célula' },
  branches: 'Atalho contra ramo',
  branchHint: 'O gradiente que passa pelo atalho e o que volta através do ramo.',
  skip: 'pelo atalho',
  branch: 'pelo ramo',
  meters: 'Portas e cabeças',
  meterLabels: {
    hidden: 'estado',
    new: 'novo',
    head: 'cabeça',
    input: 'entrada',
    forget: 'esquecimento',
    cell: 'célula',
    output: 'saída',
    reset: 'recomeço',
    update: 'atualização',
  },
  blocks: 'bloco',
  meterNames: {
    gateSaturation: 'portas saturadas',
    headEntropy: 'quão longe cada cabeça olha',
  },
  pictures: 'O que a camada vê e o que a culpa',
  picturesHint:
    'A primeira amostra do lote. Azul é negativo, vermelho positivo, branco zero; amarelo não é número.',
  input: 'entrada',
  inputGradient: 'gradiente na entrada',
  maps: 'saídas',
  mapGradients: 'gradientes',
  layerAt: (name: string) => `em ${name}`,
};

export function insideWords(): typeof en {
  return currentLanguage() === 'en' ? en : pt;
}
