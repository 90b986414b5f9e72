import { wordsIn as engineWords, type Comparison, type FixReport, type TreatmentReport } from '@fuga/engine';
import { clip, padEnd, paint, widthOf, wrap, type Terminal } from '../terminal.js';
import { showNumber, type Language } from '../words/words.js';
import { drawBar, hueOf } from './bar.js';
import { ascii } from './findings.js';
import { logScale } from './scale.js';
import type { Change } from './changes.js';
import { tableLines, type Column } from './table.js';

const words = {
  en: {
    cured: 'cured by',
    helped: 'helped, not cured, by',
    nothing: 'no remedy helped',
    sound: 'healthy: nothing to cure',
    healthy: 'healthy',
    unhealthy: 'unhealthy',
    before: 'before',
    after: 'after',
    patient: 'the patient',
    remedy: 'remedy',
    verdict: 'verdict',
    loss: 'loss',
    effect: 'effect on the loss',
    interval: '95 % interval',
    size: 'size',
    time: 'time',
    stopped: (names: string) => `Given up early, behind the others: ${names}.`,
    pyTorch: 'What changes in PyTorch',
    more: (lines: number) => `… ${lines} more lines; all of it: fuga export FILE --to pytorch`,
    cost: 'parameters, time',
    flow: 'rms of the gradient at each site at init, before and after',
    adam: 'Under Adam',
    adamSays: (before: string, after: string, p: string) =>
      `loss ${before} before, ${after} after, p = ${p}.`,
    adamHolds: 'The cure holds there too.',
    adamHides: 'There the difference is not clear: Adam hides a weak gradient by dividing by its size.',
    refused: 'does not apply',
    written: (path: string) => `The treated spec: ${path}`,
    seeds: (n: number) => `${n} seeds, the same data in the same order for both`,
    better: 'better',
    worse: 'worse',
    same: 'no clear difference',
  },
  'pt-BR': {
    cured: 'curada por',
    helped: 'melhorou, sem curar, com',
    nothing: 'nenhum remédio ajudou',
    sound: 'saudável: nada a curar',
    healthy: 'saudável',
    unhealthy: 'doente',
    before: 'antes',
    after: 'depois',
    patient: 'o paciente',
    remedy: 'remédio',
    verdict: 'veredito',
    loss: 'perda',
    effect: 'efeito na perda',
    interval: 'intervalo de 95 %',
    size: 'tamanho',
    time: 'tempo',
    stopped: (names: string) => `Abandonados cedo, atrás dos outros: ${names}.`,
    pyTorch: 'O que muda em PyTorch',
    more: (lines: number) => `… mais ${lines} linhas; tudo: fuga export ARQUIVO --to pytorch`,
    cost: 'parâmetros, tempo',
    flow: 'rms do gradiente em cada ponto na inicialização, antes e depois',
    adam: 'Com Adam',
    adamSays: (before: string, after: string, p: string) =>
      `perda ${before} antes, ${after} depois, p = ${p}.`,
    adamHolds: 'A cura vale também ali.',
    adamHides: 'Ali a diferença não é clara: o Adam esconde um gradiente fraco ao dividir pelo seu tamanho.',
    refused: 'não se aplica',
    written: (path: string) => `A especificação tratada: ${path}`,
    seeds: (n: number) => `${n} sementes, os mesmos dados na mesma ordem para ambos`,
    better: 'melhor',
    worse: 'pior',
    same: 'sem diferença clara',
  },
} as const;

