import type { Command } from 'commander';
import type { Outcome } from '../tasks/task.js';
import {
  guarded,
  languageOf,
  positiveNumber,
  withOutputFlags,
  withRunFlags,
  type CommonFlags,
} from '../commandLine.js';

interface TrainFlags extends CommonFlags {
  readonly out: string;
  readonly overwrite?: boolean;
  readonly loss?: string;
  readonly weights?: string;
  readonly scale?: string;
  readonly optimizer?: string;
  readonly lr?: number;
}

const examples = `Examples:
  fuga train net.fuga.yaml --out run            train it; the folder gets spec, journal, trace, weights
  fuga train net.fuga.yaml --out run --seed 2   with another seed
  fuga train net.fuga.yaml --out run --exact    the same numbers on every machine
`;

/** `fuga train`: trains a network to the end and keeps what came out. */
export default function defineTrain(program: Command): Command {
  const command = program
    .command('train')
    .summary('train a network; keep weights, journal and trace')
    .description(
      'Trains to the end of the steps. The folder holds spec.yaml, journal.jsonl, trace.json and\nweights.safetensors. Ctrl-C stops and keeps what was done.',
    )
    .argument('<file>', 'a run spec (.fuga.yaml, .json)')
    .requiredOption('--out <folder>', 'folder for what comes out')
    .option('--overwrite', 'take the place of a run that the folder holds')
    .option('--weights <file>', 'weights to start from, .safetensors')
    .option('--scale <letter>', 'for a YOLO model file: n, s, m, l or x')
    .option('--loss <name>', 'another loss')
    .option('--optimizer <name>', 'another optimizer')
    .option('--lr <rate>', 'another learning rate', positiveNumber)
    .addHelpText('before', examples);
  return withOutputFlags(withRunFlags(command)).action(guarded(train));
}

async function train(file: string, flags: TrainFlags): Promise<number> {
  const [
    { EngineError },
    { exitCodes, failureAt },
    { openSubject },
    { openRunFolder },
    { runJob },
    { openProgress },
    { listenForInterrupt },
    { readBytes },
  ] = await Promise.all([
    import('@fuga/engine'),
    import('../failure.js'),
    import('../openSubject.js'),
    import('../runFolder.js'),
    import('../tasks/runJob.js'),
    import('../progress.js'),
    import('../interrupt.js'),
    import('../data/files.js'),
  ]);
  const { wordsIn } = await import('../words/words.js');
  const language = languageOf(flags);
  const { source, spec, data, network } = await openSubject(file, flags);
  await openRunFolder(flags.out, spec, flags.overwrite ?? false);
  const interrupt = listenForInterrupt();
  const line = openProgress(flags.progress ?? 'auto', { ...flags, language });
  try {
    const job = {
      task: 'train',
      spec,
      data,
      network,
      weights: flags.weights === undefined ? null : await readBytes(flags.weights),
      exact: flags.exact ?? false,
      language,
      folder: flags.out,
    } as const;
    const outcome = await runJob(job, line.take, interrupt.signal, () => import('../picture/training.js'));
    line.close();
    if (outcome?.kind !== 'trained') {
      process.stderr.write(`${wordsIn(language).nothingDone}\n`);
      return exitCodes.interrupted;
    }
    await show(outcome, flags);
    return outcome.interrupted ? exitCodes.interrupted : exitCodes.done;
  } catch (error) {
    line.close();
    if (error instanceof EngineError) throw failureAt(error, source);
    throw error;
  } finally {
    interrupt.release();
  }
}

async function show(
  { facts, report, sample, interrupted }: Extract<Outcome, { kind: 'trained' }>,
  flags: TrainFlags,
): Promise<void> {
  if (flags.json) {
    const { toJson } = await import('../sweep/numbers.js');
    const { losses: _, memory, ...rest } = facts;
    const findings = report.findings.map(({ id }) => id);
    const summary = {
      format: 'fuga-train-1',
      ...rest,
      memory: memory.total,
      interrupted,
      folder: flags.out,
      verdict: report.verdict,
      findings,
      ...(sample ? { sample } : {}),
    };
    process.stdout.write(`${toJson(summary, 2)}\n`);
    return;
  }
  const { trainingPage } = await import('../picture/training.js');
  const { terminalOf } = await import('../terminal.js');
  process.stdout.write(
    trainingPage({ facts, report, sample }, flags.out, terminalOf(process.stdout, flags), languageOf(flags)),
  );
}
