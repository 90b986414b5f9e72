import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drop, setStage } from './stage.js';

const lab = setStage();
const soon = { timeout: 60_000 };
const fixture = (name: string) => fileURLToPath(new URL(`../golden/keras/${name}`, import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-keras-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const banner = (page: Page) => page.getByTestId('banner').textContent();
const alert = (page: Page) => page.getByRole('dialog').getByRole('alert');
const step = async (page: Page) =>
  Number((await page.getByTestId('step').textContent())?.replaceAll(/\D/g, ''));

it('Keras’ HDF5 is dropped: a whole model, and the weights of a .json; a torn one is refused', async () => {
  const { page, context, faults } = await lab.open();
  await page.goto(lab.url);
  await page.getByTestId('finding').first().waitFor();

  await drop(page, fixture('cnn.h5'));
  await expect.poll(() => banner(page), soon).toContain('cnn.h5');
  await expect.poll(() => step(page), soon).toBeGreaterThan(2);

  await drop(page, fixture('nested.json'), fixture('nested.weights.h5'));
  await expect.poll(() => banner(page), soon).toContain('nested.json');
  await expect.poll(() => step(page), soon).toBeGreaterThan(2);

  // The weights of another model are told by file, dataset and layer.
  const other = join(folder, 'nested.weights.h5');
  await copyFile(fixture('text.weights.h5'), other);
  await drop(page, fixture('nested.json'), other);
  await expect
    .poll(() => alert(page).textContent(), soon)
    .toMatch(/nested\.weights\.h5.*layers\/dense\/vars\/0/s);

  const torn = join(folder, 'torn.h5');
  await writeFile(torn, (await readFile(fixture('cnn.h5'))).subarray(0, 9000));
  await drop(page, torn);
  await expect.poll(() => alert(page).textContent(), soon).toMatch(/torn\.h5.*was not copied whole/s);
  await drop(page, fixture('text.weights.h5'));
  await expect.poll(() => alert(page).textContent(), soon).toMatch(/weights without an architecture/);
  // What was there before is there still.
  expect(await banner(page)).toContain('nested.json');
  expect(faults).toEqual([]);
  await context.close();
});
