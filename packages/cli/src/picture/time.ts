import { ascii } from './findings.js';
import { hueOf, tint } from './bar.js';
import { clip, padEnd, padStart, paint, type Terminal } from '../terminal.js';
import type { TimeFlow } from '../tasks/task.js';
import { showNumber, wordsIn, type Language } from '../words/words.js';

const blocks = '▁▂▃▄▅▆▇█';
const asciiBlocks = '_.:-=+*#';

/** For recurrent sites: rms of the gradient at each time step, on one log scale, first step to last. */
export function timePicture(time: TimeFlow, terminal: Terminal, language: Language): string[] {
  const sites = Object.entries(time).filter(([, values]) => values.length > 1);
  if (sites.length === 0) return [];
  const words = wordsIn(language);
  const names = Math.min(24, Math.max(...sites.map(([name]) => name.length)));
  const cells = terminal.width - 4 - names - 2 - 18;
  const steps = Math.max(...sites.map(([, values]) => values.length));
  const title = `${ascii(words.timeTitle, terminal)} (${words.timeEnds(steps)})`;
  const lines = [paint(terminal, 'quiet', `  ${ascii(title, terminal)}`)];
  for (const [name, values] of sites.slice(0, 12)) {
    const ends = `${showNumber(values[0]!, language)} ${terminal.unicode ? '←' : '<-'} ${showNumber(values.at(-1)!, language)}`;
    lines.push(
      `  ${padEnd(clip(name, names, terminal), names)} ${sparkline(values, cells, terminal, 'log')} ${padStart(ends, 18)}`,
    );
  }
  return lines;
}

/** A line of small blocks, one for each of `cells` stretches; on a log scale coloured by what is left of the last. */
export function sparkline(
  values: readonly number[],
  cells: number,
  terminal: Terminal,
  scale: 'log' | 'linear',
): string {
  const taken = resample(values, Math.min(cells, values.length));
  const heights = taken.map((value) => (scale === 'log' ? Math.log10(Math.max(value, 1e-45)) : value));
  const finite = heights.filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite, low + (scale === 'log' ? 1 : 1e-12));
  const letters = terminal.unicode ? blocks : asciiBlocks;
  let line = '';
  heights.forEach((height, i) => {
    const level = Number.isFinite(height) ? Math.min(7, Math.floor(((height - low) / (high - low)) * 8)) : 7;
    const letter = Number.isFinite(height) ? letters[level]! : '!';
    line += scale === 'log' ? tint(terminal, hueOf(heights.at(-1)! - heights[i]!), letter) : letter;
  });
  return line + ' '.repeat(Math.max(0, cells - taken.length));
}

/** Means of equal stretches. */
function resample(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * values.length) / count);
    const to = Math.max(from + 1, Math.floor(((i + 1) * values.length) / count));
    return values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from);
  });
}
