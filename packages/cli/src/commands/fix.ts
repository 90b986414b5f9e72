import type { DataShape, RunSpec } from '@fuga/engine';
import type { Command } from 'commander';
import {
  guarded,
  languageOf,
  wholeNumber,
  withOutputFlags,
  withRunFlags,
  type CommonFlags,
} from '../commandLine.js';
import type { Change } from '../picture/changes.js';

interface FixFlags extends CommonFlags {
  readonly out?: string;
  readonly seeds: number;
  readonly workers?: number;
  readonly data?: string;
  readonly pairs?: boolean;
  readonly adam?: boolean;
}

const examples = `Examples:
  fuga fix net.fuga.yaml                       which remedy cures it? proven over five seeds
  fuga fix net.fuga.yaml --out cured.fuga.yaml and the treated spec
  fuga fix net.fuga.yaml --seeds 10 --json     for programs
`;

/** `fuga fix`: remedies, each proven by a paired comparison. */
export default function defineFix(program: Command): Command {
  const command = program
    .command('fix')
    .summary('try the remedies that fit, prove the best, write the treated spec')
    .description(
      'Tries the remedies that fit the findings, alone and in pairs, each against the patient over the same seeds\nand batch order; ranks them; writes the best spec. Exit code 4 where the patient is not cured.',
    )
    .argument('<file>', 'a run spec (.fuga.yaml, .json) or a network (.onnx, .keras, .h5, Keras’ .json)')
    .option('--out <file>', 'write the treated spec')
    .option('--seeds <n>', 'seeds of the proof', wholeNumber(2), 5)
    .option('--workers <n>', 'trials at a time (default: one a core)', wholeNumber(1))
    .option('--data <file>', 'data in place of the spec’s: .npz, .safetensors or .csv with x and y')
    .option('--no-pairs', 'single remedies only')
    .option('--no-adam', 'do not repeat the proof under Adam')
    .addHelpText('before', examples);
  return withOutputFlags(withRunFlags(command)).action(guarded(fixFile));
}

async function fixFile(file: string, flags: FixFlags): Promise<number> {
  const [
    { EngineError, fix, writeSpec },
    { exitCodes, failureAt },
    { openSubject },
    { proving },
    { subjectOf },
  ] = await Promise.all([
    import('@fuga/engine'),
    import('../failure.js'),
    import('../openSubject.js'),
    import('../trials/proving.js'),
    import('../network.js'),
  ]);
  const language = languageOf(flags);
  const { source, spec, data, network } = await openSubject(file, flags);
  try {
    // A network's shape knows how to record it, and stays on this thread.
    const shape = network ? (await subjectOf({ spec, data, network })).data?.shape : data?.shape;
    const report = await proving({ ...flags, data, network }, (bench) =>
      fix(spec, {
        ...bench,
        seeds: flags.seeds,
        language,
        pairs: flags.pairs ?? true,
        underAdam: flags.adam ?? true,
        ...(shape ? { data: shape } : {}),
      }),
    );
    if (flags.out) {
      const { writeFileAtomic } = await import('../sweep/atomicFile.js');
      await writeFileAtomic(
        flags.out,
        flags.out.endsWith('.json') ? `${JSON.stringify(report.spec, null, 2)}\n` : writeSpec(report.spec),
      );
    }
    if (flags.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else {
      const { fixPage } = await import('../picture/proof.js');
      const { terminalOf } = await import('../terminal.js');
      const pyTorch = network ? [] : await pyTorchChanges(spec, report.spec, data?.shape);
      process.stdout.write(
        fixPage(report, terminalOf(process.stdout, flags), language, flags.out ?? null, pyTorch),
      );
    }
    const sound = report.before.verdict === 'healthy' || report.cured;
    return sound ? exitCodes.done : exitCodes.found;
  } catch (error) {
    if (error instanceof EngineError) throw failureAt(error, source);
    throw error;
  }
}

/** The lines that the treatment changes in PyTorch; none where PyTorch has no words for the network. */
async function pyTorchChanges(
  before: RunSpec,
  after: unknown,
  shape: DataShape | undefined,
): Promise<Change[]> {
  const [{ EngineError, exportPyTorch }, { changes }] = await Promise.all([
    import('@fuga/engine'),
    import('../picture/changes.js'),
  ]);
  try {
    return changes(exportPyTorch(before, shape).code, exportPyTorch(after, shape).code);
  } catch (error) {
    if (error instanceof EngineError) return [];
    throw error;
  }
}
