import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { findBarriers, screenshot } from '../browser.js';
import { openSpec } from './links.js';
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

  it('every kind of edit, by mouse and by keyboard, is undone and redone as one', async () => {
    const { page, context, faults } = await lab.open({ viewport: { width: 1440, height: 1000 } });
    const soon = { timeout: 20_000 };
    await openSpec(
      page,
      lab,
      {
        data: { source: 'digits', batch: 32 },
        network: [
          { type: 'dense', out: 24, activation: 'relu' },
          { type: 'residual', body: [{ type: 'dense', out: 24, activation: 'tanh' }] },
          { type: 'dense', out: 24, activation: 'gelu' },
          { type: 'dense', out: 10 },
        ],
        steps: 5000,
      },
      'build',
    );
    await expect.poll(() => blocks(page).count(), soon).toBe(5);
    const inspector = page.getByRole('region', { name: 'Layer' });
    const field = (name: string) => page.getByRole('textbox', { name });
    const enter = async (name: string, value: string) => {
      await field(name).fill(value);
      await field(name).press('Enter');
    };
    const block = (path: string) => page.locator(`[data-path="${path}"] > .card > .main`);
    /** A press on something, drawn to somewhere else. */
    const draw = async (from: Locator, to: Locator, at = { x: 60, y: 6 }) => {
      // What was edited before may still move the blocks.
      let places = '';
      const look = async () => JSON.stringify([await from.boundingBox(), await to.boundingBox()]);
      await expect
        .poll(async () => places === (places = await look()), { ...soon, interval: 200 })
        .toBe(true);
      const [start, end] = [(await from.boundingBox())!, (await to.boundingBox())!];
      await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
      await page.mouse.down();
      await page.mouse.move(end.x + at.x, end.y + at.y, { steps: 6 });
      await page.mouse.up();
    };
    const handle = (path: string) => page.locator(`[data-path="${path}"] > .card > .handle`);
    const slot = (list: string, index: number) =>
      page.locator(`[data-list="${list}"][data-index="${index}"]`);
    const choose = async (name: string) => {
      await page.getByRole('searchbox').fill(name);
      await page.getByRole('searchbox').press('Enter');
    };

    /** What is done, and what of it the YAML shows. */
    const edits: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
      [
        'insert in a gap, by mouse',
        async () => {
          await slot('', 1).getByRole('button').click();
          await choose('layer norm');
        },
        /relu[^]*- \{ type: layerNorm \}[^]*residual/,
      ],
      [
        'insert within a body, by keyboard',
        async () => {
          await slot('2.body', 1).getByRole('button').focus();
          await page.keyboard.press('Enter');
          await choose('dropout');
        },
        /tanh[^\n]*\n?[^]*dropout[^]*gelu/,
      ],
      ['set a number', async () => (await block('0').click(), enter('Outputs', '40')), /out: 40/],
      [
        'choose an activation',
        async () => (await block('0').click(), inspector.getByLabel('Activation').selectOption('selu')),
        /selu/,
      ],
      ['repeat, by keyboard', async () => (await block('3').click(), page.keyboard.press('+')), /repeat: 2/],
      ['repeat, by its field', async () => (await block('3').click(), enter('Repeat', '4')), /repeat: 4/],
      [
        'duplicate',
        async () => (await block('1').click(), page.getByRole('button', { name: 'Duplicate' }).click()),
        /layerNorm \}\n[^\n]*layerNorm/,
      ],
      [
        'move down, by keyboard',
        async () => (await block('0').click(), page.keyboard.press('Alt+ArrowDown')),
        /layerNorm[^]*selu/,
      ],
      ['move, by mouse', () => draw(handle('1'), slot('', 0)), /selu[^]*layerNorm[^]*layerNorm/],
      ['nest, by mouse', () => draw(handle('2'), slot('3.body', 0)), /body:[^]*layerNorm[^]*tanh/],
      [
        'nest into the block above, by keyboard',
        async () => {
          await block('3').click();
          await page.getByRole('button', { name: 'Into the block above' }).focus();
          await page.keyboard.press('Enter');
        },
        /dropout[^]*gelu/,
      ],
      [
        'out of a body again, by keyboard',
        async () => (await block('2.body.3').click(), page.keyboard.press('Alt+ArrowDown')),
        /gelu/,
      ],
      [
        'wrap',
        async () => (
          await block('0').click(),
          page.getByRole('button', { name: 'Wrap in Residual' }).click()
        ),
        /residual[^]*residual/,
      ],
      [
        'unwrap',
        async () => (await block('0').click(), page.getByRole('button', { name: 'Unwrap' }).click()),
        /selu/,
      ],
      [
        'add at the end',
        async () => {
          await page.getByRole('button', { name: 'Add a layer' }).click();
          await choose('concat');
        },
        /concat/,
      ],
      [
        'connect, by mouse',
        () => draw(page.locator('[data-path="0"] > .card > .port'), block('5'), { x: 40, y: 20 }),
        /type: concat, inputs: \[ \w+, \w+ \]/,
      ],
      [
        'connect, by keyboard',
        async () => {
          await block('5').click();
          await page.getByRole('checkbox', { name: /^1 Layer norm/ }).focus();
          await page.keyboard.press('Space');
        },
        /type: concat, inputs: \[ \w+, \w+, \w+ \]/,
      ],
      [
        'remove, by keyboard',
        async () => (await block('5').click(), page.keyboard.press('Delete')),
        /^(?![^]*concat)/,
      ],
      [
        'a family’s preset',
        () => page.getByLabel('Start from a family').selectOption('resnet'),
        /model: \{ type: resnet/,
      ],
      [
        'the text',
        async () => {
          // The address still follows the edit before; then it follows this one.
          let address = '';
          await expect.poll(() => address === (address = page.url()), { ...soon, interval: 600 }).toBe(true);
          await yaml(page).fill((await yaml(page).inputValue()).replace('batch: 32', 'batch: 48'));
          // It is read once nothing more is typed.
          await expect.poll(() => page.url(), soon).not.toBe(address);
        },
        /batch: 48/,
      ],
    ];
    const undo = page.getByRole('button', { name: 'Undo', exact: true });
    const redo = page.getByRole('button', { name: 'Redo', exact: true });
    await expect.poll(() => yaml(page).inputValue(), soon).toContain('gelu');
    for (const [name, edit, shows] of edits) {
      const before = await yaml(page).inputValue();
      await edit();
      await expect.poll(() => yaml(page).inputValue(), { ...soon, message: name }).not.toBe(before);
      const after = await yaml(page).inputValue();
      expect(after, name).toMatch(shows);
      await undo.click();
      await expect.poll(() => yaml(page).inputValue(), { ...soon, message: `${name}, undone` }).toBe(before);
      await redo.click();
      await expect.poll(() => yaml(page).inputValue(), { ...soon, message: `${name}, redone` }).toBe(after);
    }
    // And by keyboard, all of them at once.
    await page.locator('main').focus();
    for (const _ of edits) await page.keyboard.press('Control+z');
    await expect.poll(() => names(page), soon).toEqual(['Dense', 'Residual', 'Dense', 'Dense', 'Dense']);
    for (const _ of edits) await page.keyboard.press('Control+y');
    await expect.poll(() => yaml(page).inputValue(), soon).toContain('batch: 48');
    await expect
      .poll(async () => Number((await page.textContent('[data-testid=step]'))?.replace(/\D/g, '')), soon)
      .toBeGreaterThan(1);
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
