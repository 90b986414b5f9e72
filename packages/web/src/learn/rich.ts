import { isTerm, type TermId } from './glossary/formulas.js';

/** A stretch of a text with marks. */
export type Part =
  | { readonly kind: 'text' | 'strong' | 'formula'; readonly text: string }
  | { readonly kind: 'term'; readonly text: string; readonly term: TermId };

const marks = /\[\[(\w+)\|([^\]]+)\]\]|\$([^$]+)\$|\*\*([^*]+)\*\*/g;

/** Takes a text with marks apart. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(marks)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    const [whole, term, shown, formula, strong] = match;
    if (term !== undefined && isTerm(term)) parts.push({ kind: 'term', term, text: shown! });
    else if (formula !== undefined) parts.push({ kind: 'formula', text: formula });
    else if (strong !== undefined) parts.push({ kind: 'strong', text: strong });
    else parts.push({ kind: 'text', text: shown ?? whole });
    from = match.index + whole.length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}
