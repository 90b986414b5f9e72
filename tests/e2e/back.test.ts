// The way of the gradient in the lab: layer by layer, through time, past the skips, down to the pixels.
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectOpenToAll, setStage } from './stage.js';
import { openSpec, trainTo } from './links.js';

const lab = setStage();

/** A number as the page writes it: `0.21`, `3.2·10⁻¹²`. */
function read(text: string): number {
  const [, mantissa, power] = /(−?[\d.]+)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/.exec(text)!;
  const exponent = [...(power ?? '')]
    .map((sign) => (sign === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(sign)))
    .join('');
  return Number(mantissa!.replace('−', '-')) * 10 ** Number(exponent);
}

const near = (actual: number, expected: number) => Math.abs(actual / expected - 1) < 0.05;

async function stop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Play' }).waitFor();
  // The first report comes after the first picture, and what lies inside the network after that.
  await page.locator('.verdict:is(.sick, .well)').first().waitFor();
  await page.waitForTimeout(500); // the last frame
}

/** Rows of the table behind a panel's picture: name, then numbers. */
async function tableOf(panel: Locator): Promise<{ name: string; numbers: number[] }[]> {
  await panel.getByText('Show as a table').click();
  await panel.locator('tbody tr').first().waitFor();
  const rows = await panel.locator('tbody tr').all();
  return Promise.all(
    rows.map(async (row) => ({
      name: (await row.locator('th').textContent())!,
      numbers: (await row.locator('td').allTextContents()).map((text) =>
        /\d/.test(text) ? read(text) : NaN,
      ),
    })),
  );
}

const deep = {
  data: { source: 'digits', batch: 64 },
  model: { type: 'mlp', depth: 6, width: 32, activation: 'sigmoid', init: 'xavierUniform' },
  optimizer: { type: 'sgd', lr: 0.1 },
  steps: 3000,
};

