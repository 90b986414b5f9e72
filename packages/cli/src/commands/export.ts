import { Option, type Command } from 'commander';
import { guarded } from '../commandLine.js';

interface ExportFlags {
  readonly to: string;
  readonly out?: string;
  readonly shape?: string;
  readonly json?: boolean;
}

const formats = ['csv', 'parquet', 'tensorboard', 'safetensors', 'pytorch'];

const examples = `Examples:
  fuga export net.fuga.yaml --to pytorch     the network as a PyTorch module, on standard output
  fuga export net.onnx --to pytorch --out net.py   a network's file; its weights beside it, net.safetensors
  fuga export run --to pytorch               with the trained weights, under PyTorch's names
  fuga export run --to safetensors           the final weights
  fuga export run --to csv                   what was measured, step by step and site by site
  fuga export run --to tensorboard           then: tensorboard --logdir run/export
  fuga export depth --to parquet             a sweep's tables, for DuckDB, pandas, polars
`;

/** `fuga export`: a folder of "fuga sweep" or "fuga train", or a spec, in other programs' formats. */
export default function defineExport(program: Command): Command {
  return program
    .command('export')
    .summary('write a run, a sweep or a spec in other programs’ formats')
    .description(
      'Writes what a folder of "fuga sweep" or "fuga train" holds in a format that other programs read;\na spec or a network (.onnx, .keras, .h5, .json) as PyTorch.',
    )
    .argument('<path>', 'a folder of "fuga sweep" or "fuga train", a run spec, or a network')
    .addOption(new Option('--to <format>', 'the format').choices(formats).makeOptionMandatory())
    .option('--out <path>', 'where to (default: FOLDER/export; a spec: standard output)')
    .option('--shape <axes>', 'of a network’s input, batch first, where the file leaves it open')
    .option('--json', 'print the paths as one JSON document')
    .addHelpText('before', examples)
    .action(guarded(exportPath));
}

async function exportPath(path: string, flags: ExportFlags): Promise<number> {
  const [{ stat }, { Failure, readFailure }] = await Promise.all([
    import('node:fs/promises'),
    import('../failure.js'),
  ]);
  const found = await stat(path).catch((error: unknown) => {
    throw readFailure(path, error);
  });
  if (found.isDirectory()) return exportFolder(path, flags);
  if (flags.to !== 'pytorch') {
    throw new Failure(
      `${path} is a file: only --to pytorch writes one; the others want the folder of a run or a sweep`,
    );
  }
  const [{ exportFileToPyTorch }, { readShape }] = await Promise.all([
    import('../exportPyTorch.js'),
    import('../network.js'),
  ]);
  const shape = flags.shape === undefined ? {} : { shape: readShape(flags.shape) };
  const { code, weights } = await exportFileToPyTorch(path, shape);
  if (flags.out === undefined) {
    process.stdout.write(code);
    return 0;
  }
  const { writeFileAtomic } = await import('../sweep/atomicFile.js');
  const { writeFailure } = await import('../failure.js');
  const files: [string, string | Uint8Array][] = [[flags.out, code]];
  if (weights) files.push([`${flags.out.replace(/\.py$/i, '')}.safetensors`, weights]);
  for (const [name, content] of files) {
    await writeFileAtomic(name, content).catch((error: unknown) => {
      throw writeFailure(name, error);
    });
  }
  tell(
    files.map(([name]) => name),
    flags,
  );
  return 0;
}

async function exportFolder(folder: string, flags: ExportFlags): Promise<number> {
  const [{ makeFolder }, { targets }, { writeFailure }, { exportFolderToPyTorch }] = await Promise.all([
    import('../sweep/atomicFile.js'),
    import('../sweep/exportFolder.js'),
    import('../failure.js'),
    import('../exportPyTorch.js'),
  ]);
  const { out = `${folder}/export`, to } = flags;
  await makeFolder(out).catch((error: unknown) => {
    throw writeFailure(out, error);
  });
  tell(await (to === 'pytorch' ? exportFolderToPyTorch : targets[to]!)(folder, out), flags);
  return 0;
}

function tell(paths: readonly string[], { to, json }: ExportFlags): void {
  process.stdout.write(
    json ? `${JSON.stringify({ format: 'fuga-export-1', to, paths }, null, 2)}\n` : `${paths.join('\n')}\n`,
  );
}
