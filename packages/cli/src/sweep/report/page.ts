import { pageScript } from './script.js';
import { style } from './style.js';
import { escapeHtml } from './svg.js';

/** What a report's page shows. Titles, headline and facts are plain text; the rest is markup made here. */
export interface ReportPage {
  readonly title: string;
  readonly headline: string;
  /** Numbers at a glance, and what they are. */
  readonly facts: readonly (readonly [value: string, words: string])[];
  readonly sections: readonly string[];
  /** Markup before and after all that is seen. */
  readonly before?: string;
  readonly after?: string;
}

/**
 * One HTML file that asks the network for nothing, whatever is in it (its policy forbids it), and whose pictures need no
 * script.
 */
export function reportPage({
  title,
  headline,
  facts,
  sections,
  before = '',
  after = '',
}: ReportPage): string {
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
  const items = facts.map(
    ([value, words]) =>
      `<div class="fact"><b>${escapeHtml(value)}</b><span>${escapeHtml(words)}</span></div>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Fuga</title>
<style>${style}</style>
</head>
<body>
${before}
<main>
<header><div><h1>${escapeHtml(title)}</h1><div class="soft">${escapeHtml(headline)}</div></div><button id="theme" type="button">Light / dark</button></header>
<div class="facts">${items.join('')}</div>
${sections.join('\n')}
</main>
<div id="tip" role="tooltip" hidden></div>
<script>${pageScript}</script>
${after}
</body>
</html>
`;
}
