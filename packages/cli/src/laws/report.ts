import type { Outcome } from '@fuga/engine';
import type { Language } from '../words/words.js';
import type { LawResult } from './law.js';
import { experimentOf, shown } from './page.js';
import { place, rangeOf, tickText } from './plot.js';

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [560, 300, 64, 40];
const colors = ['#2a78d6', '#1f9d55', '#d97706', '#c2255c', '#7048e8'];

/** One self-contained page: every experiment with its picture, its law and its verdict. No request to anywhere. */
export function lawReport(results: readonly LawResult[], language: Language): string {
  const held = results.filter(({ holds }) => holds).length;
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fuga: ${held} / ${results.length}</title>
<style>
:root { color-scheme: light dark; --ink: light-dark(#1c2230, #e8eaf0); --quiet: light-dark(#5b6475, #9aa3b5); --line: light-dark(#dde1ea, #333a49); --card: light-dark(#fff, #1a1f2b); }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: light-dark(#f5f6fa, #11151e); max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(34rem, 100%), 1fr)); gap: 1.25rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.4rem; }
h2 { font-size: 1.15rem; margin: 0; } .verdict { font-weight: 600; } .yes { color: light-dark(#17663a, #6fd39b); } .no { color: light-dark(#a5182f, #ff8fa0); }
p { margin: .6rem 0; } small, figcaption, th { color: var(--quiet); } svg { width: 100%; height: auto; } table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
td, th { padding: .2rem .5rem .2rem 0; text-align: right; font-weight: 400; } td:first-child, th:first-child { text-align: left; } tr { border-bottom: 1px solid var(--line); }
text { fill: var(--quiet); font-size: 12px; } .axis { stroke: var(--line); } .law { stroke: var(--quiet); stroke-dasharray: 4 4; fill: none; }
</style>
<h1>${held} / ${results.length}</h1>
<main>
${results.map((result) => card(result, language)).join('\n')}
</main>
</html>
`;
}

function card(result: LawResult, language: Language): string {
  const { title, question, story, law, tolerance } = experimentOf(result.id);
  const rows = result.outcome.checks
    .map(
      ({ name, predicted, measured, low, high }) =>
        `<tr><td>${escape(name)}</td><td>${shown(predicted)}</td><td><b>${shown(measured)}</b></td><td>${shown(low)} … ${shown(high)}</td><td>${measured >= low && measured <= high ? '✓' : '✗'}</td></tr>`,
    )
    .join('');
  return `<article id="${result.id}">
<h2>${escape(title[language])}</h2>
<p class="verdict ${result.holds ? 'yes' : 'no'}">${result.holds ? '✓' : '✗'} ${escape(law.formula)}</p>
<p>${escape(question[language])}</p>
<figure style="margin:0">${picture(result.outcome)}</figure>
<table><tr><th></th><th>law</th><th>measured</th><th>band</th><th></th></tr>${rows}</table>
<p>${escape(story[language])}</p>
<p><small>${escape(law.source)} · ${escape(tolerance)} · seed ${result.seed}, ${result.seconds.toFixed(1)} s</small></p>
</article>`;
}

function picture({ picture: { x, y, curves } }: Outcome): string {
  const all = curves.flatMap(({ points }) => points);
  const h = rangeOf(
    all.map(([at]) => at),
    x,
  );
  const v = rangeOf(
    all.map(([, at]) => at),
    y,
  );
  const px = (value: number) =>
    LEFT + ((place(value, x.scale) - h.low) / (h.high - h.low)) * (WIDTH - LEFT - 12);
  const py = (value: number) =>
    12 + ((v.high - place(value, y.scale)) / (v.high - v.low)) * (HEIGHT - BOTTOM - 12);
  const ticks = Array.from({ length: 5 }, (_, i) => v.low + (i / 4) * (v.high - v.low));
  const grid = ticks
    .map((at) => {
      const level = 12 + ((v.high - at) / (v.high - v.low)) * (HEIGHT - BOTTOM - 12);
      return `<line class="axis" x1="${LEFT}" x2="${WIDTH - 12}" y1="${level.toFixed(1)}" y2="${level.toFixed(1)}"/><text x="${LEFT - 8}" y="${(level + 4).toFixed(1)}" text-anchor="end">${tickText(at, y.scale)}</text>`;
    })
    .join('');
  let measured = 0;
  const drawn = curves
    .map(({ kind, points, name }) => {
      const inside = points.filter(([a, b]) => Number.isFinite(px(a)) && Number.isFinite(py(b)));
      const at = inside.map(([a, b]) => `${px(a).toFixed(1)},${py(b).toFixed(1)}`);
      if (kind === 'law')
        return `<polyline class="law" points="${at.join(' ')}"><title>${escape(name)}</title></polyline>`;
      const color = colors[measured++ % colors.length]!;
      const dots = at
        .map((point) => point.split(','))
        .map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="2.6"/>`);
      const label = `<text x="${LEFT + 8}" y="${12 + 16 * measured}" style="fill:${color}">● ${escape(name)}</text>`;
      return `<g fill="${color}"><title>${escape(name)}</title>${dots.join('')}</g>${label}`;
    })
    .join('');
  const foot = `<text x="${LEFT}" y="${HEIGHT - 22}">${tickText(h.low, x.scale)}</text><text x="${WIDTH - 12}" y="${HEIGHT - 22}" text-anchor="end">${tickText(h.high, x.scale)}</text><text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escape(x.label)} · ${escape(y.label)}</text>`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(`${y.label}, ${x.label}`)}">${grid}${drawn}${foot}</svg>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
