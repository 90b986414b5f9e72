/** A stretch of text, and where it leads. */
export interface Stretch {
  readonly text: string;
  readonly href: string | null;
}

const pattern = /arXiv:(\d{4}\.\d{4,5})|doi:(10\.\d{4,9}\/[^\s,;]+)/g;

/** Takes a source apart: arXiv numbers and DOIs become links, all else stays text. */
export function linked(text: string): Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) stretches.push({ text: text.slice(from, match.index), href: null });
    const [whole, arxiv, doi] = match;
    stretches.push({
      text: whole,
      href: arxiv ? `https://arxiv.org/abs/${arxiv}` : `https://doi.org/${doi}`,
    });
    from = match.index + whole.length;
  }
  if (from < text.length) stretches.push({ text: text.slice(from), href: null });
  return stretches;
}
