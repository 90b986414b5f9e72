import { splitLoss, type RunDescription, type RunSpec, type SiteInfo } from '@fuga/engine';
import { ascii } from './findings.js';
import { flowed } from './flowed.js';
import { tableLines } from './table.js';
import { clip, padEnd, paint, type Terminal } from '../terminal.js';
import { showBytes, showCount, showSetting, wordsIn, type Language, type Words } from '../words/words.js';

/** More sites than this are shown as the first and the last ones. */
const MOST_SITES = 60;

/** `crossEntropy`, or `crossEntropy (labelSmoothing 0.1)`. */
function lossText(spec: RunSpec['loss']): string {
  const { type, options } = splitLoss(spec);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? type
    : `${type} (${given.map(([name, value]) => `${name} ${[value].flat().join(' ')}`).join(', ')})`;
}

/** What a spec means: its sites, their shapes and parameters, and the memory a run needs. */
export function descriptionPage(
  { spec, sites, parameters, memory, input, output }: RunDescription,
  terminal: Terminal,
  language: Language,
  options: { readonly all: boolean },
): string {
  const words = wordsIn(language);
  const times = terminal.unicode ? '×' : 'x';
  const shape = (axes: readonly number[]) => (axes.length === 0 ? '1' : axes.join(` ${times} `));
  const dot = terminal.unicode ? ' · ' : ', ';
  const about = [
    words.parameters(showCount(parameters, language)),
    `${spec.data.source}, batch ${spec.data.batch}`,
    lossText(spec.loss),
    `${spec.optimizer.type} ${showSetting(spec.optimizer.lr, language)}`,
    words.steps(showCount(spec.steps, language)),
    words.seed(String(spec.seed)),
  ];
  const cut = sites.length > MOST_SITES && !options.all;
  const shown = cut ? [...sites.slice(0, MOST_SITES / 2), null, ...sites.slice(-MOST_SITES / 2)] : sites;
  const rows = shown.map((site) => {
    if (!site)
      return [ascii(`… ${words.moreSites(sites.length - MOST_SITES)} (--all)`, terminal), '', '', ''];
    const branch = site.name.split('/').length - 1;
    const indent = branch === 0 ? '' : `${'  '.repeat(branch - 1)}${terminal.unicode ? '└ ' : '  '}`;
    const own = countOf(site);
    return [
      indent + site.name.slice(site.name.lastIndexOf('/') + 1),
      shape(site.shape),
      own === 0 ? '' : showCount(own, language),
      site.activation && site.activation.fn !== 'identity' ? site.activation.fn : '',
    ];
  });
  const table = tableLines(
    [
      { title: ascii(words.site, terminal) },
      { title: ascii(words.shape, terminal) },
      { title: ascii(words.count, terminal), align: 'right' },
      { title: ascii(words.activation, terminal) },
    ],
    [
      [ascii(words.input, terminal), shape(input), '', ''],
      ...rows,
      [ascii(words.output, terminal), shape(output), showCount(parameters, language), ''],
    ],
    terminal,
  );
  return [
    '',
    `  ${paint(terminal, 'title', clip(ascii(spec.name, terminal), terminal.width - 4, terminal))}`,
    ...flowed(about, dot, terminal.width - 4).map(
      (line) => `  ${paint(terminal, 'quiet', ascii(line, terminal))}`,
    ),
    '',
    ...table,
    '',
    ...memoryLines(memory, words, terminal, language),
    '',
    '',
  ].join('\n');
}

function countOf({ parameters }: SiteInfo): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((product, axis) => product * axis, 1), 0);
}

/** `memory 1.2 MiB: activations 300 KiB, …` with a bar of the shares. */
function memoryLines(
  memory: RunDescription['memory'],
  words: Words,
  terminal: Terminal,
  language: Language,
): string[] {
  const parts = (
    [
      [words.needParameters, memory.parameters],
      [words.needOptimizer, memory.optimizer],
      [words.needActivations, memory.activations],
      [words.needData, memory.data],
      [words.needProbes, memory.probes],
    ] as const
  ).filter(([, bytes]) => bytes > 0);
  const names = Math.max(...parts.map(([name]) => name.length));
  const block = terminal.unicode ? '█' : '#';
  return [
    `  ${paint(terminal, 'quiet', ascii(`${words.memory}, ${words.total} ${showBytes(memory.total, language)}`, terminal))}`,
    ...parts.map(([name, bytes]) => {
      const length = Math.max(1, Math.round((24 * bytes) / memory.total));
      return `  ${padEnd(ascii(name, terminal), names)}  ${paint(terminal, 'accent', block.repeat(length))} ${showBytes(bytes, language)}`;
    }),
  ];
}
