import { criticalLine, meanLogChi, nonlinearityOf, shelves } from '@fuga/engine';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { parse } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fuga, results } from './sweepProcess.js';

/** The phase diagram of examples/tanh-phase.sweep.yaml with 6 × 6 in place of its 16 × 16 cells, over the same area. */
const example = parse(
  readFileSync(new URL('../examples/tanh-phase.sweep.yaml', import.meta.url), 'utf8'),
) as {
  base: { model: { depth: number; width: number } };
  axes: {
    'model.init.lecunNormal': { count: number };
    'model.bias.normal': { count: number };
    seed: number[];
  };
};
const CELLS = 6;

let folder: string;
let out: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-report-'));
  out = join(folder, 'phase');
  const { axes } = example;
  expect([axes['model.init.lecunNormal'].count, axes['model.bias.normal'].count, axes.seed.length]).toEqual([
    16, 16, 3,
  ]);
  axes['model.init.lecunNormal'].count = CELLS;
  axes['model.bias.normal'].count = CELLS;
  const sweep = join(folder, 'phase.sweep.yaml');
  await writeFile(
    sweep,
    JSON.stringify({ ...example, name: 'Phases </script><img src=x onerror="document.title=1">' }),
  );
  const { code, stderr } = await fuga(['sweep', sweep, '--out', out, '--quiet']).ended;
  expect([code, stderr]).toEqual([0, '']);
}, 90_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('the measured gradient ratio agrees with the theory in every cell, and changes its sign at the critical line', async () => {
  const { depth, width } = example.base.model;
  const phi = nonlinearityOf(shelves.activations['tanh']!, {})!;
  const [header, ...lines] = (await results(out))
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  const column = (name: string) => header!.indexOf(name);
  const cells = new Map<string, number[]>();
  for (const line of lines) {
    const key = `${line[column('model.init.lecunNormal')]} ${line[column('model.bias.normal')]}`;
    cells.set(key, [...(cells.get(key) ?? []), Number(line[column('gradientDecades')])]);
  }
  expect(cells.size).toBe(CELLS * CELLS);
  const edge = criticalLine(phi);
  let compared = 0;
  for (const [key, decades] of cells) {
    expect(decades).toHaveLength(3);
    const [sw2, sb2] = key.split(' ').map((sigma) => Number(sigma) ** 2) as [number, number];
    const predicted = meanLogChi(phi, { sw2, sb2 }, depth);
    // ln of the squared ratio, a layer.
    const measured =
      decades.reduce((sum, each) => sum + 2 * Math.LN10 * each, 0) / decades.length / (depth - 1);
    // Of one network Var ln|Ju|² is at most about 5 L / n (Hanin & Nica 2018): three standard errors, and 2 %.
    const band = 0.02 + (3 * Math.sqrt((5 * depth) / (width * decades.length))) / (depth - 1);
    expect(
      Math.abs(measured - predicted),
      `σ_w² = ${sw2}, σ_b² = ${sb2}: ${measured} for ${predicted}`,
    ).toBeLessThan(band);
    const critical = edge.find((point) => point.sb2 >= sb2)!.sw2;
    if (Math.abs(predicted) < band || Math.abs(sw2 - critical) < 0.3) continue;
    compared++;
    expect(Math.sign(measured), `σ_w² = ${sw2}, σ_b² = ${sb2}`).toBe(Math.sign(sw2 - critical));
  }
  expect(compared).toBeGreaterThan(15);
});

test('the report is one file that asks for nothing, draws what it says, and is safe against its own data', async () => {
  const { code, stdout } = await fuga(['report', out]).ended;
  expect([code, stdout.trim()]).toEqual([0, join(out, 'report.html')]);
  const html = await readFile(join(out, 'report.html'), 'utf8');
  expect(html).toContain('theory: χ = 1');
  expect(html).not.toMatch(/<img|(src|href)="(?!#)/);
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1240, height: 900 } });
    const problems: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`file://${join(out, 'report.html')}`);
    expect(await page.title()).toMatch(/^Phases <\/script><img/);
    expect(await page.locator('.panel >> nth=0 >> .cells rect').count()).toBe(CELLS * CELLS);
    expect(await page.locator('.panel >> nth=0 >> path.theory').first().getAttribute('d')).toMatch(
      /^M[\d.]+ [\d.]+L/,
    );
    // The table: sorted by a click, filtered by words and by columns.
    expect(await page.locator('#body tr').count()).toBe(100);
    await page.fill('#filter', 'seed=2 lecunNormal>1.9');
    expect(await page.locator('#count').textContent()).toBe(`${CELLS} of ${3 * CELLS * CELLS} trials`);
    await page.click('th >> text=gradient ratio');
    const ratios = await page.locator('#body tr td:nth-child(7)').allTextContents();
    expect(ratios.map(Number)).toEqual(ratios.map(Number).sort((a, b) => a - b));
    // Back to the spec: what the row's button shows is the trial itself.
    await page.click('#body tr >> nth=0 >> button');
    const spec = JSON.parse((await page.locator('#spec-text').textContent())!) as {
      seed: number;
      model: { init: object };
    };
    expect([spec.seed, spec.model.init]).toEqual([2, { lecunNormal: 2 }]);
    await page.click('#spec-close');
    await page.click('label:has-text("Findings")');
    expect(await page.locator('.panel:visible >> nth=0 >> .cells rect').count()).toBe(CELLS * CELLS);
    await page.click('#theme');
    expect(problems).toEqual([]);
    expect(requests).toEqual([`file://${join(out, 'report.html')}`]);
  } finally {
    await browser.close();
  }
}, 60_000);

test('a folder that holds no sweep gets no report', async () => {
  const none = await fuga(['report', folder]).ended;
  expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/holds no sweep/)]);
});
