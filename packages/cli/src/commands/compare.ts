import type { Command } from 'commander';
import {
  guarded,
  languageOf,
  wholeNumber,
  withOutputFlags,
  withRunFlags,
  type CommonFlags,
} from '../commandLine.js';

interface CompareFlags extends CommonFlags {
  readonly seeds: number;
  readonly workers?: number;
}

const examples = `Examples:
  fuga compare plain.fuga.yaml residual.fuga.yaml
  fuga compare a.fuga.yaml b.fuga.yaml --seeds 10 --json
  fuga compare run1 run2             two finished runs, or two sweeps, by their folders
`;

/** `fuga compare`: two specs, paired. */
export default function defineCompare(program: Command): Command {
  const command = program
    .command('compare')
    .summary('compare two specs over the same seeds and batch order')
    .description(
      'Runs A and B on the same seeds and batch order, and says what B does better or worse, with its interval.',
    )
    .argument('<a>', 'a run spec, or a folder of "fuga train" or "fuga sweep"')
    .argument('<b>', 'another one')
    .option('--seeds <n>', 'seeds', wholeNumber(2), 5)
    .option('--workers <n>', 'runs at a time (default: one a core)', wholeNumber(1))
    .addHelpText('before', examples);
  return withOutputFlags(withRunFlags(command)).action(guarded(compareFiles));
}

async function compareFiles(fileA: string, fileB: string, flags: CompareFlags): Promise<number> {
  const { compareFolders, isFolder, showComparison } = await import('../sweep/compareFolders.js');
  if ((await isFolder(fileA)) && (await isFolder(fileB))) {
    const comparison = await compareFolders(fileA, fileB);
    const { toJson } = await import('../sweep/numbers.js');
    process.stdout.write(flags.json ? `${toJson(comparison, 2)}\n` : showComparison(comparison));
    return 0;
  }
  const [{ compare }, { exitCodes }, { openSubject }, { proving }] = await Promise.all([
    import('@fuga/engine'),
    import('../failure.js'),
    import('../openSubject.js'),
    import('../trials/proving.js'),
  ]);
  const [a, b] = [await openSubject(fileA, flags), await openSubject(fileB, flags)];
  const report = await proving({ ...flags, data: a.data, network: null }, (bench) =>
    compare(a.spec, b.spec, { ...bench, seeds: flags.seeds, ...(a.data ? { data: a.data.shape } : {}) }),
  );
  if (flags.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else {
    const { comparisonPage } = await import('../picture/proof.js');
    const { terminalOf } = await import('../terminal.js');
    process.stdout.write(comparisonPage(report, terminalOf(process.stdout, flags), languageOf(flags)));
  }
  return exitCodes.done;
}
