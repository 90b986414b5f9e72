import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFolder } from './folder.js';
import { writeSitesParquet, writeTrialsParquet } from './resultsParquet.js';
import { exitCodes, SweepError } from './sweepError.js';

/** An answer of the database: names of columns, and rows of plain values. */
export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What is used of DuckDB; it is not among fuga's dependencies. */
interface Duck {
  readonly DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<DuckConnection>; closeSync(): void }>;
  };
}

interface DuckConnection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{
    columnNames(): string[];
    columnTypes(): readonly unknown[];
    getRowsJson(): unknown[][];
  }>;
  closeSync(): void;
}

/**
 * Answers SQL about a sweep's folder. Tables: `trials` (results.csv, typed) and `sites` (one row for each site of each
 * trial). Several folders are tables of one, told apart by `folder`.
 */
export async function queryFolders(sql: string, folders: readonly string[]): Promise<Answer> {
  const { DuckDBInstance } = await loadDuck();
  const scratch = await mkdtemp(join(tmpdir(), 'fuga-query-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const selects: { trials: string[]; sites: string[] } = { trials: [], sites: [] };
    for (const [i, folder] of folders.entries()) {
      const { sweep, ledger } = await readFolder(folder);
      for (const table of ['trials', 'sites'] as const) {
        const path = join(scratch, `${table}${i}.parquet`);
        if (table === 'trials') await writeTrialsParquet(path, folder, sweep, ledger);
        else await writeSitesParquet(path, folder, ledger);
        selects[table].push(`SELECT ${quote(folder)} AS folder, * FROM read_parquet(${quote(path)})`);
      }
    }
    for (const table of ['trials', 'sites'] as const) {
      await connection.run(`CREATE VIEW ${table} AS ${selects[table].join(' UNION ALL BY NAME ')}`);
    }
    const reader = await connection.runAndReadAll(sql).catch((error: unknown) => {
      throw new SweepError((error as Error).message, exitCodes.usage);
    });
    const asText = reader.columnTypes().map((type) => NUMBERS_AS_TEXT.test(String(type)));
    const rows = reader
      .getRowsJson()
      .map((row) => row.map((value, column) => (asText[column] ? asNumber(value) : value)));
    return { columns: reader.columnNames(), rows };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function loadDuck(): Promise<Duck> {
  const name = '@duckdb/node-api'; // a variable: the compiler must not ask for a package that may be absent
  try {
    return (await import(name)) as Duck;
  } catch {
    throw new SweepError(
      `queries are answered by DuckDB, which is not installed here: npm install ${name}. Without it: fuga export FOLDER --to parquet, and any tool that reads Parquet.`,
    );
  }
}

/** Types that DuckDB writes as text in JSON, because a number may not hold them: every count is one. */
const NUMBERS_AS_TEXT = /^(U?BIGINT|U?HUGEINT|DECIMAL.*)$/;

/** The number that a text stands for; the text itself where a number cannot hold it. */
function asNumber(value: unknown): unknown {
  const number = typeof value === 'string' ? Number(value) : NaN;
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : value;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
