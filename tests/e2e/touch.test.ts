import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { views } from '../../packages/web/src/lab/link.js';
import { findBarriers, screenshot } from '../browser.js';
import { openSpec } from './links.js';
import { drawFinger, middleOf, setStage } from './stage.js';

const lab = setStage();
const phone = { viewport: { width: 360, height: 760 }, hasTouch: true, isMobile: true } as const;
const soon = { timeout: 20_000 };

const blocks = (page: Page) => page.locator('.blocks .main');
const names = (page: Page) =>
  blocks(page).evaluateAll((all) => all.map((block) => block.getAttribute('aria-label')!.split('.')[0]));
const yaml = (page: Page) => page.getByRole('textbox', { name: 'As YAML' });
const handle = (page: Page, path: string) => page.locator(`[data-path="${path}"] > .card > .handle`);
const port = (page: Page, path: string) => page.locator(`[data-path="${path}"] > .card > .port`);
const slot = (page: Page, list: string, index: number) =>
  page.locator(`[data-list="${list}"][data-index="${index}"]`);

/** Targets of a finger that are smaller than WCAG 2.2 (2.5.8) allows, one line each; links within text are exempt. */
function smallTargets(page: Page, least: number): Promise<string[]> {
  return page.evaluate((least) => {
    const all = document.querySelectorAll<HTMLElement>(
      'button, a[href], select, textarea, summary, input, .handle, .port, [role=slider], [role=treeitem]',
    );
    return [...all].flatMap((element) => {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('p, .sources')) return [];
      // A box to tick has its label's words for a target as well.
      const target = element.matches('input[type=checkbox], input[type=radio]')
        ? (element.closest('label') ?? element)
        : element;
      const box = target.getBoundingClientRect();
      const more = getComputedStyle(target, '::after');
      const grown = more.content !== 'none' && more.position === 'absolute' ? -2 * parseFloat(more.top) : 0;
      const [width, height] = [box.width + Math.max(0, grown), box.height + Math.max(0, grown)];
      if (box.width === 0 || box.right < 0 || (width >= least && height >= least)) return [];
      const name = element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 30) ?? '';
      return [`${element.tagName.toLowerCase()}.${element.className} "${name}" ${width} × ${height}`];
    });
  }, least);
}

