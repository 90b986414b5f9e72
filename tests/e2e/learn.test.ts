import { openRun, probeIds, train } from '@fuga/engine';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { NumberFormat } from '../../packages/web/src/charts/format.js';
import type { Chapter } from '../../packages/web/src/learn/chapter.js';
import { chapters } from '../../packages/web/src/learn/chapters/index.js';
import type { Opened } from '../../packages/web/src/worker/protocol.js';
import { findBarriers, screenshot } from '../browser.js';
import { setStage } from './stage.js';

const lab = setStage();

async function openTour(page: Page, name = 'Learn'): Promise<void> {
  await page.goto(lab.url);
  await page.getByRole('button', { name, exact: true }).click();
  await page.locator('#chapter-title').waitFor();
}

/** Answers the chapter's question and waits for what its network gives. */
async function answer(page: Page, option: string | RegExp): Promise<string> {
  const question = page.getByTestId('question');
  await question.getByRole('radio', { name: option }).check();
  await question.getByRole('button', { name: 'Compare with the measurement' }).click();
  const measured = question.getByTestId('measured');
  await measured.waitFor({ timeout: 60_000 });
  return (await measured.textContent()) ?? '';
}

/** What a chapter's question measures on its first record, without a browser. */
async function measuredHere({ spec, start, question }: Chapter): Promise<number> {
  const run = await openRun({ fuga: 1, seed: 1, ...spec(start) }, { exact: true, every: 1 });
  train(run).next();
  const record = run.trace.records[0]!;
  const opened = { sites: run.trace.sites, probes: probeIds } as unknown as Opened;
  const walks = Object.values(record.details ?? {}).find(({ states }) => Object.keys(states).length > 0);
  return question.measure({ opened, record, loss: record.loss, walks: walks?.states ?? {}, score: null });
}

/** The answer that each chapter's own network gives. */
const truths: Readonly<Record<string, string>> = {
  chainRule: 'quarter',
  firstWeights: 'millionth',
  rectifier: 'tiny',
  deadUnits: 'most',
  explosion: 'hundreds',
  norms: 'grows',
  shortcuts: 'same',
  throughTime: 'gone',
  gates: 'hundredth',
  attention: 'thousandth',
  slices: 'blind',
  boxesAndWords: 'third',
};

