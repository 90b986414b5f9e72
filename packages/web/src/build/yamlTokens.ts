/** A stretch of text and what it is. */
export interface Token {
  readonly text: string;
  readonly kind: 'key' | 'figure' | 'word' | 'comment' | 'mark' | 'plain';
}

const PATTERN =
  /(?<comment>#.*)|(?<key>[\w.-]+(?=\s*:(?:\s|$)))|(?<figure>-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<word>"[^"\n]*"|'[^'\n]*'|\b(?:true|false|null)\b)|(?<mark>[{}[\],:]|^\s*-(?=\s))/gim;

/** Takes a line of YAML apart for its colours. Not a parser: what it does not know stays plain. */
export function tokensOf(line: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const match of line.matchAll(PATTERN)) {
    if (match.index > at) tokens.push({ text: line.slice(at, match.index), kind: 'plain' });
    const kind = Object.entries(match.groups!).find(([, text]) => text !== undefined)![0] as Token['kind'];
    tokens.push({ text: match[0], kind });
    at = match.index + match[0].length;
  }
  if (at < line.length) tokens.push({ text: line.slice(at), kind: 'plain' });
  return tokens;
}
