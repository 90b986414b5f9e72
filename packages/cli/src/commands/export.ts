import { Option, type Command } from 'commander';
import { guarded } from '../commandLine.js';
import { exitCodes } from '../failure.js';
import { makeFolder } from '../sweep/atomicFile.js';
import { targets } from '../sweep/exportFolder.js';
import { explainWriteError } from '../sweep/sweepError.js';

const examples = `Examples:
  fuga export depth --to parquet             a sweep's tables, for DuckDB, pandas, polars
  fuga export depth --to csv --out tables
  fuga export run --to tensorboard           then: tensorboard --logdir run/export
  fuga export run --to safetensors           the final weights
`;

/** `fuga export`: a folder of "fuga sweep" or "fuga train" in other programs' formats. */
export default function defineExport(program: Command): Command {
  return program
    .command('export')
    .summary('write a folder in other programs’ formats')
    .description(
      'Writes what a folder of "fuga sweep" or "fuga train" holds in a format that other programs read.',
    )
    .argument('<folder>', 'a folder of "fuga sweep" or "fuga train"')
    .addOption(new Option('--to <format>', 'the format').choices(Object.keys(targets)).makeOptionMandatory())
    .option('--out <folder>', 'where to (default: FOLDER/export)')
    .option('--json', 'print the paths as one JSON document')
    .addHelpText('before', examples)
    .action(
      guarded(
        async (
          folder: string,
          { to, out = `${folder}/export`, json }: { to: string; out?: string; json?: boolean },
        ) => {
          try {
            await makeFolder(out);
          } catch (error) {
            throw explainWriteError(error, out);
          }
          const paths = await targets[to]!(folder, out);
          process.stdout.write(
            json
              ? `${JSON.stringify({ format: 'fuga-export-1', to, paths }, null, 2)}\n`
              : `${paths.join('\n')}\n`,
          );
          return exitCodes.done;
        },
      ),
    );
}
