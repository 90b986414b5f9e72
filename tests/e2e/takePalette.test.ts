import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { findBarriers, screenshot } from '../browser.js';
import { setStage } from './stage.js';

const step = '[data-testid=step]';
const soon = { timeout: 20_000 };

const lab = setStage();

async function openLab(page: Page): Promise<void> {
  await page.goto(lab.url);
  await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 3);
}

const steps = async (page: Page) => Number(await page.textContent(step));

describe('by keyboard alone', () => {
  it('plays, pauses, steps, goes back, undoes and changes screens', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Play' }).waitFor(soon);
    await page.waitForTimeout(200);
    const paused = await steps(page);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => steps(page), soon).toBe(paused + 1);
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('button', { name: 'Whole pass' }).waitFor(soon);
    await page.keyboard.press('r');
    await expect.poll(() => steps(page), soon).toBe(1);
    await page.getByLabel('Activation').selectOption('tanh');
    // In a field the same keys are the field's own.
    await page.getByRole('textbox', { name: 'Depth' }).focus();
    await page.keyboard.press('u');
    expect(await page.getByLabel('Activation').inputValue()).toBe('tanh');
    await page.keyboard.press('Escape');
    await page.locator('main').focus();
    await page.keyboard.press('u');
    await expect.poll(() => page.getByLabel('Activation').inputValue(), soon).toBe('sigmoid');
    await page.keyboard.press('Control+Shift+Z');
    await expect.poll(() => page.getByLabel('Activation').inputValue(), soon).toBe('tanh');
    await page.keyboard.press('Control+z');
    await expect.poll(() => page.getByLabel('Activation').inputValue(), soon).toBe('sigmoid');
    await page.keyboard.press('2');
    await page.getByRole('heading', { name: 'The network' }).waitFor(soon);
    await page.keyboard.press('1');
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Recomeçar' }).waitFor(soon);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('shows every shortcut on ?, and gives the focus back', async () => {
    const { page, context, faults } = await lab.open();
    await openLab(page);
    await page.getByRole('button', { name: 'Reset' }).focus();
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.waitFor(soon);
    for (const name of ['Play or pause', 'One step', 'Undo', 'Export', 'Observe']) {
      expect(await help.getByRole('row', { name }).count()).toBeGreaterThan(0);
    }
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, 'help-1280', false);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count(), soon).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Reset');
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe.each(['light', 'dark'] as const)('the palette in the %s theme', (colorScheme) => {
  it('finds what can be done by a few letters and does it', async () => {
    const { page, context, faults } = await lab.open({ colorScheme });
    await openLab(page);
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog', { name: 'Commands' });
    const box = palette.getByRole('combobox');
    await box.waitFor(soon);
    expect(await box.evaluate((input) => input === document.activeElement)).toBe(true);
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, `palette-1280-${colorScheme}`, false);
    await page.keyboard.type('resnet');
    await expect
      .poll(() => palette.getByRole('option', { selected: true }).textContent(), soon)
      .toContain('ResNet');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByLabel('Family').inputValue(), soon).toBe('resnet');
    // Case and accents do not matter.
    await page.keyboard.press('Control+k');
    await box.waitFor(soon);
    await page.keyboard.type('EXPORT');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Export' }).waitFor(soon);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await box.waitFor(soon);
    await page.keyboard.type('zzzz');
    await palette.getByText('Nothing by that name.').waitFor(soon);
    await page.setViewportSize({ width: 360, height: 760 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('lay');
    await screenshot(page, `palette-360-${colorScheme}`, false);
    expect(await findBarriers(page)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });
});
