import type { Command } from 'commander';
import { guarded } from '../commandLine.js';
import { mergeFolders } from '../sweep/merge.js';
import { exitCodes } from '../failure.js';

const examples = `
Examples:
  fuga merge part1 part2 part3 --out whole     join the shards of a sweep
  fuga sweep depth.sweep.yaml --out whole --resume   run what no shard had`;

/** `fuga merge`: many folders of one sweep into one. */
export default function defineMerge(program: Command): Command {
  return program
    .command('merge')
    .summary('join the shards of a sweep')
    .description(
      'Joins the folders of shards into one: every trial once, in one journal and one results.csv.',
    )
    .argument('<folder...>', 'folders of "fuga sweep --shard"')
    .option('--out <folder>', 'the new folder', 'merged')
    .option('--json', 'print the summary as one JSON document')
    .addHelpText('before', examples)
    .action(
      guarded(async (folders: string[], { out, json }: { out: string; json?: boolean }) => {
        const summary = await mergeFolders(folders, out);
        const { trials, done, failed, missing, shared, disagreeing } = summary;
        if (json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
        else
          process.stdout.write(
            `${out}: ${done} of ${trials} trials done${failed > 0 ? `, ${failed} failed` : ''}, from ${folders.length} folders\n`,
          );
        if (missing > 0)
          process.stderr.write(
            `${missing} trials are in none of the folders; run them by --resume --out ${out}\n`,
          );
        if (disagreeing > 0)
          process.stderr.write(
            `${disagreeing} of ${shared} trials that two folders had differ; the first was kept (--exact makes all machines agree)\n`,
          );
        return failed > 0 || missing > 0 ? exitCodes.someFailed : exitCodes.done;
      }),
    );
}
