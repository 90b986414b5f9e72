import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { findBarriers, screenshot } from '../browser.js';
import { drop, setStage } from './stage.js';

const cli = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));
const step = '[data-testid=step]';
const soon = { timeout: 20_000 };
/** A page keeps numbers in one line by spaces of its own. */
const plain = (text: string | null) => (text ?? '').replaceAll(/\s/g, ' ');

const lab = setStage();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-bring-'));
  await writeFile(join(folder, 'tanh.fuga.yaml'), spec);
  await writeFile(join(folder, 'wrong.fuga.yaml'), spec.replace('activation: tanh', 'activation: tahn'));
  await writeFile(join(folder, 'broken.yaml'), 'fuga: 1\nnetwork:\n  - { type: dense, out: 10\n');
  await writeFile(join(folder, 'model.pt'), 'PK\u0003\u0004 archive/data.pkl');
  await writeFile(join(folder, 'picture.jpeg'), Buffer.from([0xff, 0xd8, 0xff]));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const spec = `fuga: 1
name: Brought tanh
seed: 3
data: { source: digits, batch: 32 }
network:
  - { type: dense, out: 24, activation: tanh, init: xavierUniform, repeat: 6 }
  - { type: dense, out: 10 }
optimizer: { type: sgd, lr: 0.05 }
steps: 60
`;

async function openLab(page: Page): Promise<void> {
  await page.goto(lab.url);
  await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 3);
}

describe('what is dropped on the page', () => {
  it('a spec: becomes the patient, and can be undone', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, join(folder, 'tanh.fuga.yaml'));
    await expect
      .poll(() => page.getByText('Its layers are edited in Build.').count(), soon)
      .toBeGreaterThan(0);
    await expect.poll(() => page.getByRole('dialog').count(), soon).toBe(0);
    await page.getByText('Show as a table').first().click();
    await expect.poll(() => page.getByRole('row', { name: /^6\.dense/ }).count(), soon).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => page.getByLabel('Family').inputValue(), soon).toBe('mlp');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('a spec with a mistake: says where, what came and what was meant', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, join(folder, 'wrong.fuga.yaml'));
    const alert = page.getByRole('dialog').getByRole('alert');
    await expect.poll(() => alert.textContent(), soon).toContain('line 6, column');
    expect(await alert.textContent()).toContain('network.0.activation');
    expect(await alert.textContent()).toMatch(/tanh/);
    expect(await alert.locator('pre').textContent()).toContain('activation: tahn');
    await page.getByTestId('files').setInputFiles(join(folder, 'broken.yaml'));
    await expect.poll(() => alert.textContent(), soon).toMatch(/broken\.yaml.*line \d/s);
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, 'bring-fault-1280', false);
    await page.setViewportSize({ width: 360, height: 760 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await screenshot(page, 'bring-fault-360', false);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('a pickle: is refused unread, with the two lines that convert it; unknown files with what is known', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, join(folder, 'model.pt'));
    const alert = page.getByRole('dialog').getByRole('alert');
    await expect.poll(() => alert.textContent(), soon).toContain('A pickle can run any program');
    expect(await alert.locator('pre').textContent()).toMatch(
      /torch\.onnx\.export[\s\S]*safetensors\.torch\.save_file/,
    );
    await drop(page, join(folder, 'picture.jpeg'));
    await expect.poll(() => alert.textContent(), soon).toContain('not known');
    expect(await page.getByTestId('verdict').textContent()).toBeTruthy();
    expect(faults).toEqual([]);
    await context.close();
  });

  it('a run’s folder: is shown again step by step, with its findings, without training', async () => {
    const out = join(folder, 'run');
    const deep = spec.replaceAll('tanh', 'sigmoid').replace('repeat: 6', 'repeat: 16');
    await writeFile(join(folder, 'deep.fuga.yaml'), deep);
    await promisify(execFile)(process.execPath, [
      cli,
      'train',
      join(folder, 'deep.fuga.yaml'),
      '--out',
      out,
      '--exact',
      '--quiet',
    ]);
    const { stdout } = await promisify(execFile)(process.execPath, [
      cli,
      'diagnose',
      join(folder, 'deep.fuga.yaml'),
      '--exact',
      '--json',
    ]).catch((error: { stdout: string }) => error);
    const told = JSON.parse(stdout) as { findings: { id: string; message: string }[] };
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, out);
    const banner = page.getByTestId('banner');
    await expect.poll(() => banner.textContent(), soon).toContain('Recording: run');
    expect(await page.textContent(step)).toBe('60');
    expect(plain(await page.getByTestId('finding').first().textContent())).toContain(
      plain(told.findings[0]!.message),
    );
    await page.waitForTimeout(300);
    expect(await page.textContent(step), 'nothing trains').toBe('60');
    await screenshot(page, 'recording-1280');
    await banner.getByRole('slider').fill('2');
    await expect.poll(async () => Number(await page.textContent(step)), soon).toBeLessThan(60);
    const before = Number(await page.textContent(step));
    await page.getByRole('button', { name: 'One step' }).click();
    await expect.poll(async () => Number(await page.textContent(step)), soon).toBeGreaterThan(before);
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => page.textContent(step), soon).toBe('60');
    expect(await findBarriers(page)).toEqual([]);
    // The trace alone, with no spec beside it, has its picture but no findings.
    await drop(page, join(out, 'trace.json'));
    await expect.poll(() => banner.textContent(), soon).toContain('no diagnosis');
    expect(await page.getByTestId('finding').count()).toBe(0);
    await banner.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.getByLabel('Family').inputValue(), soon).toBe('mlp');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('weights: are put into the network they fit, refused by another', async () => {
    const out = join(folder, 'run');
    expect(existsSync(join(out, 'weights.safetensors')), 'the test before trained it').toBe(true);
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, join(out, 'weights.safetensors'));
    const alert = page.getByRole('dialog').getByRole('alert');
    await expect.poll(() => alert.textContent(), soon).toMatch(/0\.dense\/weight is \[64, 64\], the file's/);
    await drop(page, join(folder, 'deep.fuga.yaml'));
    await expect.poll(() => page.getByRole('dialog').count(), soon).toBe(0);
    await drop(page, join(out, 'weights.safetensors'));
    await expect
      .poll(() => page.getByRole('dialog').getByRole('status').textContent(), soon)
      .toContain('34 tensors set, 0 of the network');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByTestId('banner').textContent(), soon).toContain('weights.safetensors');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('several runs at once, and a file past its limit: are told apart before they are read', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    const big = join(folder, 'big.yaml');
    await writeFile(big, Buffer.alloc(5_000_000, 0x20));
    await drop(page, big);
    const alert = page.getByRole('dialog').getByRole('alert');
    await expect.poll(() => alert.textContent(), soon).toContain('at most 3.81 MiB');
    const two = join(folder, 'two');
    await mkdir(two, { recursive: true });
    await copyFile(join(folder, 'tanh.fuga.yaml'), join(two, 'a.fuga.yaml'));
    await copyFile(join(folder, 'tanh.fuga.yaml'), join(two, 'b.fuga.yaml'));
    await drop(page, two);
    await expect.poll(() => alert.textContent(), soon).toContain('open one at a time');
    expect(await readFile(join(two, 'a.fuga.yaml'), 'utf8')).toBe(spec);
    expect(faults).toEqual([]);
    await context.close();
  });
});
