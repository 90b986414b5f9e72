import { describe, expect, it } from 'vitest';
import { findBarriers, screenshot } from '../browser.js';
import { setStage } from './stage.js';

const lab = setStage();

describe('a remedy', () => {
  it('is tried with one click against the patient, proven over five seeds, and applied', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    await page
      .getByTestId('finding')
      .first()
      .getByRole('button', { name: /ReLU with He/ })
      .click();
    const trial = page.getByTestId('trial');
    await trial.waitFor();
    const outcome = page.getByTestId('outcome');
    await expect.poll(() => outcome.textContent(), { timeout: 60_000 }).toContain('Cured');
    // Five seeds, all better: the exact test cannot give less than 1 / 32.
    expect(await trial.textContent()).toContain('p = 0.0313');
    expect(await page.getByTestId('effect').textContent()).toMatch(/^−/);
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, 'cure-1280-light');

    // A second treatment is held against the same runs of the patient.
    await page.getByRole('button', { name: /Try it: Adam/ }).click();
    await expect.poll(() => outcome.textContent(), { timeout: 60_000 }).toMatch(/healthy|No effect|Worse/);
    expect(await page.getByRole('table').textContent()).toContain('ReLU with He');
    await page
      .getByRole('table')
      .getByRole('button', { name: /ReLU with He/ })
      .click();
    await page.getByRole('button', { name: 'Apply to the patient' }).click();
    await page.getByRole('button', { name: 'Observe' }).click();
    await expect
      .poll(() => page.getByTestId('verdict').textContent(), { timeout: 20_000 })
      .toContain('Healthy');
    expect(await page.getByLabel('Activation').inputValue()).toBe('relu');
    // One undo, and the patient is ill again.
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect
      .poll(() => page.getByTestId('verdict').textContent(), { timeout: 20_000 })
      .toContain('Unhealthy');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('can be stopped, and keeps what it has shown', async () => {
    const { page, context, faults } = await lab.open({
      viewport: { width: 360, height: 760 },
    });
    await page.goto(lab.url);
    await page
      .getByTestId('finding')
      .first()
      .getByRole('button', { name: /ReLU with He/ })
      .click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => page.getByTestId('outcome').textContent()).not.toContain('Running');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(faults).toEqual([]);
    await context.close();
  });
});
