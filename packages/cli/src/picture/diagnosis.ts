import type { DiagnosisReport, RunSpec } from '@fuga/engine';
import { ascii, findingLines } from './findings.js';
import { flowed } from './flowed.js';
import { flowPicture } from './flow.js';
import { timePicture } from './time.js';
import { clip, paint, widthOf, type Terminal } from '../terminal.js';
import type { RunFacts, TimeFlow } from '../tasks/task.js';
import {
  showCount,
  showNumber,
  showSetting,
  showTime,
  wordsIn,
  type Language,
  type Words,
} from '../words/words.js';

/** All that a diagnosis shows. */
export interface DiagnosisView {
  readonly report: DiagnosisReport;
  readonly facts: RunFacts;
  readonly time: TimeFlow;
  readonly spec: RunSpec;
  /** The file, for the line that says what to run next. */
  readonly file: string;
}

/** The whole page: verdict, picture, findings, facts, what to do next. */
export function diagnosisPage(
  view: DiagnosisView,
  terminal: Terminal,
  language: Language,
  options: { readonly all: boolean },
): string {
  const words = wordsIn(language);
  const { report, file } = view;
  const healthy = report.verdict === 'healthy';
  const next = healthy
    ? paint(terminal, 'good', `${terminal.unicode ? '✓ ' : ''}${ascii(words.healthyLine, terminal)}`)
    : `${terminal.unicode ? '→ ' : ''}${ascii(words.tryFix(paint(terminal, 'title', `fuga fix ${file}`)), { ...terminal, unicode: true })}`;
  const sections = [
    titleLines(view, terminal, language),
    flowPicture(report, terminal, language, options),
    timePicture(view.time, terminal, language),
    findingLines(report, terminal, language),
    [...footLines(view, terminal, language), `  ${next}`],
  ];
  return `\n${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n\n`;
}

function titleLines(
  { report, facts, spec }: DiagnosisView,
  terminal: Terminal,
  language: Language,
): string[] {
  const words = wordsIn(language);
  const healthy = report.verdict === 'healthy';
  const sign = terminal.unicode ? (healthy ? '✓ ' : '✗ ') : '';
  const what = healthy
    ? words.healthy
    : `${words.unhealthy}: ${report.findings[0]?.title.toLowerCase() ?? ''}`;
  const verdict = ascii(`${sign}${what}`, terminal);
  const room = terminal.width - 4 - 2 - widthOf(verdict);
  const shownVerdict = paint(terminal, ['title', healthy ? 'good' : 'bad'], verdict);
  const beside = room >= 12;
  const name = clip(ascii(report.subject, terminal), beside ? room : terminal.width - 4, terminal);
  const gap = ' '.repeat(Math.max(2, terminal.width - 4 - widthOf(name) - widthOf(verdict)));
  const about = [
    words.sites(facts.sites),
    words.parameters(showCount(facts.parameters, language)),
    String(spec.data.source),
    `${spec.optimizer.type} ${showSetting(spec.optimizer.lr, language)}`,
    words.seed(String(spec.seed)),
  ].join(terminal.unicode ? ' · ' : ', ');
  return [
    `  ${paint(terminal, 'title', name)}${beside ? gap + shownVerdict : ''}`,
    ...(beside ? [] : [`  ${shownVerdict}`]),
    `  ${paint(terminal, 'quiet', clip(ascii(about, terminal), terminal.width - 4, terminal))}`,
  ];
}

/** Loss, steps, time, what probing cost, which kernels. */
function footLines({ facts }: DiagnosisView, terminal: Terminal, language: Language): string[] {
  const words = wordsIn(language);
  const arrow = terminal.unicode ? '→' : '->';
  const share = facts.probeShare.toLocaleString(language, { style: 'percent', maximumFractionDigits: 1 });
  const parts = [
    `${words.loss} ${showNumber(facts.loss.first, language)} ${arrow} ${showNumber(facts.loss.last, language)}`,
    words.steps(showCount(facts.steps, language)),
    `${showTime(facts.elapsedMs, language)} (${showTime(facts.stepMs, language)} ${words.aStep}, ${words.probes(share)})`,
    words.kernels(facts.kernels),
  ];
  const separator = terminal.unicode ? ' · ' : ', ';
  return [
    ...flowed(parts, separator, terminal.width - 4).map(
      (line) => `  ${paint(terminal, 'quiet', ascii(line, terminal))}`,
    ),
    ...endNotes(facts, words, language).map((note) => `  ${paint(terminal, 'warn', ascii(note, terminal))}`),
  ];
}

/** Why there were fewer steps than wanted. */
export function endNotes(facts: RunFacts, words: Words, language: Language): string[] {
  if (facts.stopped) return [words.diverged(showCount(facts.stopped.step, language))];
  if (facts.steps < facts.wantedSteps) {
    return [words.interrupted(showCount(facts.steps, language), showCount(facts.wantedSteps, language))];
  }
  return [];
}
