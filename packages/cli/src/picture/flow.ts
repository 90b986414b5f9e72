import type { DiagnosisReport } from '@fuga/engine';
import { drawBar, hueOf, tint } from './bar.js';
import { ascii } from './findings.js';
import { flowed } from './flowed.js';
import { rowsOf, MOST_ROWS, type Row } from './rows.js';
import { logScale, powerOfTen, ticks, type LogScale } from './scale.js';
import { clip, padEnd, padStart, paint, widthOf, wrap, type Terminal } from '../terminal.js';
import { showNumber, wordsIn, type Language } from '../words/words.js';

const VALUE = 8;
const FACTOR = 8; // with the space in front of it
const MARGIN = 2;

/**
 * The gradient-flow picture: a line a site from the input to the output; a log bar of rms(gradient) with what theory
 * expects shaded, the number, and the factor of one step back.
 */
export function flowPicture(
  report: DiagnosisReport,
  terminal: Terminal,
  language: Language,
  options: { readonly all: boolean },
): string[] {
  const rows = rowsOf(report, options);
  if (rows.length === 0) return [];
  const words = wordsIn(language);
  const longest = Math.max(...rows.map((row) => widthOf(label(row, terminal))));
  const names = Math.max(8, Math.min(longest, Math.floor(terminal.width * 0.3)));
  const cells = terminal.width - 2 * MARGIN - names - VALUE - FACTOR - 3;
  const scale = logScale(
    rows.flatMap(({ gradient, band }) => [gradient ?? 0, ...(band ?? [])]),
    cells,
  );
  // Colour says how much of the output's gradient is left.
  const output = [...rows].reverse().find(({ gradient }) => gradient !== null && gradient > 0)?.gradient ?? 1;
  const left = ' '.repeat(MARGIN);
  const head = `${left}${padEnd(ascii(words.site, terminal), names)} ${padEnd(` ${clip(ascii(words.flowTitle, terminal), cells - 1, terminal)}`, cells + 1)}${padStart(ascii(words.gradient, terminal), VALUE + 1)}${padStart(ascii(words.factor, terminal), FACTOR)}`;
  const lines = [paint(terminal, 'quiet', head.trimEnd())];
  for (const row of rows) {
    const decades = row.gradient === null || row.gradient === 0 ? NaN : Math.log10(output / row.gradient);
    const hue = row.gradient === 0 ? hueOf(Infinity) : hueOf(decades);
    const name = padEnd(clip(label(row, terminal), names, terminal), names);
    const bar = drawBar({ value: row.gradient, band: row.band, hue }, scale, terminal);
    const value = padStart(ascii(showNumber(row.gradient, language), terminal), VALUE);
    const factor = padStart(
      row.factor === null
        ? ''
        : `${terminal.unicode ? '×' : 'x'}${ascii(showNumber(row.factor, language), terminal)}`,
      FACTOR,
    );
    const edge = paint(terminal, 'quiet', terminal.unicode ? '▏' : '|');
    const mark = markOf(row, terminal);
    const shownName = row.culprit ? paint(terminal, ['title', 'bad'], name) : name;
    const shownValue = row.culprit ? paint(terminal, ['title', 'bad'], value) : tint(terminal, hue, value);
    const shownFactor = row.culprit
      ? paint(terminal, ['title', 'bad'], factor)
      : paint(terminal, 'quiet', factor);
    lines.push(`${mark}${shownName} ${edge}${bar} ${shownValue}${shownFactor}`.trimEnd());
  }
  lines.push(...axis(scale, names, terminal), ...legend(report, rows, terminal, language));
  return lines;
}

function label({ name, indent, count }: Row, { unicode }: Terminal): string {
  const shown = unicode ? name : name.replaceAll('–', '-');
  const branch = indent === 0 ? '' : `${'  '.repeat(indent - 1)}${unicode ? '└ ' : '  '}`;
  return `${branch}${shown}${count > 1 ? ` ${unicode ? '×' : 'x'}${count}` : ''}`;
}

/** A sign in the margin: the culprit, or a site that a finding names. */
function markOf({ culprit, named }: Row, terminal: Terminal): string {
  if (culprit) return paint(terminal, ['title', 'bad'], terminal.unicode ? '▶ ' : '> ');
  if (named) return paint(terminal, 'bad', terminal.unicode ? '· ' : '. ');
  return ' '.repeat(MARGIN);
}

/** The axis under the bars, with its labels right below their ticks. */
function axis(scale: LogScale, names: number, terminal: Terminal): string[] {
  const { unicode } = terminal;
  const marks = ticks(scale);
  const position = (decade: number) => Math.round(scale.at(10 ** decade));
  const line: string[] = Array.from({ length: scale.cells + 1 }, () => (unicode ? '─' : '-'));
  const labels: string[] = Array.from({ length: scale.cells + VALUE }, () => ' ');
  for (const decade of marks) {
    const at = Math.min(scale.cells, position(decade));
    line[at] = unicode ? '┴' : '+';
    const text = [...powerOfTen(decade, terminal)];
    const start = Math.max(0, at - Math.floor(text.length / 2));
    text.forEach((letter, i) => (labels[start + i] = letter));
  }
  line[0] = unicode ? '└' : '+';
  const gap = ' '.repeat(MARGIN + names + 1);
  return [
    paint(terminal, 'quiet', gap + line.join('')),
    paint(terminal, 'quiet', (gap + labels.join('')).trimEnd()),
  ];
}

function legend(
  report: DiagnosisReport,
  rows: readonly Row[],
  terminal: Terminal,
  language: Language,
): string[] {
  const words = wordsIn(language);
  const { unicode } = terminal;
  const parts: string[] = [];
  if (rows.some(({ culprit }) => culprit))
    parts.push(`${paint(terminal, ['title', 'bad'], unicode ? '▶' : '>')} ${ascii(words.culprit, terminal)}`);
  if (rows.some(({ band }) => band))
    parts.push(`${unicode ? '▓░' : '=:'} ${ascii(words.expected, terminal)}`);
  parts.push(...wrap(ascii(words.factorLegend, terminal), terminal.width - 2 * MARGIN));
  const folded = rows.length < report.sites.length && report.sites.length > MOST_ROWS;
  const lines = flowed(
    [...parts, ...(folded ? [ascii(words.folded(report.sites.length), terminal)] : [])],
    '   ',
    terminal.width - 2 * MARGIN,
  );
  return lines.map((each) => `${' '.repeat(MARGIN)}${quietAround(each, terminal)}`);
}

/** Dims a line without undoing the colours within it. */
function quietAround(line: string, terminal: Terminal): string {
  return (
    line
      // eslint-disable-next-line no-control-regex -- the escape character is what colours start with
      .split(/(\x1b\[[0-9;]*m[^\x1b]*\x1b\[0m)/)
      .map((part) => (part.startsWith('\x1b') ? part : paint(terminal, 'quiet', part)))
      .join('')
  );
}