/** The proof: verdict, ranked table, gradient flow before and after, why, what does not apply. */
export function fixPage(
  report: FixReport,
  terminal: Terminal,
  language: Language,
  written: string | null,
  pyTorch: readonly Change[] = [],
): string {
  const w = words[language];
  const { unicode, width } = terminal;
  const titles = report.best.map((id) => engineWords(language).remedies[id].title).join(' + ');
  const isSound = report.before.verdict === 'healthy' && report.best.length === 0;
  const verdict = isSound
    ? paint(terminal, ['good', 'title'], `${unicode ? '✓' : 'ok'} ${ascii(w.sound, terminal)}`)
    : report.best.length === 0
      ? paint(terminal, ['bad', 'title'], `${unicode ? '✗' : 'x'} ${ascii(w.nothing, terminal)}`)
      : report.cured
        ? paint(
            terminal,
            ['good', 'title'],
            `${unicode ? '✓' : 'ok'} ${ascii(`${w.cured} ${titles}`, terminal)}`,
          )
        : paint(terminal, ['warn', 'title'], `~ ${ascii(`${w.helped} ${titles}`, terminal)}`);
  const lines = [
    '',
    `  ${paint(terminal, 'title', clip(ascii(report.subject, terminal), width - 4, terminal))}`,
    `  ${verdict}`,
    `  ${paint(terminal, 'quiet', ascii(`${report.before.findings.join(', ') || w.healthy} · ${report.optimizer} · ${w.seeds(report.seeds.length)}`, terminal))}`,
    '',
    ...trialTable(report, terminal, language),
    '',
    ...flowLines(report, terminal, language),
  ];
  for (const id of report.best) {
    const { title, why } = engineWords(language).remedies[id];
    lines.push(
      `  ${paint(terminal, 'title', ascii(title, terminal))}`,
      ...wrap(ascii(why, terminal), width - 6).map((line) => `    ${line}`),
      '',
    );
  }
  lines.push(...changeLines(pyTorch, terminal, language));
  if (report.underAdam) {
    const { before, after, effect } = report.underAdam;
    const said = w.adamSays(
      showNumber(median(before.loss), language),
      showNumber(median(after.loss), language),
      showNumber(effect.p, language),
    );
    lines.push(
      ...wrap(
        ascii(`${w.adam}: ${said} ${effect.ci95[1] < 0 ? w.adamHolds : w.adamHides}`, terminal),
        width - 4,
      ).map((line) => `  ${line}`),
      '',
    );
  }
  for (const { remedy, because } of report.refused) {
    const text = `${engineWords(language).remedies[remedy].title} ${w.refused}: ${because}`;
    lines.push(
      ...wrap(ascii(text, terminal), width - 4).map((line) => paint(terminal, 'quiet', `  ${line}`)),
    );
  }
  lines.push(
    ...wrap(ascii(report.method, terminal), width - 4).map((line) => paint(terminal, 'quiet', `  ${line}`)),
  );
  if (written) lines.push('', `  ${unicode ? '→' : '->'} ${w.written(written)}`);
  return `${lines.join('\n')}\n\n`;
}

function trialTable(report: FixReport, terminal: Terminal, language: Language): string[] {
  const w = words[language];
  const health = (verdict: 'healthy' | 'unhealthy') =>
    paint(terminal, verdict === 'healthy' ? 'good' : 'bad', ascii(w[verdict], terminal));
  const times = terminal.unicode ? '×' : 'x';
  const number = (value: number | null) => ascii(showNumber(value, language), terminal);
  const row = ({ remedies, verdict, effect, cost }: TreatmentReport): string[] => [
    remedies.join(' + '),
    health(verdict),
    `${number(effect.median)} [${number(effect.ci95[0])}, ${number(effect.ci95[1])}]`,
    number(effect.p),
    `${times}${number(cost.parameters)}`,
    `${times}${number(cost.timePerStep)}`,
  ];
  const loss = `${w.loss} ${number(median(report.before.loss))}`;
  const patient = [w.patient, health(report.before.verdict), loss, '', '', ''];
  const whole = report.trials.filter(({ stoppedAfter }) => stoppedAfter === null);
  const dropped = report.trials.filter(({ stoppedAfter }) => stoppedAfter !== null);
  const table = tableLines(
    [
      { title: w.remedy },
      { title: w.verdict },
      { title: `${w.effect} [95 %]` },
      { title: 'p', align: 'right' },
      { title: w.size, align: 'right' },
      { title: w.time, align: 'right' },
    ].map((column) => ({ ...column, title: ascii(column.title, terminal) }) as Column),
    [patient, ...whole.map(row)],
    terminal,
  );
  if (dropped.length === 0) return table;
  const names = dropped.map(({ remedies }) => remedies.join('\u00a0+\u00a0')).join(', ');
  return [
    ...table,
    ...wrap(w.stopped(names), terminal.width - 4).map((line) =>
      paint(terminal, 'quiet', `  ${ascii(line, terminal)}`),
    ),
  ];
}

/** Lines of PyTorch shown at most; of a longer change only what is new. */
const MOST_CHANGES = 20;

