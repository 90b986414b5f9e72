import type { Command } from 'commander';
import { guarded } from '../commandLine.js';
import { exitCodes } from '../failure.js';
import { queryFolders, type Answer } from '../sweep/query.js';
import { csvCell } from '../sweep/resultsCsv.js';

const examples = `Examples:
  fuga query 'SELECT "model.depth", avg(metric) FROM trials GROUP BY 1 ORDER BY 1' depth
  fuga query 'SELECT depth, median(gradientRms) FROM sites GROUP BY 1 ORDER BY 1' depth --csv
  fuga query 'DESCRIBE trials' depth
`;

/** `fuga query`: SQL about a sweep. */
export default function defineQuery(program: Command): Command {
  return program
    .command('query')
    .summary('ask a sweep in SQL, where DuckDB is installed')
    .description(
      'Answers SQL about the folders of sweeps. Tables: trials (one row a trial), sites (one row a site of a trial).',
    )
    .argument('<sql>', 'a query')
    .argument('<folder...>', 'folders of "fuga sweep"')
    .option('--json', 'print one JSON document: a list of rows')
    .option('--csv', 'print CSV')
    .addHelpText('before', examples)
    .action(
      guarded(async (sql: string, folders: string[], { json, csv }: { json?: boolean; csv?: boolean }) => {
        const answer = await queryFolders(sql, folders);
        process.stdout.write(json ? asJson(answer) : csv ? asCsv(answer) : asTable(answer));
        return exitCodes.done;
      }),
    );
}

function asJson({ columns, rows }: Answer): string {
  return `${JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]]))),
    null,
    2,
  )}\n`;
}

function asCsv({ columns, rows }: Answer): string {
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function asTable({ columns, rows }: Answer): string {
  const cells = [columns, ...rows].map((row) =>
    row.map((value) =>
      value === null || value === undefined
        ? ''
        : typeof value === 'object'
          ? JSON.stringify(value)
          : String(value),
    ),
  );
  const widths = columns.map((_, c) => Math.max(...cells.map((row) => row[c]!.length)));
  const isNumber = columns.map((_, c) => rows.every((row) => row[c] === null || typeof row[c] === 'number'));
  const lines = cells.map((row) =>
    row
      .map((cell, c) => (isNumber[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return `${lines.join('\n')}\n`;
}
