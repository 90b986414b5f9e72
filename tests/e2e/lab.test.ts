import { describe, expect, it } from 'vitest';
import { expectOpenToAll, setStage } from './stage.js';

const lab = setStage();

const step = '[data-testid=step]';

describe('the lab, opened for the first time', () => {
  it('trains, shows the gradient die, and says what is wrong', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 20);
    const flow = page.getByRole('application', { name: /Gradient flow/ });
    const before = await flow.screenshot();
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 60);
    expect((await flow.screenshot()).equals(before), 'the chart moves').toBe(false);
    await expect.poll(() => page.getByTestId('verdict').textContent()).toContain('Unhealthy');
    const finding = page.getByTestId('finding').first();
    expect(await finding.textContent()).toContain('Vanishing gradient');
    expect(await finding.textContent()).toContain('activation slope');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('pauses, steps one by one, resets, and gives the table behind the picture', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 5);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Play' }).waitFor();
    await page.waitForTimeout(150);
    const paused = Number(await page.textContent(step));
    await page.waitForTimeout(150);
    expect(Number(await page.textContent(step))).toBe(paused);
    await page.getByRole('button', { name: 'One step' }).click();
    await expect.poll(async () => Number(await page.textContent(step))).toBe(paused + 1);
    await page.getByText('Show as a table').click();
    const cells = page.getByRole('row', { name: /^0\.dense/ }).getByRole('cell');
    expect(await cells.first().textContent()).toMatch(/^\d\.\d·10⁻/);
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(async () => Number(await page.textContent(step))).toBe(1);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('shows a healthy network as healthy once its activation and init are changed', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    await page.getByLabel('Activation').selectOption('relu');
    await page.getByLabel('Init').selectOption('heNormal');
    await page.getByRole('textbox', { name: 'Depth' }).fill('6');
    await page.getByRole('textbox', { name: 'Depth' }).press('Enter');
    await page.getByLabel('Speed').selectOption('max');
    await expect
      .poll(() => page.getByTestId('verdict').textContent(), { timeout: 20_000 })
      .toContain('Healthy');
    expect(await page.getByTestId('finding').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('says where and why a network cannot be built, and goes on once it is mended', async () => {
    const { page, context } = await lab.open();
    await page.goto(lab.url);
    const width = page.getByRole('textbox', { name: 'Width' });
    await width.fill('60000');
    await width.press('Enter');
    const alert = page.getByRole('alert');
    await expect.poll(() => alert.textContent()).toContain('GiB');
    await width.fill('32');
    await width.press('Enter');
    await expect.poll(() => alert.count()).toBe(0);
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 5);
    await context.close();
  });
});

describe('the same link', () => {
  it('shows the same numbers in a fresh profile', async () => {
    const first = await lab.open();
    await first.page.goto(lab.url);
    await first.page.getByLabel('Activation').selectOption('tanh');
    await first.page.getByRole('textbox', { name: 'Seed' }).fill('7');
    await first.page.getByRole('textbox', { name: 'Seed' }).press('Enter');
    await first.page.getByRole('button', { name: 'Pause' }).click();
    await first.page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => first.page.textContent(step)).toBe('1');
    await first.page.waitForFunction(() => location.hash.length > 1);
    await first.page.waitForTimeout(400);
    const link = first.page.url();
    expect(link.length).toBeLessThan(2048);
    const loss = await first.page.textContent('[data-testid=loss]');
    await first.context.close();

    const second = await lab.open();
    await second.page.goto(link);
    await second.page.getByRole('button', { name: 'Pause' }).click();
    await second.page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => second.page.textContent(step)).toBe('1');
    expect(await second.page.textContent('[data-testid=loss]')).toBe(loss);
    expect(await second.page.getByLabel('Activation').inputValue()).toBe('tanh');
    expect(second.faults).toEqual([]);
    await second.context.close();
  });
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  it('has no barrier that axe knows, and no sideways scrolling at 360 px', async () => {
    const { page, context, faults } = await lab.open({ colorScheme });
    await page.goto(lab.url);
    await page.getByTestId('finding').first().waitFor();
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 60);
    await expectOpenToAll(page, (width) => `observe-${width}-${colorScheme}`);
    expect(faults).toEqual([]);
    await context.close();
  });
});
