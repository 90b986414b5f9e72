import { readFile } from 'node:fs/promises';
import { resolveSpec } from '../../packages/engine/src/run/spec.js';
import { parseSpec } from '../../packages/engine/src/formats/yaml.js';
import { readTrace } from '../../packages/engine/src/run/traceFile.js';
import { readSafetensors } from '../../packages/engine/src/formats/safetensors.js';
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { findBarriers, screenshot } from '../browser.js';
import { setStage } from './stage.js';

const lab = setStage();

/** Opens the lab, lets it train a little, stops it, and opens the export. */
async function openExport(page: Page): Promise<void> {
  await page.goto(lab.url);
  await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 20);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Play' }).waitFor();
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('dialog', { name: 'Export' }).waitFor();
}

async function take(page: Page, name: RegExp): Promise<{ file: string; bytes: Buffer }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('button', { name }).click(),
  ]);
  return { file: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

describe('what is taken out of the lab', () => {
  it('is the picture as PNG and as SVG of true vectors', async () => {
    const { page, context, faults } = await lab.open();
    await openExport(page);
    const png = await take(page, /^PNG/);
    expect(png.file).toBe('sigmoid-mlp-20-layers.png');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect([png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]).toEqual([1920, 1008]);
    const svg = (await take(page, /^SVG/)).bytes.toString('utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toMatch(/<image|<foreignObject|data:|undefined|NaN/);
    // One disc a layer for the gradient, the axis as text, colours as they are on the page.
    expect(svg.match(/<circle /g)!.length).toBeGreaterThan(20);
    expect(svg).toMatch(/>10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+</);
    expect(svg).toMatch(/fill="rgb\(/);
    expect(svg).toContain('Vanishing gradient');
    const drawn = await page.evaluate(async (text) => {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
      await image.decode();
      return [image.naturalWidth, image.naturalHeight];
    }, svg);
    expect(drawn).toEqual([960, 504]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is every measurement, the trace and the report, and they agree', async () => {
    const { page, context, faults } = await lab.open();
    await openExport(page);
    const trace = readTrace((await take(page, /^Trace/)).bytes.toString('utf8'));
    const csv = (await take(page, /^CSV/)).bytes.toString('utf8').trimEnd().split('\r\n');
    const report = JSON.parse((await take(page, /^Diagnosis/)).bytes.toString('utf8')) as {
      format: string;
      verdict: string;
      sites: { site: string }[];
      findings: { id: string }[];
    };
    const sites = trace.sites.length;
    expect(sites).toBe(21);
    expect(csv).toHaveLength(1 + sites * trace.records.length);
    const head = csv[0]!.split(',');
    const first = Object.fromEntries(csv[1]!.split(',').map((value, i) => [head[i]!, value]));
    expect(first['site']).toBe('0.dense');
    const rms = Number(first['gradientRms']);
    expect(rms).toBeGreaterThan(0);
    expect([...trace.records[0]!.values]).toContain(rms);
    expect(report.format).toBe('fuga-diagnosis-1');
    expect(report.verdict).toBe('unhealthy');
    expect(report.sites.map((each) => each.site)).toEqual(trace.sites.map(({ name }) => name));
    expect(report.findings[0]!.id).toBe('vanishing');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is the network: its spec, its weights, and the same as PyTorch', async () => {
    const { page, context, faults } = await lab.open();
    await openExport(page);
    const yaml = await take(page, /^Spec/);
    expect(yaml.file).toBe('sigmoid-mlp-20-layers.fuga.yaml');
    const spec = resolveSpec(parseSpec(yaml.bytes.toString('utf8')));
    expect(spec.model).toMatchObject({ type: 'mlp', activation: 'sigmoid' });
    const { tensors } = readSafetensors((await take(page, /^Weights/)).bytes);
    expect(tensors['0.dense/weight']!.shape).toEqual([64, 64]);
    const code = (await take(page, /^PyTorch/)).bytes.toString('utf8');
    expect(code).toMatch(/^import torch$/m);
    expect(code).toMatch(/class Network\(.*Module\)/);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe.each(['light', 'dark'] as const)('the export in the %s theme', (colorScheme) => {
  it('has no barrier, fits 360 px, speaks Portuguese, and gives the focus back', async () => {
    const { page, context, faults } = await lab.open({ colorScheme });
    await openExport(page);
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, `take-1280-${colorScheme}`, false);
    await page.setViewportSize({ width: 360, height: 760 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, `take-360-${colorScheme}`, false);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Export');
    await page.getByRole('button', { name: 'Português' }).click();
    await page.getByRole('button', { name: 'Exportar' }).press('Enter');
    await page.getByRole('dialog', { name: 'Exportar' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });
});
