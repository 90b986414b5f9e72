import type { Experiment } from '@fuga/engine';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { guarded, languageOf, wholeNumber, withOutputFlags, type CommonFlags } from '../commandLine.js';
import type { LawJob, LawProgress, LawResult } from '../laws/law.js';

interface ExperimentFlags extends CommonFlags {
  readonly list?: boolean;
  readonly all?: boolean;
  readonly budget?: number;
  readonly workers: number;
  readonly report?: string;
}

const examples = `Examples:
  fuga experiment --list                   what there is, and what it costs
  fuga experiment sigmoidDecay             does one sigmoid layer shrink the gradient as the theory says?
  fuga experiment --all --budget 2m        every published law that fits into two minutes
  fuga experiment --all --report laws.html one page with every picture
  fuga experiment --all --report laws.md   a table for a README
`;

/** `fuga experiment`: published results as runnable checks. */
export default function defineExperiment(program: Command): Command {
  const command = program
    .command('experiment')
    .summary('run published results as experiments, and say whether each law held')
    .description(
      'Runs published results on this engine: question, picture, law, predicted against measured, verdict.\nExit code 4 where a law does not hold.',
    )
    .argument('[ids...]', 'experiments to run')
    .option('--list', 'show what there is')
    .option('--all', 'run all of them')
    .option('--budget <time>', 'with --all: only what fits, as 90s or 5m', duration)
    .option('--seed <n>', 'base seed', wholeNumber(0))
    .option('--exact', 'bit-reproducible kernels')
    .option('--report <file>', 'write one HTML page with the pictures, or (.md) a Markdown table')
    .addOption(new Option('--workers <n>', 'experiments at a time').argParser(wholeNumber(1)).default(1))
    .addHelpText('before', examples);
  return withOutputFlags(command).action(guarded(experiment));
}

/** Seconds of `90s`, `5m`, `1h`. */
function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? [];
  if (!number) throw new InvalidArgumentError('expected a time such as 90s, 5m or 1h.');
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'];
}

async function experiment(ids: readonly string[], flags: ExperimentFlags): Promise<number> {
  const [{ experiments }, { exitCodes, Failure }, { terminalOf }, page] = await Promise.all([
    import('@fuga/engine'),
    import('../failure.js'),
    import('../terminal.js'),
    import('../laws/page.js'),
  ]);
  const language = languageOf(flags);
  const terminal = terminalOf(process.stdout, flags);
  const shelf: readonly Experiment[] = Object.values(experiments);
  if (flags.list) {
    const listed = shelf.map(({ measure: _, ...facts }) => facts);
    process.stdout.write(
      flags.json ? `${JSON.stringify(listed, null, 2)}\n` : page.experimentList(shelf, terminal, language),
    );
    return exitCodes.done;
  }
  const chosen = flags.all ? fitting(shelf, flags.budget) : await named(ids, shelf);
  if (chosen.length === 0) {
    throw new Failure('no experiment named; give ids, or --all; fuga experiment --list shows what there is');
  }
  const show = (result: LawResult) => {
    if (!flags.json) process.stdout.write(page.experimentPage(result, terminal, language));
  };
  const results = await runAll(chosen, flags, show);
  if (flags.json) {
    const laws = results.map((result) => ({ ...result, law: page.experimentOf(result.id).law }));
    process.stdout.write(`${JSON.stringify({ format: 'fuga-experiments-1', experiments: laws }, null, 2)}\n`);
  } else if (results.length > 1) process.stdout.write(page.summaryLine(results, terminal, language));
  if (flags.report) {
    const [{ lawReport }, { lawTable }, { writeFileAtomic }] = await Promise.all([
      import('../laws/report.js'),
      import('../laws/markdown.js'),
      import('../sweep/atomicFile.js'),
    ]);
    const text = flags.report.endsWith('.md') ? lawTable(results) : lawReport(results, language);
    await writeFileAtomic(flags.report, text);
  }
  if (results.length < chosen.length) return exitCodes.interrupted;
  return results.every(({ holds }) => holds) ? exitCodes.done : exitCodes.found;
}

/** The cheapest first, as many as fit into the budget. */
function fitting(shelf: readonly Experiment[], budget = Infinity): Experiment[] {
  let left = budget;
  return [...shelf].sort((a, b) => a.seconds - b.seconds).filter(({ seconds }) => (left -= seconds) >= 0);
}

async function named(ids: readonly string[], shelf: readonly Experiment[]): Promise<Experiment[]> {
  const { Failure } = await import('../failure.js');
  return ids.map((id) => {
    const found = shelf.find((item) => item.id === id);
    if (!found) throw new Failure(`no experiment "${id}"; known: ${shelf.map((item) => item.id).join(', ')}`);
    return found;
  });
}

async function runAll(
  chosen: readonly Experiment[],
  flags: ExperimentFlags,
  show: (result: LawResult) => void,
): Promise<LawResult[]> {
  const [{ Pool }, { listenForInterrupt }] = await Promise.all([
    import('../sweep/pool.js'),
    import('../interrupt.js'),
  ]);
  const pool = new Pool<LawJob, LawProgress, LawResult>({
    entry: new URL('../laws/worker.js', import.meta.url),
    size: Math.min(flags.workers, chosen.length),
    heapMb: 4096,
    silenceMs: 600_000,
  });
  const interrupt = listenForInterrupt();
  const stopped = new Promise<null>((resolve) => {
    interrupt.signal.addEventListener('abort', () => {
      resolve(null);
    });
  });
  const talk = process.stderr.isTTY && !flags.quiet && !flags.json;
  const results: LawResult[] = [];
  try {
    const runs = chosen.map(async ({ id }) => {
      const job = { id, seed: flags.seed ?? 1, variant: flags.exact ? ('simd' as const) : null };
      const result = await pool.run(job, ({ done, total }) => {
        if (talk) process.stderr.write(`\r\x1b[2K  ${id} ${Math.round((100 * done) / total)} %`);
      });
      if (interrupt.signal.aborted) return;
      if (talk) process.stderr.write('\r\x1b[2K');
      results.push(result);
      show(result);
    });
    for (const run of runs) run.catch(() => undefined); // after a stop nobody waits for them
    await Promise.race([Promise.all(runs), stopped]);
    return results;
  } finally {
    interrupt.release();
    await pool.close();
  }
}
