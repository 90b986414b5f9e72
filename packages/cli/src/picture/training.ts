import type { DiagnosisReport, TextSample } from '@fuga/engine';
import { endNotes } from './diagnosis.js';
import { ascii } from './findings.js';
import { sparkline } from './time.js';
import { clip, paint, type Terminal } from '../terminal.js';
import type { RunFacts } from '../tasks/task.js';
import { showCount, showNumber, showTime, wordsIn, type Language } from '../words/words.js';

/** What came out of a training run. */
export interface TrainingView {
  readonly facts: RunFacts;
  readonly report: DiagnosisReport;
  readonly sample: TextSample | null;
}

/** The page of a training run: the score, the loss as a curve, what ails it, its own words, where it is kept. */
export function trainingPage(
  { facts, report, sample }: TrainingView,
  folder: string,
  terminal: Terminal,
  language: Language,
): string {
  const words = wordsIn(language);
  const arrow = terminal.unicode ? '→' : '->';
  const dot = terminal.unicode ? ' · ' : ', ';
  const { metric } = facts;
  const score = metric
    ? `${paint(terminal, 'title', `${metric.title} ${showScore(metric, language)}`)} ${paint(terminal, 'quiet', ascii(words.testSamples(showCount(metric.samples, language)), terminal))}`
    : paint(terminal, 'quiet', ascii(words.noTestSamples, terminal));
  const cost = [
    words.steps(showCount(facts.steps, language)),
    `${showTime(facts.elapsedMs, language)} (${showTime(facts.stepMs, language)} ${words.aStep})`,
    words.kernels(facts.kernels),
  ].join(dot);
  const healthy = report.verdict === 'healthy';
  const sign = terminal.unicode ? (healthy ? '✓ ' : '✗ ') : '';
  const verdict = healthy
    ? words.healthy
    : report.findings.map(({ title }) => title.toLowerCase()).join(', ');
  return [
    '',
    `  ${paint(terminal, 'title', clip(ascii(facts.name, terminal), terminal.width - 4, terminal))}`,
    `  ${score}`,
    `  ${words.loss} ${showNumber(facts.loss.first, language)} ${arrow} ${showNumber(facts.loss.last, language)}  ${sparkline(facts.losses, Math.min(40, terminal.width - 40), terminal, 'linear').trimEnd()}`,
    `  ${paint(terminal, 'quiet', ascii(cost, terminal))}`,
    ...endNotes(facts, words, language).map((note) => `  ${paint(terminal, 'warn', ascii(note, terminal))}`),
    `  ${paint(terminal, healthy ? 'good' : 'bad', ascii(`${sign}${verdict}`, terminal))}`,
    ...(sample ? ['', ...sampleLines(sample, terminal), ''] : []),
    `  ${paint(terminal, 'quiet', ascii(words.saved(folder), terminal))}`,
    '',
    '',
  ].join('\n');
}

/** A language model's own words, after the few it was given, broken at spaces to the terminal's width. */
function sampleLines({ prompt, text }: TextSample, terminal: Terminal): string[] {
  const width = Math.max(20, Math.min(terminal.width, 100) - 6);
  const lines = `${prompt}${text}`.split('\n').flatMap((line) => {
    const broken: string[] = [];
    let rest = line;
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      const at = space > 0 ? space : width;
      broken.push(rest.slice(0, at));
      rest = rest.slice(at).trimStart();
    }
    return [...broken, rest];
  });
  return lines.map((line) => `    ${ascii(line, terminal)}`);
}

/** A share of hits as a percentage; other scores as they are. */
function showScore({ id, value }: NonNullable<RunFacts['metric']>, language: Language): string {
  if (id !== 'accuracy' || !Number.isFinite(value)) return showNumber(value, language);
  return value.toLocaleString(language, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
}
