// What a network says of a sample, seen in the lab as it learns.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectOpenToAll, setStage } from './stage.js';
import { openSpec, trainTo } from './links.js';

const lab = setStage();

const answer = (page: Page) => page.getByTestId('answer');
/** Percentages that a list shows, as shares. */
const shares = async (page: Page, list: string): Promise<number[]> =>
  (await page.getByTestId(list).getByRole('listitem').allTextContents()).map(
    (text) => Number(/([\d.]+)%/.exec(text)![1]) / 100,
  );

describe('what a network says', () => {
  it('is the probability of each class, beside the image, and changes as it trains', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, {
      data: { source: 'digits', batch: 64 },
      model: { type: 'mlp', depth: 2, width: 64 },
      optimizer: { type: 'adam', lr: 0.003 },
      steps: 400,
    });
    await page.getByTestId('classes').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => page.textContent('[data-testid=step]')).toBe('1');
    await page.getByTestId('classes').waitFor();
    const young = await shares(page, 'classes');
    expect(young).toHaveLength(10);
    expect(Math.abs(young.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(0.01);
    expect(Math.max(...young)).toBeLessThan(0.8);
    await page.getByLabel('Speed').selectOption('max');
    await page.getByRole('button', { name: 'Play' }).click();
    await trainTo(page, 400);
    await expect.poll(async () => Math.max(...(await shares(page, 'classes')))).toBeGreaterThan(0.9);
    expect(await answer(page).textContent()).toContain('right');
    // Another sample, another answer; backwards from the first is the last.
    await page.getByRole('button', { name: 'Next sample' }).click();
    await expect.poll(() => page.getByTestId('sample').textContent()).toMatch(/^2 of 3/);
    for (let i = 0; i < 2; i++) await page.getByRole('button', { name: 'Sample before' }).click();
    await expect.poll(() => page.getByTestId('sample').textContent()).toMatch(/^(\d+) of \1$/);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is a number where a number is asked for', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, {
      data: { source: 'adding', length: 12, samples: 400, batch: 16 },
      model: { type: 'gru', hidden: 16 },
      optimizer: { type: 'adam', lr: 0.01 },
      steps: 3000,
    });
    await expect.poll(() => page.getByTestId('numbers').textContent()).toMatch(/its answer.*\d.*true.*\d/);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is boxes on the image for a detector, found against true, as sure as asked for', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, {
      data: { source: 'shapes', samples: 100, size: 32, batch: 8 },
      model: { type: 'yolo', width: 6 },
      optimizer: { type: 'adam', lr: 0.004 },
      steps: 3000,
    });
    const boxes = page.getByTestId('boxes');
    await boxes.waitFor();
    await page.getByLabel('Speed').selectOption('max');
    const slider = page.getByRole('slider', { name: 'Show boxes surer than' });
    await slider.focus();
    await slider.press('Home'); // 5 %
    const found = page.getByTestId('boxes-found');
    await expect.poll(() => found.textContent(), { timeout: 90_000 }).toMatch(/^[1-9] of [1-9] found/);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Play' }).waitFor();
    const drawn = await boxes.getByRole('img').screenshot();
    await slider.press('End'); // 95 %
    await expect.poll(() => found.textContent()).toContain('nothing yet');
    expect((await boxes.getByRole('img').screenshot()).equals(drawn), 'the boxes are gone').toBe(false);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is a mask on the slice: what is true, what is found, and how they differ', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, {
      data: { source: 'phantoms', target: 'segmentation', samples: 200, size: 32, batch: 8, noise: 0.02 },
      model: { type: 'unet' },
      optimizer: { type: 'adam', lr: 0.01 },
      steps: 3000,
    });
    const masks = page.getByTestId('masks');
    await masks.waitFor();
    expect(await masks.getByRole('img').count()).toBe(4);
    await page.getByLabel('Speed').selectOption('max');
    // The first test sample is of someone healthy: the first with something to find is shown.
    await expect.poll(() => page.getByTestId('sample').textContent()).toBe('2 of 40');
    await expect
      .poll(() => masks.textContent(), { timeout: 60_000 })
      .toMatch(/hit: [1-9]\d* pixels.*missed: \d+ pixels.*invented: \d+ pixels.*Dice\) (8|9|10)\d/s);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('a language model', () => {
  const gpt = {
    data: { source: 'text', batch: 16, length: 32 },
    model: { type: 'gpt', layers: 2, width: 32, heads: 2, hidden: 64 },
    optimizer: { type: 'adam', lr: 0.005 },
    steps: 3000,
  };

  it('goes on writing what it is given, as warm and from as many as asked for', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, gpt);
    const written = page.getByTestId('written');
    await written.waitFor({ timeout: 30_000 });
    expect((await page.getByTestId('guesses').textContent())!.trim()).toHaveLength(32);
    await page.getByLabel('Speed').selectOption('max');
    await trainTo(page, 60);
    const early = await written.textContent();
    await expect.poll(() => written.textContent(), { timeout: 30_000 }).not.toBe(early);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Play' }).waitFor();

    const writer = page.getByTestId('writer');
    const prompt = page.getByRole('textbox', { name: 'Starts with' });
    await prompt.fill('And God said');
    await page.getByRole('textbox', { name: 'Temperature' }).fill('0');
    await page.getByRole('textbox', { name: 'Temperature' }).press('Tab');
    await prompt.press('Enter');
    await expect.poll(() => written.textContent()).toMatch(/^And God said.{180}$/s);
    const greedy = await written.textContent();
    // At temperature 0 there is one way to go on, however often it is asked.
    await prompt.press('Enter');
    await page.waitForTimeout(800);
    expect(await written.textContent()).toBe(greedy);
    expect(await writer.getByRole('listitem').first().textContent()).toContain('100%');
    await page.getByRole('textbox', { name: 'Temperature' }).fill('1.5');
    await page.getByRole('textbox', { name: 'Temperature' }).press('Tab');
    await prompt.press('Enter');
    await expect.poll(() => written.textContent()).not.toBe(greedy);
    expect(await writer.getByRole('listitem').count()).toBe(6);
    await prompt.fill('ação');
    await prompt.press('Enter');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('"ç" is not among');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('shows where each head looks, layer by layer and place by place', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, gpt);
    const attention = page.getByTestId('attention');
    await attention.getByRole('application').waitFor({ timeout: 30_000 });
    await trainTo(page, 20);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Play' }).waitFor();
    const map = attention.getByRole('application');
    await page.waitForTimeout(300);
    const first = await map.screenshot();
    await attention.getByRole('button', { name: 'Head 2' }).click();
    expect((await map.screenshot()).equals(first), 'another head').toBe(false);
    expect(await map.getAttribute('aria-label')).toContain('Head 2');
    await attention.getByLabel('Layer').selectOption({ index: 1 });
    await expect.poll(() => map.getAttribute('aria-label')).toContain('3.transformer');
    const asking = page.getByTestId('asking');
    expect(await asking.textContent()).toContain('place 31,');
    await map.focus();
    await page.keyboard.press('ArrowUp');
    expect(await asking.textContent()).toContain('place 30,');
    await page.keyboard.press('Home');
    // The first place of a causal network can look at itself only.
    const tokens = attention.locator('.token');
    expect(await tokens.nth(0).getAttribute('title')).toBe('0: 100%');
    expect(await tokens.nth(1).getAttribute('title')).toBe('1: 0%');
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe.each([
  ['light', 'en-US'],
  ['dark', 'pt-BR'],
] as const)('in the %s theme, in %s', (colorScheme, locale) => {
  it.each([
    [
      'gpt',
      { data: { source: 'text', batch: 8, length: 16 }, model: { type: 'gpt', layers: 1, width: 16 } },
      'written',
    ],
    [
      'detector',
      { data: { source: 'shapes', samples: 40, size: 32, batch: 4 }, model: { type: 'yolo', width: 4 } },
      'boxes',
    ],
    [
      'slices',
      {
        data: { source: 'phantoms', target: 'segmentation', samples: 40, size: 32, batch: 4 },
        model: { type: 'unet', width: 4 },
      },
      'masks',
    ],
  ])('a %s has no barrier that axe knows, and no sideways scrolling at 360 px', async (name, spec, part) => {
    const { page, context, faults } = await lab.open({ colorScheme, locale });
    await openSpec(page, lab, { ...spec, steps: 400 });
    await page.getByTestId(part).waitFor({ timeout: 30_000 });
    await expectOpenToAll(page, (width) => `screens/observe-${name}-${width}-${colorScheme}`);
    expect(faults).toEqual([]);
    await context.close();
  });
});
