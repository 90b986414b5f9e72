import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriers } from '../browser.js';
import { goldenFolder } from '../golden.js';
import { readModel } from '../../packages/engine/src/formats/onnx/proto.js';
import { honestTraces } from '../traces.js';
import { drop, setStage } from './stage.js';

const lab = setStage();
const soon = { timeout: 30_000 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-kinds-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const step = async (page: Page) =>
  Number((await page.getByTestId('step').textContent())?.replaceAll(/\D/g, ''));
const trained = (page: Page, least = 5) => expect.poll(() => step(page), soon).toBeGreaterThan(least);
const banner = (page: Page) => page.getByTestId('banner').textContent();
const alert = (page: Page) => page.getByRole('dialog').getByRole('alert');

async function openLab(page: Page): Promise<void> {
  await page.goto(lab.url);
  await page.getByTestId('finding').first().waitFor();
}

async function write(name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** An array as numpy writes it: `f4` numbers, or `i8` whole ones, which are classes. */
function npy(shape: readonly number[], data: readonly number[], type: 'f4' | 'i8'): Uint8Array {
  const head = `{'descr': '<${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padded = `${head.padEnd(117)}\n`;
  const bytes = type === 'f4' ? Float32Array.from(data) : BigInt64Array.from(data, (value) => BigInt(value));
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]),
    Buffer.from(padded, 'latin1'),
    Buffer.from(bytes.buffer),
  ]);
}

/** Samples in classes that their first numbers tell apart. */
function npz(samples: number, width: number, classes: number): Uint8Array {
  const x = Array.from({ length: samples * width }, (_, i) =>
    i % width === Math.floor(i / width) % classes ? 2 : Math.sin(i),
  );
  const y = Array.from({ length: samples }, (_, i) => i % classes);
  return zipSync({ 'x.npy': npy([samples, width], x, 'f4'), 'y.npy': npy([samples], y, 'i8') });
}

const dense = (name: string, units: number, activation: string) => ({
  class_name: 'Dense',
  config: { name, units, activation, use_bias: true, kernel_initializer: { class_name: 'GlorotUniform' } },
});
/** A deep network of sigmoids as Keras writes its topology. */
const topology = {
  class_name: 'Sequential',
  config: {
    name: 'deep_sigmoids',
    layers: [
      { class_name: 'InputLayer', config: { batch_input_shape: [null, 12], name: 'in' } },
      ...Array.from({ length: 14 }, (_, i) => dense(`hidden${i}`, 16, 'sigmoid')),
      dense('out', 3, 'softmax'),
    ],
  },
  keras_version: '2.15.0',
  backend: 'tensorflow',
};

const detector = `
nc: 5
scales:
  n: [0.33, 0.25, 256]
backbone:
  - [-1, 1, Conv, [32, 3, 2]]
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, C2f, [64, True]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 1, C2f, [128, True]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [-1, 1, SPPF, [256, 5]]
head:
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 1, C2f, [128]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 1, C2f, [256]]
  - [[9, 12], 1, Detect, [nc]]
`;

describe('dropped on the page', () => {
  it('a Keras topology: is drawn anew, trains, and its vanishing gradient is found', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, await write('model.json', JSON.stringify(topology)));
    await expect.poll(() => banner(page), soon).toContain('model.json');
    await trained(page);
    await expect
      .poll(() => page.getByTestId('finding').first().textContent(), soon)
      .toContain('Vanishing gradient');
    await page.getByTestId('graph').getByRole('application').waitFor(soon);
    expect(await page.getByTestId('graph-count').textContent()).toMatch(/^\d\d nodes/);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('an archive of Keras: with its weights; one that is broken says so', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, fileURLToPath(new URL('../golden/keras/deep.keras', import.meta.url)));
    await expect.poll(() => banner(page), soon).toContain('deep.keras');
    await trained(page);
    await page.getByTestId('graph').getByRole('application').waitFor(soon);
    await drop(page, await write('torn.keras', zipSync({ 'config.json': strToU8('{"class_name": "Sequ') })));
    await expect
      .poll(() => alert(page).textContent(), soon)
      .toMatch(/torn\.keras.*config\.json|torn\.keras.*JSON/s);
    // What was there before is there still.
    expect(await banner(page)).toContain('deep.keras');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('a detector in Ultralytics’ syntax: becomes a spec that trains on boxes', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, await write('yolov8n.yaml', detector));
    await expect.poll(() => page.getByLabel('Data').inputValue(), soon).toBe('shapes');
    await trained(page, 1);
    await page.getByRole('navigation').getByRole('button', { name: 'Build' }).click();
    await expect
      .poll(() => page.getByRole('textbox', { name: 'As YAML' }).inputValue(), soon)
      .toMatch(/type: upsample[^]*type: detect[^]*yolov8n\.yaml, n/);
    await drop(page, await write('odd.yaml', detector.replace('SPPF', 'Magic')));
    await expect.poll(() => alert(page).textContent(), soon).toMatch(/odd\.yaml.*Magic/s);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('data: beside a network, after it, of a wrong width, and without one', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    const data = await write('data.npz', npz(240, 12, 3));
    // Alone, with no network to be the data of.
    await drop(page, data);
    await expect.poll(() => alert(page).textContent(), soon).toContain('data without a network');
    await drop(page, await write('table.csv', 'a,b\n1,2\n'));
    await expect.poll(() => alert(page).textContent(), soon).toContain('numpy.savez');
    await page.keyboard.press('Escape');
    // Beside it: every fifth sample is kept for the test, which the score is taken of.
    const both = join(folder, 'both');
    await mkdir(both);
    await copyFile(data, join(both, 'data.npz'));
    const easy = JSON.stringify(topology).replaceAll('"sigmoid"', '"relu"');
    await writeFile(join(both, 'model.json'), easy);
    await drop(page, both);
    await expect.poll(() => banner(page), soon).toContain('model.json');
    await page.getByLabel('Speed').selectOption('max');
    await trained(page, 50);
    const facts = page.locator('dl.numbers').first();
    await expect.poll(() => facts.textContent(), soon).toMatch(/accuracy\s*100\s*%/);
    // After it: the same network on other data; of another width it is refused.
    await drop(page, await write('other.npz', npz(40, 12, 2)));
    await expect.poll(() => page.getByRole('dialog').count(), soon).toBe(0);
    await trained(page, 5);
    await drop(page, await write('wide.npz', npz(40, 7, 3)));
    await expect.poll(() => alert(page).textContent(), soon).toMatch(/wide\.npz.*12.*7|wide\.npz.*7.*12/s);
    await drop(page, await write('none.npz', zipSync({ 'samples.npy': npy([2, 2], [1, 2, 3, 4], 'f4') })));
    await expect.poll(() => alert(page).textContent(), soon).toContain('expected a tensor "x"');
    expect(await findBarriers(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('a crafted trace: is refused with the place that is wrong, and nothing is thrown', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    const [honest] = await honestTraces();
    const broken: readonly [(raw: Raw) => unknown, RegExp][] = [
      [(raw) => (raw['metric'] = null), /metric/],
      [(raw) => ((raw['sites'] as Raw[])[1]!['parent'] = 4000), /sites\.1\.parent/],
      [(raw) => ((raw['sites'] as Raw[])[1]!['name'] = '0.lstm'), /sites\.1\.name/],
      [(raw) => (raw['timing'] = '<img src=x onerror="window.hostile=1">'), /timing/],
      [(raw) => ((raw['records'] as Raw[])[1]!['details'] = { 9: { states: {} } }), /records\.1\.details/],
      [(raw) => ((raw['records'] as Raw[])[0]!['step'] = 'first'), /records\.0\.step/],
    ];
    for (const [i, [spoil, place]] of broken.entries()) {
      const raw = JSON.parse(honest!) as Raw;
      spoil(raw);
      await drop(page, await write(`broken${i}.json`, JSON.stringify(raw)));
      await expect.poll(() => alert(page).textContent(), soon).toContain(`broken${i}.json`);
      expect(await alert(page).textContent()).toMatch(place);
    }
    // The same trace unspoilt is shown, with its way through time.
    await drop(page, await write('whole.json', honest!));
    await expect.poll(() => banner(page), soon).toContain('whole.json');
    await page.getByRole('button', { name: 'Previous' }).or(page.getByRole('slider')).first().waitFor();
    expect(await page.evaluate(() => (window as { hostile?: unknown }).hostile)).toBeUndefined();
    expect(faults).toEqual([]);
    await context.close();
  });
});

type Raw = Record<string, unknown>;

describe('a network that came from a file', () => {
  it('is found to be ill, made better by a proven remedy, and taken home as ONNX', async () => {
    const to = join(folder, 'sick');
    await mkdir(to);
    for (const name of ['train.onnx', 'weights.safetensors'])
      await copyFile(join(goldenFolder, 'nets', 'mlp20_sigmoid_xavier', name), join(to, name));
    await writeFile(join(to, 'data.npz'), npz(800, 12, 4));
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, to);
    await expect.poll(() => banner(page), soon).toContain('train.onnx');
    const finding = page.getByTestId('finding').first();
    await expect.poll(() => finding.textContent(), soon).toContain('Vanishing gradient');
    await finding.locator('.remedies button').first().click();
    const outcome = page.getByTestId('outcome');
    await expect.poll(() => outcome.textContent(), { timeout: 90_000 }).toMatch(/Cured|Better/);
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Apply to the patient' }).click();
    await page.getByRole('navigation').getByRole('button', { name: 'Observe' }).click();
    await expect.poll(() => page.locator('.stale').count(), soon).toBe(0);
    await trained(page, 10);
    await expect
      .poll(() => page.locator('.findings').textContent(), soon)
      .not.toContain('Vanishing gradient');
    expect(await banner(page)).toContain('train.onnx');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('dialog').getByRole('button', { name: /^ONNX/ }).click(),
    ]);
    const { graph } = readModel(new Uint8Array(await readFile(await download.path())));
    const ops = graph!.nodes.map(({ opType }) => opType);
    expect(ops.filter((op) => op === 'Sigmoid')).toHaveLength(0);
    expect(ops.filter((op) => op === 'Relu').length).toBeGreaterThan(10);
    expect(faults).toEqual([]);
    await context.close();
  });
});
