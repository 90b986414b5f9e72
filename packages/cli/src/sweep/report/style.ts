import { MOST_TABS } from './tabs.js';

const chosen = Array.from(
  { length: MOST_TABS },
  (_, i) => `.tabs > input:nth-of-type(${i + 1}):checked ~ .panel:nth-of-type(${i + 1})`,
).join(',\n');

const dark = `
  --page: #12141a; --card: #1a1d26; --ink: #e8eaf0; --soft: #9aa2b1; --rule: #2b303d; --accent: #8ab4ff;
  --healthy: #2f7d5b; --hatch: #585f70; --hatch-back: #2b303d; --theory: #ffffff; --halo: #12141a;
  --ramp-low: #5b8bd9; --ramp-high: #f2c879; color-scheme: dark;`;

/** The report's style: light or dark as the reader's system is, or as the switch says. */
export const style = `
:root {
  --page: #f7f7f4; --card: #ffffff; --ink: #1c2230; --soft: #626b7b; --rule: #e4e5e1; --accent: #2b5fc0;
  --healthy: #9fd3b6; --hatch: #8d93a0; --hatch-back: #dfe1e5; --theory: #111318; --halo: #ffffff;
  --ramp-low: #24348b; --ramp-high: #e0a13a; color-scheme: light;
}
@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) {${dark} } }
:root[data-theme='dark'] {${dark} }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 40px 24px 80px; }
header { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: flex-end; justify-content: space-between; margin-bottom: 28px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.02em; text-wrap: balance; }
h2 { font-size: 19px; margin: 0 0 4px; letter-spacing: -0.01em; }
p { margin: 0 0 12px; max-width: 75ch; }
.soft, figcaption, .note { color: var(--soft); font-size: 13.5px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin-bottom: 28px; }
.fact, section { background: var(--card); border: 1px solid var(--rule); border-radius: 14px; }
.fact { padding: 14px 18px; }
.fact b { display: block; font-size: 24px; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.fact span { color: var(--soft); font-size: 13px; }
section { padding: 22px 24px; margin-bottom: 20px; overflow: hidden; }
figure { margin: 12px 0 0; }
figcaption { margin-top: 8px; }
svg { display: block; width: 100%; height: auto; max-width: 860px; font: 12px system-ui, sans-serif; }
svg.defs { position: absolute; width: 0; height: 0; }
svg text { fill: var(--ink); }
svg .tick { fill: var(--soft); font-size: 11.5px; font-variant-numeric: tabular-nums; }
svg .axis { font-size: 13px; font-weight: 600; }
svg .rule { stroke: var(--rule); stroke-width: 1; }
svg .missing { stroke: var(--rule); }
svg .hatch { fill: var(--hatch); } svg .hatch-back { fill: var(--hatch-back); }
svg .theory { fill: none; stroke: var(--theory); stroke-width: 2.2; stroke-linecap: round; }
svg .halo { fill: none; stroke: var(--halo); stroke-width: 5.5; stroke-opacity: 0.55; stroke-linecap: round; }
svg [data-tip]:hover { filter: brightness(1.08) saturate(1.15); }
.cells rect:hover { stroke: var(--ink); stroke-width: 1.5; }
.tabs > input { position: absolute; opacity: 0; pointer-events: none; }
.tabs > label { display: inline-block; padding: 5px 13px; margin: 10px 6px 0 0; border: 1px solid var(--rule); border-radius: 99px; color: var(--soft); font-size: 13.5px; cursor: pointer; }
.tabs > label:hover { color: var(--ink); }
.tabs > input:checked + label { background: var(--ink); border-color: var(--ink); color: var(--card); }
.tabs > input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
.tabs > .panel { display: none; }
${chosen} { display: block; }
button, input[type='search'], select { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--rule); border-radius: 9px; padding: 6px 12px; }
button { cursor: pointer; } button:hover { border-color: var(--soft); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.tools { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; margin: 12px 0; }
.tools input[type='search'] { flex: 1 1 240px; }
.scroll { overflow: auto; max-height: 620px; border: 1px solid var(--rule); border-radius: 10px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 12px; text-align: left; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { position: sticky; top: 0; background: var(--card); font-weight: 600; z-index: 1; }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--accent); }
th[aria-sort='ascending'] button::after { content: ' ↑'; } th[aria-sort='descending'] button::after { content: ' ↓'; }
td.number, th.number { text-align: right; }
td.unhealthy { color: #c4453a; } :root[data-theme='dark'] td.unhealthy { color: #ff9d92; }
tbody tr:hover { background: color-mix(in oklab, var(--accent) 7%, transparent); }
a { color: var(--accent); }
dialog { border: 1px solid var(--rule); border-radius: 14px; background: var(--card); color: var(--ink); padding: 22px 24px; width: min(720px, 92vw); max-height: 86vh; }
dialog::backdrop { background: rgb(10 12 18 / 0.5); }
dialog pre { background: var(--page); border: 1px solid var(--rule); border-radius: 10px; padding: 14px; overflow: auto; max-height: 48vh; font: 12.5px/1.5 ui-monospace, monospace; }
#tip { position: fixed; z-index: 9; pointer-events: none; background: var(--ink); color: var(--card); padding: 7px 11px; border-radius: 8px; font-size: 13px; line-height: 1.4; white-space: pre-line; max-width: 380px; box-shadow: 0 4px 18px rgb(0 0 0 / 0.25); }
#tip[hidden] { display: none; }
@media (max-width: 640px) { main { padding: 24px 14px 60px; } section { padding: 16px 14px; } h1 { font-size: 24px; } }
@media print { .tools, header button { display: none; } .scroll { max-height: none; } section { break-inside: avoid; } }
`;
