import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { findBarriers, screenshot } from '../browser.js';
import { setStage } from './stage.js';

const lab = setStage();

const yaml = (page: Page) => page.getByRole('textbox', { name: 'As YAML' });
const blocks = (page: Page) => page.locator('.blocks .main');
const names = (page: Page) =>
  blocks(page).evaluateAll((all) => all.map((block) => block.getAttribute('aria-label')!.split('.')[0]));

describe('the builder', () => {
  it('adds, sets, moves, nests, repeats and removes blocks, with the YAML beside it, and undoes it all', async () => {
    const { page, context, faults } = await lab.open({
      viewport: { width: 1440, height: 900 },
    });
    await page.goto(lab.url);
    await page.getByRole('button', { name: 'Build' }).click();
    await expect.poll(() => names(page)).toEqual(['Dense', 'Dense']);
    await expect.poll(() => yaml(page).inputValue()).toContain('model: {');

    // Add a batch norm behind the first block; the family becomes a network of its own.
    await blocks(page).first().click();
    await page.getByRole('button', { name: 'Insert a layer here' }).nth(1).click();
    await page.getByRole('searchbox').fill('batch norm');
    await page.getByRole('searchbox').press('Enter');
    await expect.poll(() => names(page)).toEqual(['Dense', 'Batch norm', 'Dense']);
    await expect.poll(() => yaml(page).inputValue()).toContain('- { type: batchNorm }');

    // Set an option in the inspector: the shape and the parameters follow.
    await blocks(page).first().click();
    await page.getByRole('textbox', { name: 'Outputs' }).fill('48');
    await page.getByRole('textbox', { name: 'Outputs' }).press('Enter');
    await expect.poll(() => page.locator('[data-path="0"] .measure').first().textContent()).toContain('48');

    // Move by keyboard, wrap, unwrap.
    await blocks(page).nth(1).click();
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(() => names(page)).toEqual(['Batch norm', 'Dense', 'Dense']);
    await page.getByRole('button', { name: 'Wrap in Residual' }).click();
    await expect.poll(() => names(page)).toEqual(['Residual', 'Batch norm', 'Dense', 'Dense']);
    await blocks(page).first().click();
    await page.getByRole('button', { name: 'Unwrap' }).click();
    await expect.poll(() => names(page)).toEqual(['Batch norm', 'Dense', 'Dense']);

    // Drag the norm by its handle below the first dense block.
    const handle = await page.locator('[data-path="0"] > .card > .handle').boundingBox();
    const target = await page.locator('[data-list=""][data-index="2"]').boundingBox();
    await page.mouse.move(handle!.x + 8, handle!.y + 8);
    await page.mouse.down();
    await page.mouse.move(target!.x + 100, target!.y + 4, { steps: 6 });
    await page.mouse.up();
    await expect.poll(() => names(page)).toEqual(['Dense', 'Batch norm', 'Dense']);

    // Remove by key, then undo all the way back to the family.
    await blocks(page).nth(1).click();
    await blocks(page).nth(1).press('Delete');
    await expect.poll(() => names(page)).toEqual(['Dense', 'Dense']);
    const undo = page.getByRole('button', { name: 'Undo' });
    while (await undo.isEnabled()) await undo.click();
    await expect.poll(() => yaml(page).inputValue()).toContain('model: {');
    await page.getByRole('button', { name: 'Redo' }).click();
    await expect.poll(() => names(page)).toEqual(['Dense', 'Batch norm', 'Dense']);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('takes edits of the YAML, and shows errors at their place in both', async () => {
    const { page, context, faults } = await lab.open({
      viewport: { width: 1440, height: 900 },
    });
    await page.goto(lab.url);
    await page.getByRole('button', { name: 'Build' }).click();
    const spec = [
      'fuga: 1',
      'data: { source: digits, batch: 32 }',
      'network:',
      '  - { type: dense, out: 40, activation: relu, id: wide }',
      '  - { type: dense, out: 40, activation: relu }',
      '  - { type: dense, out: 40, activation: relu, id: deep }',
      '  - { type: add, inputs: [wide, deep] }',
      '  - { type: dense, out: 10 }',
      'steps: 2000',
    ].join('\n');
    await expect.poll(() => yaml(page).inputValue()).toContain('fuga: 1');
    await yaml(page).fill(spec);
    await expect.poll(() => names(page)).toEqual(['Dense', 'Dense', 'Dense', 'Add', 'Dense']);
    // The connection that skips a layer is drawn.
    await expect.poll(() => page.locator('.blocks > svg path').count()).toBe(1);
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, 'build-1440-light');

    const fault = page.getByTestId('yaml-fault');
    await yaml(page).fill(spec.replace('out: 10', 'outt: 10'));
    await expect.poll(() => fault.textContent()).toContain('Line 8');
    expect(await fault.textContent()).toContain('did you mean "out"');
    await expect.poll(() => page.locator('[data-path="4"] .fault').textContent()).toContain('outt');
    await yaml(page).fill(spec.replace('batch: 32 }', 'batch: 32'));
    await expect.poll(() => fault.textContent()).toMatch(/Line [23]/);
    await yaml(page).fill(spec);
    await expect.poll(() => fault.textContent()).toBe('');
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 10);

    // Connect by keyboard: the join takes in the block before it as well.
    await blocks(page).nth(3).click();
    await page.getByRole('checkbox', { name: /^1 Dense/ }).check();
    await expect.poll(() => yaml(page).inputValue()).toContain('inputs: [ wide, deep, dense1 ]');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('works with a finger on a small screen', async () => {
    const { page, context, faults } = await lab.open({
      viewport: { width: 360, height: 760 },
      hasTouch: true,
      colorScheme: 'dark',
    });
    await page.goto(lab.url);
    await page.getByRole('button', { name: 'Build' }).tap();
    await page.getByRole('button', { name: 'Add a layer' }).tap();
    await page.getByRole('searchbox').fill('dropout');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Dropout/ })
      .tap();
    await expect.poll(() => names(page)).toEqual(['Dense', 'Dense', 'Dropout']);
    await page.getByRole('button', { name: 'Move up' }).tap();
    await expect.poll(() => names(page)).toEqual(['Dense', 'Dropout', 'Dense']);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, 'build-360-dark');
    expect(faults).toEqual([]);
    await context.close();
  });
});
