import { DuckDBInstance } from '@duckdb/node-api';
import { ParquetTable } from '@fuga/engine';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { csvCell } from '../packages/cli/src/sweep/resultsCsv.js';
import { fuga, results } from './sweepProcess.js';

let folder: string;
let sweep: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-tables-'));
  sweep = join(folder, 'small.sweep.yaml');
  await writeFile(
    sweep,
    `fugaSweep: 1
name: small
base: { fuga: 1, data: { source: digits, batch: 32 }, model: { type: mlp, width: 16 }, steps: 20 }
axes:
  model.depth: [1, 3]
  model.activation: [tanh, { fn: leakyRelu, slope: 0.1 }]
  optimizer.lr: [0.1, 1.0e+9]
  seed: [1, 2, 3]
`,
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function rows(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

test('DuckDB reads the Parquet that we write: 100,000 rows in groups, NaN, infinities, missing values, any text', async () => {
  const path = join(folder, 'table.parquet');
  const parts: Uint8Array[] = [];
  const table = new ParquetTable(
    [
      { name: 'i', type: 'integer' },
      { name: 'x', type: 'number' },
      { name: 'text', type: 'text' },
      { name: 'flag', type: 'boolean' },
    ],
    (bytes) => parts.push(bytes),
  );
  const special = [NaN, Infinity, -Infinity, null, 0.1, -1e-300];
  for (let i = 0; i < 100_000; i++)
    table.add([i, special[i % 6], i % 3 === 0 ? null : `ação ${i} "…"`, i % 2 === 0]);
  table.finish();
  expect(parts.length).toBeGreaterThan(4); // handed out as it went, not at the end
  await writeFile(path, Buffer.concat(parts));
  const from = `FROM read_parquet('${path}')`;
  expect(
    await rows(
      `SELECT count(*), sum(i), count(text), count_if(flag), count_if(isnan(x)), count_if(isinf(x)), count(x) ${from}`,
    ),
  ).toEqual([['100000', '4999950000', '66666', '50000', '16667', '33334', '83333']]);
  expect(await rows(`SELECT i, x, text ${from} WHERE i IN (4, 99995) ORDER BY i`)).toEqual([
    ['4', 0.1, 'ação 4 "…"'],
    ['99995', -1e-300, 'ação 99995 "…"'],
  ]);
});

test('the same sweep on 1, 2 and 4 workers, and in shards that are merged: the same bytes', async () => {
  const run = async (name: string, ...flags: string[]) => {
    const { code, stderr } = await fuga([
      'sweep',
      sweep,
      '--out',
      join(folder, name),
      '--exact',
      '--quiet',
      ...flags,
    ]).ended;
    expect([code, stderr]).toEqual([0, '']);
    return join(folder, name);
  };
  const one = await results(await run('one', '--workers', '1'));
  expect(one.trimEnd().split('\r\n')).toHaveLength(25);
  expect(await results(await run('two', '--workers', '2'))).toBe(one);
  expect(await results(await run('four', '--workers', '4'))).toBe(one);
  const shards = [
    await run('s1', '--shard', '1/3'),
    await run('s2', '--shard', '2/3'),
    await run('s3', '--shard', '3/3', '--workers', '1'),
  ];
  const merged = join(folder, 'merged');
  const merge = await fuga(['merge', ...shards, '--out', merged, '--json']).ended;
  expect([merge.code, JSON.parse(merge.stdout)]).toEqual([
    0,
    expect.objectContaining({ trials: 24, done: 24, missing: 0, shared: 0 }),
  ]);
  expect(await results(merged)).toBe(one);
  const partial = await fuga([
    'merge',
    shards[0]!,
    shards[1]!,
    shards[0]!,
    '--out',
    join(folder, 'partial'),
    '--json',
  ]).ended;
  expect([partial.code, JSON.parse(partial.stdout)]).toEqual([
    3,
    expect.objectContaining({ done: 16, missing: 8, shared: 8, disagreeing: 0 }),
  ]);
  const rest = await fuga([
    'sweep',
    sweep,
    '--out',
    join(folder, 'partial'),
    '--exact',
    '--resume',
    '--quiet',
  ]).ended;
  expect([rest.code, await results(join(folder, 'partial'))]).toEqual([0, one]);
  const stranger = await fuga([
    'merge',
    shards[0]!,
    await run('relaxed', '--steps', '3'),
    '--out',
    join(folder, 'no'),
  ]).ended;
  expect([stranger.code, stranger.stderr]).toEqual([2, expect.stringMatching(/do not belong together/)]);
}, 60_000);

test('what diverged is in the tables as it is: NaN in CSV, in Parquet, and in a query', async () => {
  const one = join(folder, 'one');
  const csv = await results(one);
  const header = csv.split('\r\n')[0]!.split(',');
  expect(header.slice(0, 6)).toEqual([
    'trial',
    'id',
    'model.depth',
    'model.activation',
    'optimizer.lr',
    'seed',
  ]);
  expect(csv).toMatch(/,nonFinite,/);
  const exported = await fuga(['export', one, '--to', 'parquet']).ended;
  expect(exported.code).toBe(0);
  const trials = `read_parquet('${join(one, 'export', 'trials.parquet')}')`;
  const sites = `read_parquet('${join(one, 'export', 'sites.parquet')}')`;
  const fromCsv = csv
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .filter((line) => line.includes(',nonFinite,')).length;
  expect(fromCsv).toBeGreaterThan(0);
  expect(
    await rows(
      `SELECT count(*), count_if(stopped = 'nonFinite'), count_if(NOT isfinite("lossLast")) FROM ${trials}`,
    ),
  ).toEqual([['24', String(fromCsv), String(fromCsv)]]);
  expect(await rows(`SELECT DISTINCT "model.activation" FROM ${trials} ORDER BY 1`)).toEqual([
    ['tanh'],
    ['{"fn":"leakyRelu","slope":0.1}'],
  ]);
  // Depth 1: hidden and output layer; depth 3: four.
  expect(await rows(`SELECT count(*), count(DISTINCT trial) FROM ${sites}`)).toEqual([
    [String(12 * 2 + 12 * 4), '24'],
  ]);
  const query = await fuga([
    'query',
    'SELECT "model.depth" AS d, count(*) AS n FROM trials GROUP BY 1 ORDER BY 1',
    one,
    '--json',
  ]).ended;
  expect([query.code, JSON.parse(query.stdout)]).toEqual([
    0,
    [
      { d: 1, n: 12 },
      { d: 3, n: 12 },
    ],
  ]);
});

test('two folders are compared by the trials that both have', async () => {
  const other = join(folder, 'other');
  expect(
    (await fuga(['sweep', sweep, '--out', other, '--exact', '--quiet', '--steps', '5']).ended).code,
  ).toBe(0);
  const { code, stdout } = await fuga(['compare', join(folder, 'one'), other, '--json']).ended;
  const told = JSON.parse(stdout) as {
    pairs: number;
    differences: unknown;
    measures: { name: string; larger: { a: number; b: number } }[];
  };
  expect([code, told.pairs, told.differences]).toEqual([0, 24, [{ path: 'base.steps', a: 20, b: 5 }]]);
  const loss = told.measures.find(({ name }) => name === 'loss, last')!;
  expect(loss.larger.b).toBeGreaterThan(loss.larger.a); // fewer steps, more loss left
});

test('text that a spreadsheet would run is made harmless; numbers stay numbers', () => {
  expect(['=1+1', '+A1', '-2', '@x', '\tq', 'plain', 'a,"b"', null, -2, NaN].map(csvCell)).toEqual([
    "'=1+1",
    "'+A1",
    "'-2",
    "'@x",
    "'\tq",
    'plain',
    '"a,""b"""',
    '',
    '-2',
    'NaN',
  ]);
});

test('TensorBoard’s own reader, where python3 has it, reads our event files; else their checksums are checked elsewhere', async () => {
  const out = join(folder, 'kept');
  expect(
    (
      await fuga(['sweep', sweep, '--out', out, '--keep', 'trace', 'weights', '--steps', '8', '--quiet'])
        .ended
    ).code,
  ).toBe(0);
  const exported = await fuga(['export', out, '--to', 'tensorboard', '--json']).ended;
  const { paths } = JSON.parse(exported.stdout) as { paths: string[] };
  expect(paths).toHaveLength(24);
  const weights = await fuga(['export', out, '--to', 'safetensors', '--json']).ended;
  expect((JSON.parse(weights.stdout) as { paths: string[] }).paths).toHaveLength(24);
  const bytes = await readFile(paths[0]!);
  expect(bytes.subarray(12 + 9 + 2, 12 + 9 + 2 + 13).toString()).toBe('brain.Event:2');
  const python = process.env['FUGA_PYTHON'] ?? 'python3';
  const script = `
import sys, json
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
run = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'histograms': 0}); run.Reload()
tags = run.Tags()
histogram = run.Histograms('activation/0.dense')[0].histogram_value
print(json.dumps({'scalars': len(tags['scalars']), 'histograms': tags['histograms'], 'losses': [e.value for e in run.Scalars('loss')], 'steps': [e.step for e in run.Scalars('gradientRms/0.dense')], 'count': sum(histogram.bucket)}))`;
  if (spawnSync(python, ['-c', 'import tensorboard']).status !== 0) return;
  const read = spawnSync(python, ['-c', script, paths[0]!], { encoding: 'utf8' });
  expect(read.status, read.stderr).toBe(0);
  const told = JSON.parse(read.stdout) as {
    scalars: number;
    histograms: string[];
    losses: number[];
    steps: number[];
    count: number;
  };
  expect(told.steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(told.losses).toHaveLength(8);
  expect(told.histograms).toContain('log10 |gradient|/0.dense');
  expect(told.count).toBe(32 * 16); // batch × width
}, 60_000);
