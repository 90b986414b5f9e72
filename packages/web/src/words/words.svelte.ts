import { NumberFormat } from '../charts/format.js';
import type { Language } from '../worker/protocol.js';
import { en, type Words } from './en.js';
import { pt } from './pt.js';

const dictionaries: Readonly<Record<Language, Words>> = { en, 'pt-BR': pt };
const KEY = 'fuga.language';

function preferred(): Language {
  try {
    const stored = localStorage.getItem(KEY);
    if (stored === 'en' || stored === 'pt-BR') return stored;
  } catch {
    // Storage may be refused; the browser's language is used then.
  }
  return navigator.language.toLowerCase().startsWith('pt') ? 'pt-BR' : 'en';
}

let language = $state<Language>(preferred());
const words = $derived(dictionaries[language]);
const format = $derived(new NumberFormat(language));

/** The words of the page, in its language. */
export function w(): Words {
  return words;
}

/** Numbers in the page's language. */
export function f(): NumberFormat {
  return format;
}

export function currentLanguage(): Language {
  return language;
}

export function setLanguage(next: Language): void {
  language = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // It then holds for this visit.
  }
}

/** An item's or option's name: from the dictionary, or its id taken apart (`xavierUniform` → `Xavier uniform`). */
export function nameOf(id: string, list: 'items' | 'fields' = 'items'): string {
  const known = words[list][id];
  if (known !== undefined) return known;
  const apart = id.replace(/([a-z])([A-Z0-9])/g, '$1 $2').toLowerCase();
  return apart.charAt(0).toUpperCase() + apart.slice(1);
}
