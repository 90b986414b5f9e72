import { element, escapeHtml } from './svg.js';

/** One of several pictures in the same place. */
export interface Tab {
  readonly title: string;
  readonly about: string;
  readonly body: string;
}

/** Pictures in one place, chosen by radio buttons: no script is needed. One alone has no buttons. `name` is unique on the page. */
export function tabs(name: string, all: readonly Tab[]): string {
  const [only] = all;
  if (!only) return '';
  const figure = ({ about, body }: Tab) =>
    `<figure>${body}<figcaption>${escapeHtml(about)}</figcaption></figure>`;
  if (all.length === 1) return figure(only);
  const shown = all.slice(0, MOST_TABS);
  const buttons = shown.map(({ title }, i) => {
    const id = `${name}-${i}`;
    return `<input type="radio" name="${name}" id="${id}"${i === 0 ? ' checked' : ''}>${element('label', { for: id }, escapeHtml(title))}`;
  });
  const panels = shown.map((tab) => `<div class="panel">${figure(tab)}</div>`);
  return `<div class="tabs">${buttons.join('')}${panels.join('')}</div>`;
}

/** Most tabs of one group: the rules of the style sheet count them. */
export const MOST_TABS = 12;
