import { findings } from './ptBR.findings.js';
import { refusals, remedies } from './ptBR.remedies.js';
import type { Words } from './words.js';

/** Brazilian Portuguese. */
export const ptBR: Words = {
  locale: 'pt-BR',
  findings,
  remedies,
  refusals,
  method: (seeds) =>
    `Cada tratamento correu contra o paciente com as mesmas sementes, dados e ordem de lotes, em até ${seeds} sementes; os que ficaram para trás foram abandonados cedo (successive halving). Efeito: mediana da diferença da perda média no último décimo dos passos, com intervalo bootstrap exato de 95 % e teste de permutação exato unilateral.`,
};
