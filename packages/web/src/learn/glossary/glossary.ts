import type { Language } from '../../worker/protocol.js';
import { en } from './en.js';
import type { TermId } from './formulas.js';
import { pt } from './pt.js';

/** A name and an explanation for every term. */
export type TermWords = Readonly<Record<TermId, { readonly name: string; readonly text: string }>>;

const dictionaries: Readonly<Record<Language, TermWords>> = { en, 'pt-BR': pt };

/** The glossary in a language. */
export function glossary(language: Language): TermWords {
  return dictionaries[language];
}