describe('the backward pass', () => {
  it('goes back layer by layer, each by its factors, whose product is the gradient before it', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, deep);
    await trainTo(page, 20);
    await stop(page);
    const flow = page.locator('section', { has: page.getByRole('heading', { name: 'Gradient flow' }) });
    const rows = await tableOf(flow);
    expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: 7 }, (_, i) => `${i}.dense`));
    const equation = page.getByTestId('equation');
    for (let layer = 6; layer >= 0; layer--) {
      await page.getByRole('button', { name: 'One layer back' }).click();
      await expect.poll(() => equation.locator('strong').textContent()).toBe(`${layer}.dense`);
      const [arrives, ...rest] = (await equation.locator('b').allTextContents()).map(read);
      const [leaves, ...factors] = rest.reverse();
      const product = factors.reduce((a, b) => a * b, 1);
      const [gradient, , , total] = rows[layer]!.numbers;
      expect(near(arrives!, gradient!), `${layer}: what arrives`).toBe(true);
      expect(near(product, total!), `${layer}: ${product} is the measured factor ${total}`).toBe(true);
      expect(near(leaves!, arrives! * product), `${layer}: what leaves`).toBe(true);
      // It is what was measured at the layer before.
      if (layer > 0) expect(near(leaves!, rows[layer - 1]!.numbers[0]!), `${layer}: measured`).toBe(true);
      // The sigmoid's slope is at most a quarter; the last layer has no activation.
      expect(factors).toHaveLength(layer === 6 ? 1 : 2);
      if (layer < 6) expect(Math.min(...factors)).toBeLessThan(0.26);
      // The microscope follows.
      expect(await page.getByRole('heading', { name: /microscope/ }).textContent()).toContain(
        `${layer}.dense`,
      );
    }
    // From the input it starts anew; the whole pass ends it.
    await page.getByRole('button', { name: 'One layer back' }).click();
    await expect.poll(() => equation.locator('strong').textContent()).toBe('6.dense');
    await page.getByRole('button', { name: 'Whole pass' }).click();
    expect(await equation.count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('goes back by keyboard as well, and pauses the training', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, deep);
    await trainTo(page, 5);
    await page.getByRole('application', { name: /Gradient flow/ }).focus();
    await page.keyboard.press('Backspace');
    await page.getByRole('button', { name: 'Play' }).waitFor();
    const equation = page.getByTestId('equation');
    expect(await equation.locator('strong').textContent()).toBe('6.dense');
    await page.keyboard.press('Backspace');
    await expect.poll(() => equation.locator('strong').textContent()).toBe('5.dense');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter'); // the button behind the chart
    await expect.poll(() => equation.locator('strong').textContent()).toBe('4.dense');
    // Playing goes on with the whole pass.
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => equation.count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('where a network has more than depth', () => {
  it('shows the gradient at every time step of a recurrent one, dying towards the first', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, {
      data: { source: 'adding', length: 40, samples: 400, batch: 16 },
      model: { type: 'rnn', hidden: 24 },
      optimizer: { type: 'sgd', lr: 0.01 },
      steps: 3000,
    });
    await trainTo(page, 20);
    await stop(page);
    const heat = page.getByTestId('time').getByRole('img', { name: /as it trains/ });
    const columns = () =>
      heat.locator('canvas').evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
        return new Set(new Uint32Array(data.buffer)).size;
      });
    expect(await columns(), 'many magnitudes').toBeGreaterThan(40);
    const rows = await tableOf(page.getByTestId('time'));
    expect(rows).toHaveLength(40);
    const gradients = rows.map(({ numbers }) => numbers[0]!);
    expect(gradients.every((gradient) => gradient > 0)).toBe(true);
    expect(gradients[0]! / gradients[39]!).toBeLessThan(0.3);
    // Before each step there is less than after it, but for noise.
    for (let t = 8; t < 40; t += 8) expect(gradients[t - 8]!).toBeLessThan(gradients[t]!);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('shows what passes on the skip and what through the branch, block by block', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, {
      data: { source: 'digits', batch: 16 },
      model: { type: 'resnet', depth: 14, width: 4 },
      optimizer: { type: 'adam', lr: 0.002 },
      steps: 3000,
    });
    await trainTo(page, 6);
    await stop(page);
    const flow = page.locator('section', { has: page.getByRole('heading', { name: 'Gradient flow' }) });
    const measured = new Map((await tableOf(flow)).map(({ name, numbers }) => [name, numbers[0]!]));
    const rows = await tableOf(page.getByTestId('branches'));
    expect(rows).toHaveLength(6);
    for (const { name, numbers } of rows) {
      expect(name).toMatch(/residual$/);
      const [skip, branch] = numbers;
      expect(near(skip!, measured.get(name)!), `${name}: an identity passes all of it`).toBe(true);
      expect(branch).toBeGreaterThan(0);
    }
    expect(faults).toEqual([]);
    await context.close();
  });

  it('shows feature maps, their gradients and the gradient of the input as pictures, for the chosen layer', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, {
      data: { source: 'phantoms', samples: 60, batch: 8 },
      model: { type: 'cnn', depth: 2, width: 4, activation: 'gelu' },
      steps: 3000,
    });
    await trainTo(page, 6);
    await stop(page);
    const pictures = page.getByTestId('pictures');
    const images = pictures.getByRole('img');
    expect(await images.evaluateAll((all) => all.map((image) => image.getAttribute('aria-label')))).toEqual([
      'input',
      'gradient at the input',
      'outputs',
      'gradients',
    ]);
    // Real numbers: no picture is of one colour.
    const colours = await pictures.locator('canvas').evaluateAll((all) =>
      all.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
        return { width, height, colours: new Set(new Uint32Array(data.buffer)).size };
      }),
    );
    expect(Math.min(...colours.map((picture) => picture.colours)), JSON.stringify(colours)).toBeGreaterThan(
      20,
    );
    expect(colours[0]).toMatchObject({ width: 32, height: 32 });
    expect(colours[2]).toMatchObject({ width: 4 * 33 - 1, height: 32 }); // four maps side by side
    const shown = await images.nth(2).screenshot();
    await page.getByRole('button', { name: 'Next layer' }).click();
    await page.getByRole('button', { name: 'One step' }).click();
    await expect.poll(async () => (await images.nth(2).screenshot()).equals(shown)).toBe(false);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('shows the class that it sees at every point of the plane', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, {
      data: { source: 'spirals', batch: 64 },
      model: { type: 'mlp', depth: 3, width: 24, activation: 'tanh' },
      optimizer: { type: 'adam', lr: 0.01 },
      steps: 3000,
    });
    const surface = page.getByRole('img', { name: /What it has learned/ });
    await surface.waitFor();
    const young = await surface.screenshot();
    await page.getByLabel('Speed').selectOption('max');
    await trainTo(page, 200);
    await expect
      .poll(async () => (await surface.screenshot()).equals(young), { message: 'it learns', timeout: 10_000 })
      .toBe(false);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe.each([
  ['light', 'pt-BR'],
  ['dark', 'en-US'],
] as const)('in the %s theme, in %s', (colorScheme, locale) => {
  it.each([
    [
      'the equation',
      { data: { source: 'digits', batch: 16 }, model: { type: 'cnn', depth: 2, width: 4 } },
      null,
    ],
    [
      'the way through time',
      { data: { source: 'adding', length: 20, samples: 100 }, model: { type: 'lstm', hidden: 8 } },
      'time',
    ],
    [
      'skips',
      { data: { source: 'digits', batch: 8 }, model: { type: 'resnet', depth: 8, width: 4 } },
      'branches',
    ],
  ])('%s has no barrier that axe knows, and does not scroll sideways at 360 px', async (_, spec, part) => {
    const { page, context, faults } = await lab.open({ colorScheme, locale });
    await openSpec(page, lab, { ...spec, steps: 3000 });
    await trainTo(page, 5);
    await page.getByRole('button', { name: /One layer back|Uma camada para trás/ }).click();
    await page.getByTestId('equation').waitFor();
    if (part) {
      await page
        .getByTestId(part)
        .getByText(/Show as a table|Mostrar como tabela/)
        .click();
    }
    await expectOpenToAll(page);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('a finding', () => {
  it('is as red as it is severe, in words as well, and its powers are written as powers', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    const finding = page.getByTestId('finding').first();
    await finding.waitFor();
    const meter = finding.getByRole('meter', { name: 'Severity' });
    expect(await meter.textContent()).toContain('severe');
    expect(await meter.getAttribute('aria-valuetext')).toMatch(/^severe, \d+(\.\d)?%$/);
    const [red, green] = (await meter.evaluate((meter) => getComputedStyle(meter).color))
      .match(/\d+/g)!
      .map(Number);
    expect(red! > 2 * green!, 'red').toBe(true);
    expect(await finding.textContent()).toMatch(/20 layers by \d(\.\d)?\s×\s10⁻¹[¹²³]/);
    expect(await finding.textContent()).not.toContain('^');
    expect(faults).toEqual([]);
    await context.close();
  });
});
