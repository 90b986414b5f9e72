import { wordsIn as engineWords, type Comparison, type FixReport, type TreatmentReport } from '@fuga/engine';
import { padEnd, paint, widthOf, wrap, type Terminal } from '../terminal.js';
import { showNumber, type Language } from '../words/words.js';
import { drawBar, hueOf } from './bar.js';
import { ascii } from './findings.js';
import { logScale } from './scale.js';
import { tableLines } from './table.js';

const words = {
  en: {
    cured: 'cured by',
    helped: 'helped, not cured, by',
    nothing: 'no remedy helped',
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
    cost: 'parameters, time',
    stopped: (seeds: number) => `given up after ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`,
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
    cost: 'parâmetros, tempo',
    stopped: (seeds: number) => `abandonado após ${seeds} ${seeds === 1 ? 'semente' : 'sementes'}`,
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
): string {
  const w = words[language];
  const { unicode, width } = terminal;
  const titles = report.best.map((id) => engineWords(language).remedies[id].title).join(' + ');
  const verdict =
    report.best.length === 0
      ? paint(terminal, ['bad', 'title'], `${unicode ? '✗' : 'x'} ${w.nothing}`)
      : report.cured
        ? paint(terminal, ['good', 'title'], `${unicode ? '✓' : 'ok'} ${w.cured} ${ascii(titles, terminal)}`)
        : paint(terminal, ['warn', 'title'], `~ ${w.helped} ${ascii(titles, terminal)}`);
  const lines = [
    '',
    `  ${paint(terminal, 'title', report.subject)}`,
    `  ${verdict}`,
    `  ${paint(terminal, 'quiet', `${report.before.findings.join(', ') || w.healthy} · ${report.optimizer} · ${w.seeds(report.seeds.length)}`)}`,
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
  if (report.underAdam) {
    const { before, after, effect } = report.underAdam;
    const said = w.adamSays(
      showNumber(median(before.loss)),
      showNumber(median(after.loss)),
      showNumber(effect.p),
    );
    lines.push(
      ...wrap(`${w.adam}: ${said} ${effect.ci95[1] < 0 ? w.adamHolds : w.adamHides}`, width - 4).map(
        (line) => `  ${line}`,
      ),
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
    paint(terminal, verdict === 'healthy' ? 'good' : 'bad', w[verdict]);
  const row = (trial: TreatmentReport): string[] => {
    const name = trial.remedies.join(' + ');
    if (trial.stoppedAfter !== null) {
      return [
        paint(terminal, 'quiet', name),
        paint(terminal, 'quiet', w.stopped(trial.stoppedAfter)),
        '',
        '',
        '',
      ];
    }
    const { median: effect, ci95 } = trial.effect;
    return [
      name,
      health(trial.verdict),
      `${showNumber(effect)} [${showNumber(ci95[0])}, ${showNumber(ci95[1])}]`,
      showNumber(trial.effect.p),
      `×${showNumber(trial.cost.parameters)}, ×${showNumber(trial.cost.timePerStep)}`,
    ];
  };
  const patient = [
    w.patient,
    health(report.before.verdict),
    `${w.loss} ${showNumber(median(report.before.loss))}`,
    '',
    '',
  ];
  return tableLines(
    [
      { title: w.remedy },
      { title: w.verdict },
      { title: `${w.effect} [95 %]` },
      { title: 'p', align: 'right' },
      { title: w.cost },
    ],
    [patient, ...report.trials.map(row)],
    terminal,
  );
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
    `  ${paint(terminal, 'quiet', w.flow)}`,
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
