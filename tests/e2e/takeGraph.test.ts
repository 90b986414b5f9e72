import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { findBarriers, screenshot } from '../browser.js';
import { drop, setStage } from './stage.js';
import { goldenFolder } from '../golden.js';
import { readModel, type NodeProto } from '../../packages/engine/src/formats/onnx/proto.js';
import { writeModel } from '../../packages/engine/src/formats/onnx/write.js';

const soon = { timeout: 30_000 };
const step = '[data-testid=step]';

const lab = setStage();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-graph-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A golden network and its weights in a folder of its own, its nodes turned by `edit`. */
async function place(name: string, as: string, edit?: (nodes: NodeProto[]) => NodeProto[]): Promise<string> {
  const to = join(folder, as);
  await mkdir(to, { recursive: true });
  const from = join(goldenFolder, 'nets', name);
  await copyFile(join(from, 'weights.safetensors'), join(to, 'weights.safetensors'));
  const bytes = new Uint8Array(await readFile(join(from, 'train.onnx')));
  const model = readModel(bytes);
  const edited = edit
    ? writeModel({ ...model, graph: { ...model.graph!, nodes: edit([...model.graph!.nodes]) } })
    : bytes;
  await writeFile(join(to, 'train.onnx'), edited);
  return to;
}

async function openLab(page: Page): Promise<void> {
  await page.goto(lab.url);
  await page.locator(step).waitFor(soon);
}

describe('a network dropped as ONNX', () => {
  it('trains, is diagnosed, and shows its graph with the gradient on its nodes', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, await place('mlp20_sigmoid_xavier', 'sick'));
    const graph = page.getByTestId('graph');
    await graph.getByRole('application').waitFor(soon);
    await expect.poll(() => page.getByTestId('banner').textContent(), soon).toContain('train.onnx');
    await expect.poll(async () => Number(await page.textContent(step)), soon).toBeGreaterThan(20);
    await expect.poll(() => page.getByTestId('verdict').textContent(), soon).toContain('Unhealthy');
    expect(await page.getByTestId('finding').first().textContent()).toContain('Vanishing gradient');
    // Search, then the node's numbers: the same as the table's.
    await graph.getByRole('searchbox').fill('sigmoid');
    await expect.poll(() => graph.getByText(/^1 of \d+$/).count(), soon).toBe(1);
    await graph.getByRole('searchbox').press('Enter');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.waitForTimeout(400);
    const card = graph.getByTestId('node');
    const name = (await card.getAttribute('aria-label'))!;
    await graph.getByText('Show as a table').click();
    const cells = graph.getByRole('row', { name }).getByRole('cell');
    expect(await card.textContent()).toContain(await cells.nth(2).textContent());
    // By keyboard along the edges.
    await graph.getByRole('application').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => card.getAttribute('aria-label'), soon).not.toBe(name);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => card.getAttribute('aria-label'), soon).toBe(name);
    expect(await findBarriers(page)).toEqual([]);
    await graph.scrollIntoViewIfNeeded();
    await screenshot(page, 'graph-1280-light', false);
    await page.setViewportSize({ width: 360, height: 760 });
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await graph.scrollIntoViewIfNeeded();
    await screenshot(page, 'graph-360-light', false);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is shown whole, and written as ONNX again', async () => {
    const { page, context, faults } = await lab.open({ colorScheme: 'dark' });
    await openLab(page);
    await drop(page, await place('resnet20', 'resnet'));
    const graph = page.getByTestId('graph');
    await graph.getByRole('application').waitFor(soon);
    await expect.poll(async () => Number(await page.textContent(step)), soon).toBeGreaterThan(1);
    expect(await graph.getByTestId('graph-count').textContent()).toMatch(/^\d+ nodes, \d+ in view$/);
    await graph.getByRole('button', { name: 'Show all' }).click();
    await graph.getByRole('heading').scrollIntoViewIfNeeded();
    await page.mouse.wheel(0, 500);
    await page.waitForTimeout(200);
    await screenshot(page, 'graph-1280-dark', false);
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('dialog').getByRole('button', { name: /^ONNX/ }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('train-onnx.onnx');
    const written = readModel(new Uint8Array(await readFile(await download.path())));
    expect(written.graph!.nodes.length).toBeGreaterThan(40);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('with more nodes than fit: only those in view are drawn', async () => {
    const long = await place('mlp5_relu_he', 'long', (nodes) => {
      const first = nodes[0]!;
      const [input] = first.inputs as [string];
      const chain = Array.from({ length: 400 }, (_, i) => ({
        ...first,
        name: `pass${i}`,
        opType: 'Tanh',
        inputs: [i === 0 ? input : `p${i - 1}`],
        outputs: [`p${i}`],
        attributes: new Map(),
      }));
      return [...chain, { ...first, inputs: ['p399', ...first.inputs.slice(1)] }, ...nodes.slice(1)];
    });
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, long);
    const count = page.getByTestId('graph-count');
    await expect.poll(() => count.textContent(), soon).toMatch(/^4\d\d nodes, \d{1,2} in view$/);
    expect(await page.getByTestId('graph').locator('canvas').count()).toBe(1);
    await page.getByTestId('graph').getByRole('searchbox').fill('pass350');
    await page.getByTestId('graph').getByRole('searchbox').press('Enter');
    await expect.poll(() => page.getByTestId('node').getAttribute('aria-label'), soon).toBe('pass350');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('with ops that cannot be trained: lists them all, where, why and what to do', async () => {
    const odd = await place('mlp5_relu_he', 'odd', (nodes) =>
      nodes.map((each, i) =>
        i === 1 ? { ...each, opType: 'TopK' } : i === 3 ? { ...each, opType: 'Oddity' } : each,
      ),
    );
    const { page, context, faults } = await lab.open({ locale: 'pt-BR' });
    await openLab(page);
    await drop(page, odd);
    const alert = page.getByRole('dialog').getByRole('alert');
    await alert.getByRole('table').waitFor(soon);
    expect(await alert.getByRole('row', { name: /^TopK/ }).textContent()).toContain(
      'escolhe elementos por tamanho',
    );
    expect(await alert.getByRole('row', { name: /^Oddity/ }).textContent()).toContain('sem suporte');
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, 'bring-ops-1280', false);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('without the file of its weights: names the file that is missing', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await drop(page, join(await place('vit_mini', 'alone'), 'train.onnx'));
    await expect
      .poll(() => page.getByRole('dialog').getByRole('alert').textContent(), soon)
      .toContain('is stored in "weights.safetensors", which was not given');
    expect(faults).toEqual([]);
    await context.close();
  });
});