describe('with a finger, 360 px wide', () => {
  it('a network is built: added to, moved, nested, joined by a skip, thinned, undone', async () => {
    const { page, context, faults } = await lab.open(phone);
    await openSpec(
      page,
      lab,
      {
        data: { source: 'digits', batch: 32 },
        network: [
          { type: 'dense', out: 32, activation: 'relu' },
          { type: 'dense', out: 32, activation: 'tanh' },
          { type: 'dense', out: 10 },
        ],
        steps: 2000,
      },
      'build',
    );
    await expect.poll(() => names(page), soon).toEqual(['Dense', 'Dense', 'Dense']);

    // Add: at a gap between two blocks, and at the end.
    await slot(page, '', 1).getByRole('button').tap();
    await page.getByRole('searchbox').fill('layer norm');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Layer norm/ })
      .tap();
    await expect.poll(() => names(page), soon).toEqual(['Dense', 'Layer norm', 'Dense', 'Dense']);

    // The options of what was added have come up from below: they make room again.
    const finish = () => page.getByRole('button', { name: 'Done' }).tap();
    await finish();

    // Reorder: the second dense is drawn by its handle above the norm.
    await drawFinger(page, [await middleOf(handle(page, '2')), await middleOf(slot(page, '', 1))]);
    await expect.poll(() => yaml(page).inputValue(), soon).toMatch(/relu[^]*tanh[^]*layerNorm/);

    // Nest: the norm is wrapped, and a block is drawn into the wrapper.
    await blocks(page).nth(2).tap();
    await page.getByRole('button', { name: 'Wrap in Residual' }).tap();
    await expect.poll(() => names(page), soon).toEqual(['Dense', 'Dense', 'Residual', 'Layer norm', 'Dense']);
    await finish();
    await drawFinger(page, [await middleOf(handle(page, '1')), await middleOf(slot(page, '2.body', 1))]);
    await expect.poll(() => names(page), soon).toEqual(['Dense', 'Residual', 'Layer norm', 'Dense', 'Dense']);
    expect(
      await blocks(page)
        .nth(3)
        .evaluate((block) => block.closest('[data-path]')?.getAttribute('data-path')),
    ).toBe('1.body.1');

    // Repeat, by its field.
    await blocks(page).nth(1).tap();
    await page.getByRole('textbox', { name: 'Repeat' }).fill('3');
    await page.getByRole('textbox', { name: 'Repeat' }).press('Enter');
    await expect.poll(() => yaml(page).inputValue(), soon).toContain('repeat: 3');
    await finish();

    // Connect: an add behind the residual takes in the first block too, over the skip that the finger draws.
    await slot(page, '', 2).getByRole('button').tap();
    await page.getByRole('searchbox').fill('add');
    await page.getByRole('dialog').getByRole('button', { name: /^Add/ }).first().tap();
    await expect.poll(() => names(page), soon).toContain('Add');
    await finish();
    await page
      .locator('.blocks')
      .evaluate((element) => scrollBy(0, element.getBoundingClientRect().top - 90));
    const from = await middleOf(port(page, '0'));
    const to = (await blocks(page).nth(4).boundingBox())!;
    await drawFinger(page, [from, { x: to.x + 40, y: to.y + 20 }]);
    await expect.poll(() => page.locator('.blocks > svg path').count(), soon).toBe(1);
    await expect.poll(() => yaml(page).inputValue(), soon).toMatch(/type: add, inputs: \[ \w+, \w+ \]/);
    await expect
      .poll(async () => Number((await page.textContent('[data-testid=step]'))?.replace(/\D/g, '')), soon)
      .toBeGreaterThan(5);
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, 'touch-build-360');

    // Remove, and undo everything.
    await blocks(page).nth(4).tap();
    await page.getByRole('button', { name: 'Remove' }).tap();
    await expect.poll(() => names(page), soon).not.toContain('Add');
    const undo = page.getByRole('button', { name: 'Undo', exact: true });
    for (let edit = 0; edit < 8; edit++) await undo.tap();
    await expect.poll(() => names(page), soon).toEqual(['Dense', 'Dense', 'Dense']);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('a long network moves along while a block is drawn to the edge of the window', async () => {
    const { page, context, faults } = await lab.open(phone);
    const network = [
      { type: 'dense', out: 16, activation: 'sigmoid' },
      ...Array.from({ length: 14 }, () => ({ type: 'dense', out: 16, activation: 'tanh' })),
      { type: 'dense', out: 10 },
    ];
    await openSpec(page, lab, { data: { source: 'digits', batch: 32 }, network, steps: 2000 }, 'build');
    await expect.poll(() => blocks(page).count(), soon).toBe(16);
    const from = await middleOf(handle(page, '0'));
    await drawFinger(page, [from, { x: from.x, y: 740 }], { rest: 2500 });
    await expect
      .poll(() => page.locator('.block.selected').getAttribute('data-path').then(Number), soon)
      .toBeGreaterThan(9);
    await expect.poll(() => yaml(page).inputValue(), soon).toMatch(/tanh[^]*tanh[^]*tanh[^]*sigmoid/);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('a layer is put under the microscope by a tap on the picture, and the run is stepped', async () => {
    const { page, context, faults } = await lab.open(phone);
    await page.goto(lab.url);
    await page.getByTestId('finding').first().waitFor();
    await page.getByRole('button', { name: 'Pause' }).tap();
    await page.getByRole('button', { name: 'Play' }).waitFor();
    const title = page.locator('#scope-title');
    const before = await title.textContent();
    const chart = page.getByRole('application', { name: /Gradient flow/ });
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    await page.touchscreen.tap(box.x + 0.8 * box.width, box.y + 0.5 * box.height);
    await expect.poll(() => title.textContent(), soon).not.toBe(before);
    const step = async () => Number((await page.textContent('[data-testid=step]'))?.replace(/\D/g, ''));
    const paused = await step();
    await page.getByRole('button', { name: 'One step' }).tap();
    await expect.poll(step, soon).toBe(paused + 1);
    // A finger that moves over the picture scrolls the page: it is not caught there.
    const scrolled = await page.evaluate(() => scrollY);
    await drawFinger(page, [
      { x: box.x + 100, y: 500 },
      { x: box.x + 100, y: 300 },
    ]);
    await expect.poll(() => page.evaluate(() => scrollY), soon).not.toBe(scrolled);
    expect(faults).toEqual([]);
    await context.close();
  });

  it.each(views)('every target on the screen %s is at least 24 pixels wide and high', async (view) => {
    const { page, context, faults } = await lab.open(phone);
    await page.goto(lab.url);
    await page.getByTestId('finding').first().waitFor();
    await page.getByRole('navigation').getByRole('button').nth(views.indexOf(view)).tap();
    await page.locator('main :is(h1, h2)').first().waitFor();
    await page.waitForTimeout(400);
    if (view === 'build') await blocks(page).first().tap();
    expect(await smallTargets(page, 24)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });
});
