import { NumberFormat } from '../charts/format.js';
import type { Language } from '../worker/protocol.js';
import { en, type Words } from './en.js';

/** English is at hand; other words come when they are asked for. */
const loaders: Readonly<Record<Language, () => Promise<Words>>> = {
  en: () => Promise.resolve(en),
  'pt-BR': async () => (await import('./pt.js')).pt,
};
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
let words = $state.raw<Words>(en);
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

/** Turns the page into a language, once its words are there. */
export async function setLanguage(next: Language): Promise<void> {
  words = await loaders[next]();
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
