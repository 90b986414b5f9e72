import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planSweep } from './plan.js';
import { loadSweep, resolveTrial } from './sweepFile.js';
import { TrialRunner, type TrialOutcome } from './trial.js';

let folder: string;
const table = (rows: number, columns: readonly string[], value: (row: number) => string) =>
  `${columns.join(',')}\n${Array.from({ length: rows }, (_, row) => value(row)).join('\n')}\n`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-file-sweep-'));
  await mkdir(join(folder, 'base'));
  const at = (row: number) => [Math.sin(row), Math.cos(3 * row)] as const;
  await writeFile(
    join(folder, 'base', 'two.csv'),
    table(60, ['a', 'b', 'kind'], (row) => `${at(row).join(',')},${at(row)[0] > 0 ? 'high' : 'low'}`),
  );
  await writeFile(
    join(folder, 'three.csv'),
    table(
      60,
      ['a', 'b', 'c', 'kind'],
      (row) => `${at(row).join(',')},${row % 5},${['x', 'y', 'z'][row % 3]}`,
    ),
  );
  await writeFile(
    join(folder, 'base', 'run.fuga.yaml'),
    'fuga: 1\ndata: { csv: two.csv, target: kind, batch: 8 }\nmodel: { type: mlp, width: 4, depth: 1 }\nsteps: 5\n',
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function load(name: string, text: string) {
  await writeFile(join(folder, name), text);
  return loadSweep(join(folder, name), {}, true);
}

async function outcomes(loaded: Awaited<ReturnType<typeof load>>): Promise<TrialOutcome[]> {
  const runner = new TrialRunner();
  const ends: TrialOutcome[] = [];
  for (const trial of loaded.sweep.trials()) {
    const { id, spec } = await resolveTrial(trial);
    const task = { id, spec, exact: true, maxBytes: 1e9, checkpoint: null, keep: null };
    ends.push(await runner.run(task, { progress: () => undefined, cancelled: () => false }));
  }
  return ends;
}

describe('a sweep whose data lie in a file', () => {
  test('finds the file beside the base spec, plans, and runs every trial on it', async () => {
    const loaded = await load(
      'width.sweep.yaml',
      'fugaSweep: 1\nbase: base/run.fuga.yaml\naxes: { model.width: [4, 8], seed: [1, 2] }\n',
    );
    const plan = await planSweep(loaded, { part: 0, parts: 1 }, true, 1);
    expect(plan.trials).toBe(4);
    expect(plan.refused).toEqual([]);
    const ends = await outcomes(loaded);
    expect(ends.map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'done']);
  });

  test('may sweep over files whose shapes differ', async () => {
    const loaded = await load(
      'files.sweep.yaml',
      'fugaSweep: 1\nbase: base/run.fuga.yaml\naxes: { data.csv: [base/two.csv, three.csv] }\n',
    );
    const specs = await Promise.all([...loaded.sweep.trials()].map(resolveTrial));
    expect(specs.map(({ spec }) => spec.data['csv'])).toEqual([
      join(folder, 'base', 'two.csv'),
      join(folder, 'three.csv'),
    ]);
    expect(specs[0]!.id).not.toBe(specs[1]!.id);
    const losses = (await outcomes(loaded)).map((end) => (end.kind === 'done' ? end.row.lossLast : NaN));
    expect(losses.every(Number.isFinite)).toBe(true);
  });

  test('says which file is not there before anything runs', async () => {
    await expect(
      load('gone.sweep.yaml', 'fugaSweep: 1\nbase: base/run.fuga.yaml\naxes: { data.csv: [gone.csv] }\n'),
    ).rejects.toThrow(/data\.csv.*gone\.csv/s);
  });
});
