import { experiments, type Experiment } from '@fuga/engine';
import { ascii } from '../picture/findings.js';
import { tableLines } from '../picture/table.js';
import { paint, wrap, type Terminal } from '../terminal.js';
import type { Language } from '../words/words.js';
import type { LawResult } from './law.js';
import { plotLines } from './plot.js';

/** The experiment called `id`. */
export function experimentOf(id: string): Experiment {
  return (experiments as Readonly<Record<string, Experiment>>)[id]!;
}

const words = {
  en: {
    law: 'law',
    source: 'source',
    band: 'band',
    holds: 'the law holds',
    fails: 'the law does not hold',
    quantity: 'quantity',
    predicted: 'predicted',
    measured: 'measured',
    allowed: 'band',
    seed: 'seed',
    init: 'at init',
    training: 'training',
    about: 'about',
    held: (n: number, of: number) => `${n} of ${of} laws hold`,
  },
  'pt-BR': {
    law: 'lei',
    source: 'fonte',
    band: 'faixa',
    holds: 'a lei vale',
    fails: 'a lei não vale',
    quantity: 'grandeza',
    predicted: 'previsto',
    measured: 'medido',
    allowed: 'faixa',
    seed: 'semente',
    init: 'na inicialização',
    training: 'treino',
    about: 'cerca de',
    held: (n: number, of: number) => `${n} de ${of} leis valem`,
  },
} as const;

/** A number with four digits that matter. */
export function shown(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** One experiment: question, picture, law, predicted against measured, verdict. */
export function experimentPage(result: LawResult, terminal: Terminal, language: Language): string {
  const { title, question, story, law, tolerance } = experimentOf(result.id);
  const w = words[language];
  const { unicode, width } = terminal;
  const verdict = result.holds
    ? paint(terminal, ['good', 'title'], `${unicode ? '✓' : 'ok'} ${w.holds}`)
    : paint(terminal, ['bad', 'title'], `${unicode ? '✗' : 'no'} ${w.fails}`);
  const part = (name: string, text: string) =>
    wrap(text, width - 14).map(
      (line, i) => `  ${paint(terminal, 'quiet', (i === 0 ? name : '').padEnd(10))}${line}`,
    );
  const note = result.outcome.note?.[language];
  const page = `${[
    '',
    `  ${paint(terminal, 'title', title[language])}   ${verdict}`,
    `  ${paint(terminal, 'quiet', `${result.id} · ${w.seed} ${result.seed} · ${result.seconds.toFixed(1)} s`)}`,
    '',
    ...wrap(question[language], width - 4).map((line) => `  ${line}`),
    '',
    ...plotLines(result.outcome, terminal),
    '',
    ...checkLines(result, terminal, language),
    '',
    ...part(w.law, law.formula),
    ...part(w.source, law.source),
    ...part(w.band, tolerance),
    '',
    ...wrap(story[language], width - 4).map((line) => `  ${line}`),
    ...(note ? ['', ...wrap(note, width - 4).map((line) => `  ${line}`)] : []),
    '',
  ].join('\n')}\n`;
  return ascii(page, terminal);
}

function checkLines({ outcome }: LawResult, terminal: Terminal, language: Language): string[] {
  const w = words[language];
  const rows = outcome.checks.map(({ name, predicted, measured, low, high }) => {
    const inside = measured >= low && measured <= high;
    const mark = terminal.unicode ? (inside ? '✓' : '✗') : inside ? 'ok' : 'no';
    return [
      name,
      shown(predicted),
      shown(measured),
      `${shown(low)} … ${shown(high)}`,
      paint(terminal, inside ? 'good' : 'bad', mark),
    ];
  });
  return tableLines(
    [
      { title: w.quantity },
      { title: w.predicted, align: 'right' },
      { title: w.measured, align: 'right' },
      { title: w.allowed, align: 'right' },
      { title: '' },
    ],
    rows,
    terminal,
  );
}

/** What there is to run: id, kind, cost, title. */
export function experimentList(all: readonly Experiment[], terminal: Terminal, language: Language): string {
  const w = words[language];
  const rows = all.map(({ id, kind, seconds, title }) => [
    id,
    w[kind],
    `${w.about} ${seconds} s`,
    title[language],
  ]);
  const lines = tableLines([{ title: 'id' }, { title: '' }, { title: '' }, { title: '' }], rows, terminal);
  return ascii(`${lines.slice(1).join('\n')}\n`, terminal);
}

/** The last line of several experiments. */
export function summaryLine(results: readonly LawResult[], terminal: Terminal, language: Language): string {
  const held = results.filter(({ holds }) => holds).length;
  const text = words[language].held(held, results.length);
  return ascii(`  ${paint(terminal, [held === results.length ? 'good' : 'bad', 'title'], text)}\n`, terminal);
}