describe('a chapter of the tour', () => {
  it('is read, answered, tried, handed to the lab, and remembered', async () => {
    const { page, context, faults } = await lab.open();
    await openTour(page);
    expect(await page.locator('#chapter-title').textContent()).toBe('A product of many factors');
    const measured = await answer(page, 'by about ¼');
    expect(Math.abs(Number(measured) - 0.236), 'what theory predicts for a sigmoid layer').toBeLessThan(0.01);
    const question = page.getByTestId('question');
    expect(await question.textContent()).toContain('The network agrees.');
    expect(await page.getByTestId('reached').count()).toBe(0);

    const layers = page.getByTestId('experiment').getByRole('textbox', { name: 'Layers' });
    await layers.fill('4');
    await layers.press('Enter');
    await page.getByTestId('reached').waitFor();

    await page.getByRole('button', { name: 'Open in Observe' }).click();
    await expect.poll(() => page.getByRole('textbox', { name: 'Depth' }).inputValue()).toBe('4');
    expect(await page.getByLabel('Activation').inputValue()).toBe('sigmoid');

    await page.reload();
    await page.getByRole('button', { name: 'Learn', exact: true }).click();
    const first = page.getByRole('navigation', { name: 'Chapters' }).getByRole('button').first();
    expect(await first.textContent()).toContain('answered');
    expect(await first.textContent()).toContain('tried');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('says which answer the network gives when another was picked, and can be answered anew', async () => {
    const { page, context, faults } = await lab.open();
    await openTour(page);
    await answer(page, 'by 1: it passes');
    const question = page.getByTestId('question');
    expect(await question.textContent()).toContain('The network says: by about ¼.');
    await question.getByRole('button', { name: 'Answer anew' }).click();
    expect(await question.getByRole('radio', { name: 'by about ½' }).isEnabled()).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('measures the same numbers as the engine without a browser', async () => {
    const { page, context, faults } = await lab.open();
    await openTour(page);
    const format = new NumberFormat('en');
    for (const id of ['rectifier', 'norms', 'throughTime', 'gates']) {
      const chapter = chapters.find((known) => known.id === id)!;
      const { title } = chapter.words.en;
      await page.getByRole('navigation', { name: 'Chapters' }).getByRole('button', { name: title }).click();
      const option = chapter.words.en.options[truths[id]!]!;
      expect(await answer(page, option), id).toBe(format.number(await measuredHere(chapter)));
    }
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('the twelve chapters', () => {
  it('each train, and give the answer that the text explains', async () => {
    const { page, context, faults } = await lab.open();
    await openTour(page);
    expect(chapters).toHaveLength(12);
    for (const { id, words } of chapters) {
      await expect.poll(() => page.locator('#chapter-title').textContent()).toBe(words.en.title);
      await answer(page, words.en.options[truths[id]!]!);
      expect(await page.getByTestId('question').textContent(), id).toContain('The network agrees.');
      expect(await page.locator('.katex math').count(), id).toBeGreaterThan(0);
      await page.getByRole('button', { name: /^Next: |^On to/ }).click();
    }
    await page.getByTestId('laws-summary').waitFor();
    expect(faults, 'formulas and all within the policy').toEqual([]);
    await context.close();
  });

  it('have the same parts in both languages, and every term is in the glossary', () => {
    for (const { id, words, turns, question } of chapters) {
      const [en, pt] = [words.en, words['pt-BR']];
      const options = question.options.map((option) => option.id).sort();
      for (const { text, options: shown, turns: named } of [en, pt]) {
        expect(text.length, id).toBe(en.text.length);
        expect(Object.keys(shown).sort(), id).toEqual(options);
        expect(Object.keys(named).sort(), id).toEqual(turns.map((turn) => turn.id).sort());
      }
      expect(pt.title, id).not.toBe(en.title);
    }
  });
});

describe('the glossary', () => {
  it('opens by keyboard with a formula, closes with Escape, and gives the focus back', async () => {
    const { page, context, faults } = await lab.open();
    await openTour(page);
    const term = page.getByRole('button', { name: 'sigmoid', exact: true });
    await term.focus();
    await page.keyboard.press('Enter');
    const card = page.getByRole('dialog', { name: 'Sigmoid' });
    await card.waitFor();
    await card.locator('.katex math').first().waitFor();
    expect(await card.textContent()).toContain('a quarter at best');
    await page.keyboard.press('Escape');
    await expect.poll(() => card.isVisible()).toBe(false);
    expect(await term.evaluate((element) => element === document.activeElement)).toBe(true);

    await term.click();
    await card.waitFor();
    await page.locator('#chapter-title').click();
    await expect.poll(() => card.isVisible()).toBe(false);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('explains a finding where it is found', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    await page.getByRole('button', { name: 'What this is: Vanishing gradient' }).click();
    const card = page.getByRole('dialog', { name: 'Vanishing gradient' });
    await card.waitFor();
    await card.locator('.katex math').first().waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => card.isVisible()).toBe(false);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('the tour', () => {
  it('speaks Portuguese and keeps the chapter and the answer', async () => {
    const { page, context, faults } = await lab.open();
    await openTour(page);
    await page.getByRole('button', { name: /^Next/ }).click();
    await answer(page, 'about a tenth');
    await page.getByRole('button', { name: 'Português' }).click();
    await expect.poll(() => page.locator('#chapter-title').textContent()).toBe('Por onde começar');
    expect(await page.getByTestId('question').textContent()).toContain(
      'A rede diz: cerca de dois milionésimos.',
    );
    expect(await page.locator('html').getAttribute('lang')).toBe('pt-BR');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('opens a link at its chapter', async () => {
    const { page, context } = await lab.open();
    await openTour(page);
    await page.getByRole('button', { name: /^Next/ }).click();
    await page.waitForTimeout(500);
    const link = page.url();
    await context.close();
    const fresh = await lab.open();
    await fresh.page.goto(link);
    await expect.poll(() => fresh.page.locator('#chapter-title').textContent()).toBe('Where to begin');
    expect(fresh.faults).toEqual([]);
    await fresh.context.close();
  });

  it('works where storage is refused, or holds nonsense', async () => {
    const { page, context, faults } = await lab.open();
    await page.addInitScript(() => localStorage.setItem('fuga.learn', '{"chainRule":[1],"__proto__":3,"x":'));
    await openTour(page);
    await page.addInitScript(() => {
      Object.defineProperty(window, 'localStorage', {
        get: () => {
          throw new DOMException('refused', 'SecurityError');
        },
      });
    });
    await openTour(page);
    await answer(page, 'by about ¼');
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
    await openTour(page, locale === 'pt-BR' ? 'Aprender' : 'Learn');
    await page.waitForFunction(
      () => Number(document.querySelector('[data-testid=learn-step]')?.textContent) > 40,
    );
    await page.locator('.katex').first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, `learn-1280-${colorScheme}`);
    await page.locator('article .term button').first().click();
    await page.locator('[role=dialog] .katex').first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, `glossary-1280-${colorScheme}`, false);
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 360, height: 760 });
    for (const [i] of chapters.entries()) {
      if (i > 0) await page.getByRole('button', { name: /^(Next|Próximo): / }).click();
      await page.locator('.law .katex').first().waitFor();
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth),
        `chapter ${i + 1}`,
      ).toBeLessThanOrEqual(360);
    }
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, `learn-360-${colorScheme}`);
    expect(faults).toEqual([]);
    await context.close();
  });
});