/** The few lines that change in PyTorch. */
function changeLines(pyTorch: readonly Change[], terminal: Terminal, language: Language): string[] {
  const all = pyTorch.filter(({ line }) => line.trim() !== '' && !line.startsWith('#'));
  const lines = all.length <= MOST_CHANGES ? all : all.filter(({ sign }) => sign === '+');
  if (lines.length === 0) return [];
  const w = words[language];
  const ink = { '-': 'bad', '+': 'good' } as const;
  return [
    `  ${paint(terminal, 'title', w.pyTorch)}`,
    ...lines
      .slice(0, MOST_CHANGES)
      .map(
        ({ sign, line }) =>
          `  ${paint(terminal, ink[sign], clip(`${sign} ${line}`, terminal.width - 4, terminal))}`,
      ),
    ...(lines.length > MOST_CHANGES
      ? [`  ${paint(terminal, 'quiet', ascii(w.more(lines.length - MOST_CHANGES), terminal))}`]
      : []),
    '',
  ];
}

/** Two bars a site, before and after, on one log scale; a treatment that changes the sites is drawn by depth. */
function flowLines({ flow }: FixReport, terminal: Terminal, language: Language): string[] {
  const { before, after } = flow;
  if (!after) return [];
  const w = words[language];
  const rows = thin(before.sites.length);
  const names = Math.max(...rows.map((i) => widthOf(before.sites[i]!)));
  const cells = Math.max(10, Math.floor((terminal.width - names - 8) / 2));
  const values = [...before.gradient, ...after.gradient].map((value) => value ?? 0);
  const scale = logScale(values, cells);
  const last = (gradient: readonly (number | null)[]) => gradient.at(-1) ?? 0;
  const bar = (gradient: readonly (number | null)[], at: number) => {
    const value = gradient[at] ?? null;
    const hue = hueOf(value ? Math.log10(last(gradient) / value) : NaN);
    return drawBar({ value, band: null, hue }, scale, terminal);
  };
  const end = terminal.unicode ? '▏' : '|';
  return [
    `  ${paint(terminal, 'quiet', ascii(w.flow, terminal))}`,
    `  ${padEnd('', names)}  ${padEnd(paint(terminal, 'quiet', w.before), cells + 2)}${paint(terminal, 'quiet', w.after)}`,
    ...rows.map((i) => {
      const deep = Math.round((i / Math.max(1, before.sites.length - 1)) * (after.sites.length - 1));
      return `  ${padEnd(before.sites[i]!, names)} ${end}${bar(before.gradient, i)} ${end}${bar(after.gradient, deep)}`.trimEnd();
    }),
    '',
  ];
}

/** At most 24 sites, evenly taken, both ends included. */
function thin(count: number): number[] {
  const most = 24;
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}

/** Two specs side by side. */
export function comparisonPage(report: Comparison, terminal: Terminal, language: Language): string {
  const w = words[language];
  const { a, b, effect, cost } = report;
  const clear = effect.ci95[1] < 0 ? w.better : effect.ci95[0] > 0 ? w.worse : w.same;
  const ink = effect.ci95[1] < 0 ? 'good' : effect.ci95[0] > 0 ? 'bad' : 'warn';
  const row = (side: Comparison['a']) => [
    side.name,
    w[side.verdict],
    showNumber(median(side.loss)),
    showNumber(median(side.metric)),
  ];
  return `${[
    '',
    `  ${paint(terminal, 'title', `A ${a.name}`)}`,
    `  ${paint(terminal, 'title', `B ${b.name}`)}   ${paint(terminal, [ink, 'title'], `B: ${clear}`)}`,
    `  ${paint(terminal, 'quiet', w.seeds(report.seeds.length))}`,
    '',
    ...tableLines(
      [
        { title: '' },
        { title: w.verdict },
        { title: w.loss, align: 'right' },
        { title: 'metric', align: 'right' },
      ],
      [row(a), row(b)],
      terminal,
    ),
    '',
    `  ${w.effect} ${showNumber(effect.median)} [${showNumber(effect.ci95[0])}, ${showNumber(effect.ci95[1])}], p = ${showNumber(effect.p)}`,
    `  ${w.cost} ×${showNumber(cost.parameters)}, ×${showNumber(cost.timePerStep)}`,
    '',
  ].join('\n')}\n`;
}

function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const half = known.length >> 1;
  return known.length % 2 ? known[half]! : (known[half - 1]! + known[half]!) / 2;
}
