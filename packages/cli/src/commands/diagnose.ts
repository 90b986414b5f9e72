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

interface DiagnoseFlags extends CommonFlags {
  readonly data?: string;
  readonly loss?: string;
  readonly weights?: string;
  readonly scale?: string;
  readonly optimizer?: string;
  readonly lr?: number;
  readonly initOnly?: boolean;
  readonly shape?: string;
  readonly reinit?: boolean;
  readonly all?: boolean;
}

const examples = `Examples:
  fuga diagnose net.fuga.yaml                the picture, the findings, what to do
  fuga diagnose net.fuga.yaml --init-only    before a single step is taken
  fuga diagnose net.fuga.yaml --lr 0.01      with another learning rate
  fuga diagnose net.onnx --data data.npz     a network exported from PyTorch, on your x and y
  fuga diagnose net.fuga.yaml --json | jq '.findings[].id'
  fuga diagnose net.fuga.yaml --quiet || exit  as a check in CI: exit code 4 where a disease is found
`;

/** Steps of training that a diagnosis looks at, unless --steps says otherwise or the network is too large for it. */
const WINDOW = 300;

/** `fuga diagnose`: where the gradient dies, and why. */
export default function defineDiagnose(program: Command): Command {
  const command = program
    .command('diagnose')
    .summary('find where the gradient dies, and why')
    .description(
      'Runs the network at its init and for a short window of training, and shows the gradient at every site,\nthe findings and their causes. Exit code 4 where a disease is found.',
    )
    .argument('<file>', 'a run spec (.fuga.yaml, .json) or a network (.onnx, .keras, .h5, Keras’ .json)')
    .option('--data <file>', 'data in place of the spec’s: .npz, .safetensors or .csv with x and y')
    .option('--shape <sizes>', 'for a network: its input’s shape, batch first, as 1,3,64,64')
    .option('--reinit', 'for a network: draw its weights anew, as training from scratch would')
    .option('--weights <file>', 'weights to start from, .safetensors')
    .option('--scale <letter>', 'for a YOLO model file: n, s, m, l or x')
    .option('--loss <name>', 'another loss')
    .option('--optimizer <name>', 'another optimizer')
    .option('--lr <rate>', 'another learning rate', positiveNumber)
    .option('--init-only', 'look at the init only')
    .option('--all', 'show every site, however many')
    .addHelpText('before', examples);
  return withOutputFlags(withRunFlags(command)).action(guarded(diagnose));
}

async function diagnose(file: string, flags: DiagnoseFlags): Promise<number> {
  const [
    { exitCodes, failureAt },
    { openSubject },
    { runJob },
    { openProgress },
    { listenForInterrupt },
    { readBytes },
  ] = await Promise.all([
    import('../failure.js'),
    import('../openSubject.js'),
    import('../tasks/runJob.js'),
    import('../progress.js'),
    import('../interrupt.js'),
    import('../data/files.js'),
  ]);
  const [{ EngineError }, { readShape }] = await Promise.all([
    import('@fuga/engine'),
    import('../network.js'),
  ]);
  const language = languageOf(flags);
  const { shape, ...rest } = flags;
  const {
    source,
    spec,
    data,
    network,
    window: most = WINDOW,
  } = await openSubject(file, {
    ...rest,
    ...(shape === undefined ? {} : { shape: readShape(shape) }),
  });
  const interrupt = listenForInterrupt();
  const line = openProgress(flags.progress ?? 'auto', { ...flags, language });
  // --init-only still takes a step: the gradients of the init are measured in it, before the update.
  const usual = flags.steps === undefined ? Math.min(WINDOW, most, spec.steps) : spec.steps;
  const window = flags.initOnly ? 1 : usual;
  try {
    const job = {
      task: 'diagnose',
      spec,
      data,
      network,
      weights: flags.weights === undefined ? null : await readBytes(flags.weights),
      exact: flags.exact ?? false,
      language,
      window,
    } as const;
    const outcome = await runJob(job, line.take, interrupt.signal, () => import('../picture/diagnosis.js'));
    line.close();
    if (outcome?.kind !== 'diagnosed') {
      const { wordsIn } = await import('../words/words.js');
      process.stderr.write(`${wordsIn(language).nothingDone}\n`);
      return exitCodes.interrupted;
    }
    await show(file, outcome, flags);
    if (interrupt.signal.aborted) return exitCodes.interrupted;
    return outcome.report.verdict === 'healthy' ? exitCodes.done : exitCodes.found;
  } catch (error) {
    line.close();
    if (error instanceof EngineError) throw failureAt(error, source);
    throw error;
  } finally {
    interrupt.release();
  }
}

async function show(
  file: string,
  outcome: Extract<Outcome, { kind: 'diagnosed' }>,
  flags: DiagnoseFlags,
): Promise<void> {
  const { report, facts, time, spec } = outcome;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const { diagnosisPage } = await import('../picture/diagnosis.js');
  const { terminalOf } = await import('../terminal.js');
  const terminal = terminalOf(process.stdout, flags);
  process.stdout.write(
    diagnosisPage({ report, facts, time, spec, file }, terminal, languageOf(flags), {
      all: flags.all ?? false,
    }),
  );
}
