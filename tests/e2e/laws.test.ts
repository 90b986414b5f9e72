import { experiments, holds, makeBench } from '@fuga/engine';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { NumberFormat } from '../../packages/web/src/charts/format.js';
import { expectOpenToAll, setStage } from './stage.js';

const lab = setStage();

async function openLaws(page: Page, name = 'Laws'): Promise<void> {
  await page.goto(lab.url);
  await page.getByRole('button', { name, exact: true }).click();
  await page.getByTestId('law-sigmoidDecay').waitFor();
}

describe('the gallery of laws', () => {
  it('lists every experiment of the shelf, with question, law and linked source', async () => {
    const { page, context, faults } = await lab.open();
    await openLaws(page);
    for (const { id, title, question, law } of Object.values(experiments)) {
      const text = await page.getByTestId(`law-${id}`).textContent();
      for (const part of [title.en, question.en, law.formula]) expect(text, id).toContain(part);
    }
    const link = page.getByTestId('law-heInit').getByRole('link', { name: 'arXiv:1502.01852' });
    expect(await link.getAttribute('href')).toBe('https://arxiv.org/abs/1502.01852');
    expect(await link.getAttribute('rel')).toContain('noopener');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('runs a law live to its verdict, with the numbers that the engine gives without a browser', async () => {
    const { page, context, faults } = await lab.open();
    await openLaws(page);
    const row = page.getByTestId('law-heInit');
    await row.getByRole('button', { name: /^Run/ }).click();
    await row.getByText('The law holds').waitFor({ timeout: 90_000 });
    const outcome = await experiments.heInit.measure(await makeBench({ seed: 1, variant: 'simd' }));
    expect(holds(outcome)).toBe(true);
    const format = new NumberFormat('en');
    expect(await row.getByTestId('measured').allTextContents()).toEqual(
      outcome.checks.map(({ measured }) => format.number(measured)),
    );
    await row.getByText('The points as a table').click();
    const points = outcome.picture.curves.reduce((sum, curve) => sum + curve.points.length, 0);
    const rows = row.getByRole('region', { name: 'The points as a table' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(points);
    expect(await page.getByTestId('laws-summary').textContent()).toBe('1 of 1 measured laws hold');

    await row.getByRole('button', { name: /^Again, other seeds/ }).click();
    await row.getByText(/seed 2/).waitFor({ timeout: 90_000 });
    expect(faults).toEqual([]);
    await context.close();
  });

  it('stops at once, goes on with another, and keeps the lab’s training going', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) > 5);
    await page.getByRole('button', { name: 'Laws', exact: true }).click();
    const long = page.getByTestId('law-copyMemoryTask');
    await long.getByRole('button', { name: /^Run/ }).click();
    const short = page.getByTestId('law-clipping');
    await short.getByRole('button', { name: /^Run/ }).click();
    expect(await short.getByTestId('verdict').textContent()).toContain('Waiting');
    await long.getByRole('progressbar').waitFor();
    await long.getByRole('button', { name: /^Stop/ }).click();
    expect(await long.getByTestId('verdict').textContent()).toContain('Stopped');
    await short.getByText('The law holds').waitFor({ timeout: 60_000 });

    await page.getByRole('button', { name: 'Observe', exact: true }).click();
    const before = Number((await page.textContent('[data-testid=step]'))?.replaceAll(',', ''));
    expect(before).toBeGreaterThan(5);
    await page.waitForFunction(
      (step) => Number(document.querySelector('[data-testid=step]')?.textContent?.replaceAll(',', '')) > step,
      before,
    );
    // What was measured is still there.
    await page.getByRole('button', { name: 'Laws', exact: true }).click();
    expect(await short.getByText('The law holds').count()).toBe(1);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe.each([
  ['light', 'en-US'],
  ['dark', 'pt-BR'],
] as const)('in the %s theme, %s', (colorScheme, locale) => {
  it('has no barrier that axe knows, and no sideways scrolling at 360 px', async () => {
    const { page, context, faults } = await lab.open({ colorScheme, locale });
    const isEnglish = locale === 'en-US';
    await openLaws(page, isEnglish ? 'Laws' : 'Leis');
    for (const id of ['clipping', 'sigmoidDecay']) {
      const row = page.getByTestId(`law-${id}`);
      await row.getByRole('button', { name: isEnglish ? /^Run/ : /^Medir/ }).click();
      await row.getByText(isEnglish ? 'The law holds' : 'A lei vale').waitFor({ timeout: 60_000 });
    }
    const words = await page.getByTestId('law-sigmoidDecay').textContent();
    for (const word of isEnglish
      ? ['factor a layer', 'Predicted', 'Band']
      : ['fator por camada', 'Previsto', 'Faixa'])
      expect(words).toContain(word);
    await expectOpenToAll(page, (width) => `laws-${width}-${colorScheme}`);
    expect(faults).toEqual([]);
    await context.close();
  });
});
