import type { LawResult } from './law.js';
import { shown } from './page.js';

/** Checks of a law that a table of all laws has room for; the rest are counted. */
const MOST = 2;

/** A Markdown table of laws: quantity, predicted, measured, band, seconds. The first checks of each, the rest counted. */
export function lawTable(results: readonly LawResult[]): string {
  const held = results.filter(({ holds }) => holds).length;
  const rows = results.flatMap(({ id, outcome: { checks }, seconds }) => {
    const told = checks
      .slice(0, MOST)
      .map(({ name, predicted, measured, low, high }, i) => [
        i === 0 ? `\`${id}\`` : '',
        name,
        shown(predicted),
        `${shown(measured)} ${measured >= low && measured <= high ? '✓' : '✗'}`,
        `${shown(low)} … ${shown(high)}`,
        i === 0 ? seconds.toFixed(1) : '',
      ]);
    const rest = checks.slice(MOST);
    if (rest.length === 0) return told;
    const inside = rest.filter(({ measured, low, high }) => measured >= low && measured <= high).length;
    return [
      ...told,
      ['', `${rest.length} more`, '', `${inside} ${inside === rest.length ? '✓' : '✗'}`, '', ''],
    ];
  });
  const lines = [
    ['experiment', 'quantity', 'predicted', 'measured', 'band', 'seconds'],
    ['---', '---', '---:', '---:', '---:', '---:'],
    ...rows,
  ].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return `${lines.join('\n')}\n\n${held} of ${results.length} laws hold.\n`;
}
