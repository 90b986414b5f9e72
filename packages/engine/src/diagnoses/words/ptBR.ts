import { findings } from './ptBR.findings.js';
import type { Words } from './words.js';

/** Brazilian Portuguese. */
export const ptBR: Words = { locale: 'pt-BR', findings };
