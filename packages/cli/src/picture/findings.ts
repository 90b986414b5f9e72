import type { DiagnosisReport, Finding } from '@fuga/engine';
import { padEnd, paint, widthOf, wrap, type Terminal } from '../terminal.js';
import { showNumber, showSetting, wordsIn, type Language } from '../words/words.js';

const MARGIN = '  ';
/** Site names shown before "and 12 more". */
const MOST_NAMES = 4;

/** The findings: what, where, why, what to do, on what evidence. */
export function findingLines(report: DiagnosisReport, terminal: Terminal, language: Language): string[] {
  return report.findings.flatMap((finding, i) => [
    ...(i > 0 ? [''] : []),
    ...oneFinding(finding, report, terminal, language),
  ]);
}

function oneFinding(
  finding: Finding,
  report: DiagnosisReport,
  terminal: Terminal,
  language: Language,
): string[] {
  const words = wordsIn(language);
  const { unicode } = terminal;
  const title = `${unicode ? '✗' : 'x'} ${finding.title}`;
  const meter = severityMeter(finding.severity, terminal, language);
  const space = ' '.repeat(Math.max(2, terminal.width - 4 - widthOf(title) - widthOf(meter)));
  const lines = [`${MARGIN}${paint(terminal, ['title', 'bad'], title)}${space}${meter}`];
  const say = (key: string, text: string, ink: 'plain' | 'quiet' = 'plain') => {
    if (text === '') return;
    const keys =
      Math.max(...[words.what, words.where, words.why, words.todo, words.shown, words.source].map(widthOf)) +
      2;
    wrap(text, terminal.width - 6 - keys).forEach((line, i) => {
      const shownKey = paint(terminal, 'accent', padEnd(i === 0 ? ascii(key, terminal) : '', keys));
      lines.push(`${MARGIN}  ${shownKey}${ink === 'quiet' ? paint(terminal, 'quiet', line) : line}`);
    });
  };
  const cause = finding.consequenceOf && report.findings.find(({ id }) => id === finding.consequenceOf);
  say(words.what, ascii(finding.message, terminal));
  say(words.where, ascii(place(finding, language), terminal));
  say(
    words.why,
    ascii(`${finding.cause.detail}${cause ? ` (${words.follows(cause.title)})` : ''}`, terminal),
  );
  say(
    words.todo,
    ascii(
      `${finding.advice}${finding.remedies.length > 0 ? ` [${finding.remedies.join(', ')}]` : ''}`,
      terminal,
    ),
  );
  say(words.shown, ascii(evidenceOf(finding, language), terminal), 'quiet');
  say(words.source, ascii(finding.source, terminal), 'quiet');
  return lines;
}

function place({ sites }: Finding, language: Language): string {
  const words = wordsIn(language);
  if (sites.length === 0) return words.wholeNetwork;
  const shown = sites.slice(0, MOST_NAMES).join(', ');
  return sites.length > MOST_NAMES ? `${shown} ${words.moreSites(sites.length - MOST_NAMES)}` : shown;
}

function evidenceOf({ evidence }: Finding, language: Language): string {
  return Object.entries(evidence)
    .map(
      ([key, value]) =>
        `${key}\u00a0${Number.isInteger(value) && Math.abs(value) < 1e6 ? showSetting(value, language) : showNumber(value, language)}`,
    )
    .join(', ');
}

/** Ten small blocks and the number. */
function severityMeter(severity: number, terminal: Terminal, language: Language): string {
  const full = Math.max(1, Math.round(severity * 10));
  const [on, off] = terminal.unicode ? ['▰', '▱'] : ['*', '.'];
  const share = severity.toLocaleString(language, { style: 'percent', maximumFractionDigits: 0 });
  return `${paint(terminal, 'quiet', wordsIn(language).severity)} ${paint(terminal, 'bad', on!.repeat(full))}${paint(terminal, 'quiet', off!.repeat(10 - full))} ${share}`;
}

// eslint-disable-next-line no-control-regex -- the escape character is what colours start with
const FOREIGN = /[^\x1b\n\x20-\x7e]/g;

const plain: Record<string, string> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '×': 'x',
  '√': 'sqrt ',
  π: 'pi',
  χ: 'chi',
  '…': '...',
  '’': "'",
  '·': '*',
  '≥': '>=',
  '≤': '<=',
  '→': '->',
  '\u00a0': ' ',
  '∂': 'd',
  '∞': 'inf',
  '²': '^2',
  '‖': '||',
  '§': 'section ',
  '∈': 'in',
  '∝': '~',
  '≈': '~',
  '≫': '>>',
  '≪': '<<',
  '⟨': '<',
  '⟩': '>',
  Σ: 'sum',
  Π: 'prod',
  '∏': 'prod',
  '∑': 'sum',
  '∫': 'integral',
  α: 'alpha',
  β: 'beta',
  γ: 'gamma',
  δ: 'delta',
  Δ: 'delta',
  ε: 'eps',
  θ: 'theta',
  λ: 'lambda',
  μ: 'mu',
  ρ: 'rho',
  σ: 'sigma',
  τ: 'tau',
  φ: 'phi',
};

/** Signs that an ASCII terminal cannot show, spelled out; letters with accents lose them. Colours and line ends stay. */
export function ascii(text: string, { unicode }: Terminal): string {
  if (unicode) return text;
  return text
    .replace(
      /[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g,
      (power) =>
        `^${[...power].map((sign) => (sign === '⁻' ? '-' : String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(sign)))).join('')}`,
    )
    .replace(FOREIGN, (sign) => plain[sign] ?? sign.normalize('NFKD').replace(FOREIGN, ''));
}
