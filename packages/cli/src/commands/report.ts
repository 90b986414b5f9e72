import type { Command } from 'commander';
import { guarded } from '../commandLine.js';
import { exitCodes } from '../failure.js';
import { readRun } from '../runs/readRun.js';
import { buildRunReport } from '../runs/report.js';
import { writeFileAtomic } from '../sweep/atomicFile.js';
import { readFolder } from '../sweep/folder.js';
import { buildReport } from '../sweep/report/report.js';
import { explainWriteError } from '../sweep/sweepError.js';

const examples = `Examples:
  fuga report depth                     writes depth/report.html: one file, no network needed
  fuga report run                       the same for one run
  fuga report depth --out page.html
`;

/** `fuga report`: a sweep or a run in pictures. */
export default function defineReport(program: Command): Command {
  return program
    .command('report')
    .summary('draw a sweep or a run: phase diagrams, gradient flow, curves, a table')
    .description(
      'Writes one HTML file with the pictures of a sweep, or of one run. It needs no network, and may be made while the\nsweep runs.',
    )
    .argument('<folder>', 'a folder of "fuga sweep", "fuga merge" or "fuga train"')
    .option('--out <file>', 'the file (default: FOLDER/report.html)')
    .option('--json', 'print the path as one JSON document')
    .addHelpText('before', examples)
    .action(
      guarded(
        async (folder: string, { out = `${folder}/report.html`, json }: { out?: string; json?: boolean }) => {
          const run = await readRun(folder);
          const page = run ? buildRunReport(run) : await buildReport(await readFolder(folder));
          try {
            await writeFileAtomic(out, page);
          } catch (error) {
            throw explainWriteError(error, out);
          }
          process.stdout.write(
            json
              ? `${JSON.stringify({ format: 'fuga-report-1', path: out, bytes: Buffer.byteLength(page) })}\n`
              : `${out}\n`,
          );
          return exitCodes.done;
        },
      ),
    );
}
