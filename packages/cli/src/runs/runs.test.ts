import { probeIds, readTrace, resolveSpec, writeSpec } from '@fuga/engine';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { targets } from '../sweep/exportFolder.js';
import { run as trainJob } from '../tasks/train.js';
import { readRun } from './readRun.js';
import { buildRunReport } from './report.js';

const folder = mkdtempSync(join(tmpdir(), 'fuga-run-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

beforeAll(async () => {
  const spec = resolveSpec({
    fuga: 1,
    name: 'Sick & <small>',
    data: { source: 'digits', batch: 32 },
    model: { type: 'mlp', depth: 12, width: 16, activation: 'sigmoid' },
    steps: 60,
  });
  writeFileSync(join(folder, 'spec.yaml'), writeSpec(spec));
  await trainJob(
    {
      task: 'train',
      spec,
      data: null,
      network: null,
      weights: null,
      exact: true,
      language: 'en',
      folder,
    },
    { progress: () => undefined, cancelled: () => false },
  );
});

const read = (path: string) => readFileSync(path, 'utf8');
const table = (path: string) =>
  read(path)
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));

describe('a folder of fuga train', () => {
  test('is exported as CSV: every loss, every site of every recorded step', async () => {
    const trace = readTrace(read(join(folder, 'trace.json')));
    const [steps, sites] = await targets['csv']!(folder, folder);
    const [head, ...rows] = table(steps!);
    expect(head).toEqual(['step', 'loss', 'lr', 'gradNorm', 'accuracy']);
    expect(rows.map(([step, loss]) => [Number(step), Number(loss)]).slice(0, 60)).toEqual(
      trace.losses.map((loss, i) => [i, loss]),
    );
    const scores = rows.flatMap(([step, , , , score]) =>
      score === '' ? [] : [[Number(step), Number(score)]],
    );
    expect(scores).toEqual(trace.metrics.map(({ step, value }) => [step, value]));
    const [siteHead, ...siteRows] = table(sites!);
    expect(siteHead).toEqual(['step', 'site', 'type', 'depth', ...probeIds]);
    expect(siteRows).toHaveLength(trace.records.length * trace.sites.length);
    const column = siteHead!.indexOf('gradientRms');
    expect(Number(siteRows[0]![column])).toBeGreaterThan(0);
    expect(Number(siteRows[0]![column])).toBeLessThan(1e-6); // 12 sigmoids away from the loss
  });

  test('is exported as Parquet', async () => {
    const paths = await targets['parquet']!(folder, folder);
    expect(paths.map((path) => path.slice(folder.length + 1))).toEqual(['steps.parquet', 'sites.parquet']);
    for (const path of paths) expect(readFileSync(path).subarray(0, 4).toString()).toBe('PAR1');
  });

  test('its report says what ails it, draws it, and asks the network for nothing', async () => {
    const run = (await readRun(folder))!;
    expect(run.end).toMatchObject({ reason: 'done', verdict: 'unhealthy' });
    const page = buildRunReport(run);
    expect(page).toContain('vanishing');
    expect(page).toContain(run.end!.findings![0]!.message.slice(0, 20));
    expect(page).toContain('Sick &#38; &#60;small&#62;');
    expect(page).not.toContain('<small>');
    expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(3);
    expect(page).not.toMatch(/https?:|undefined|NaN/);
    expect(page).toContain("default-src 'none'");
  });

  test('a run that was killed has a report too', async () => {
    const killed = mkdtempSync(join(tmpdir(), 'fuga-killed-'));
    try {
      for (const name of ['spec.yaml', 'trace.json'])
        writeFileSync(join(killed, name), read(join(folder, name)));
      const lines = read(join(folder, 'journal.jsonl')).trim().split('\n');
      writeFileSync(join(killed, 'journal.jsonl'), lines.slice(0, -1).join('\n'));
      const run = (await readRun(killed))!;
      expect(run.end).toBeNull();
      expect(buildRunReport(run)).toContain('Gradient by site');
    } finally {
      rmSync(killed, { recursive: true, force: true });
    }
  });

  test('another folder is none', async () => {
    expect(await readRun(tmpdir())).toBeNull();
  });
});
