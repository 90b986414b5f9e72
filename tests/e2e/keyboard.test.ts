import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { encodeLink } from '../../packages/web/src/lab/link.js';
import { en } from '../../packages/web/src/words/en.js';
import { pt } from '../../packages/web/src/words/pt.js';
import { findBarriers } from '../browser.js';
import { setStage } from './stage.js';

const lab = setStage();

/** A healthy network, of few enough steps that five seeds of two such are soon made. */
const healthy = {
  fuga: 1,
  seed: 1,
  data: { source: 'digits', batch: 64 },
  model: { type: 'mlp', depth: 4, width: 64, activation: 'relu', init: 'heNormal' },
  optimizer: { type: 'sgd', lr: 0.1 },
  steps: 300,
};

/** Presses Tab, or Shift and Tab, until the element has the focus: whoever cannot get there so cannot get there. */
async function tabTo(page: Page, target: Locator, most = 120): Promise<void> {
  await target.waitFor();
  const isThere = () => target.evaluate((element) => element === document.activeElement);
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let i = 0; i < most; i++) {
      if (await isThere()) {
        // What has the focus shows it.
        const outline = await target.evaluate((element) => {
          const style = getComputedStyle(element);
          const frame = getComputedStyle(element.parentElement!);
          return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || frame.outlineStyle !== 'none';
        });
        expect(outline, 'the focus is seen').toBe(true);
        return;
      }
      await page.keyboard.press(key);
    }
  }
  throw new Error(`the keyboard does not reach ${target.toString()}`);
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Chooses in a list by typing the beginning of the option's name. */
async function choose(page: Page, target: Locator, value: string): Promise<void> {
  await tabTo(page, target);
  const name = await target.evaluate(
    (list, value) => [...(list as HTMLSelectElement).options].find((option) => option.value === value)!.text,
    value,
  );
  await page.keyboard.type(name);
  await expect.poll(() => target.inputValue()).toBe(value);
}

async function enter(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(500); // edits settle before a network is opened
}

const stepOf = async (page: Page) =>
  Number((await page.textContent('[data-testid=step]'))?.replace(/\D/g, ''));
const digestOf = (page: Page) =>
  page.evaluate(() => (window as unknown as { fugaDigest(): Promise<string | null> }).fugaDigest());

describe.each([
  { locale: 'en-US', colorScheme: 'light', words: en, cured: 'Cured', apply: 'Apply to the patient' },
  { locale: 'pt-BR', colorScheme: 'dark', words: pt, cured: 'Curado', apply: 'Aplicar ao paciente' },
] as const)('by keyboard alone, $locale, $colorScheme', ({ locale, colorScheme, words, cured, apply }) => {
  it('a sick network is built, found, cured, shared, and shows the same numbers to whoever opens the link', async () => {
    const { page, context, faults } = await lab.open({ locale, colorScheme });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${lab.url}#${await encodeLink({ view: 'observe', spec: healthy })}`);
    const view = (name: keyof typeof words.app.views) =>
      page.getByRole('navigation').getByRole('button', { name: words.app.views[name], exact: true });
    const verdict = (said: string) =>
      expect
        .poll(
          async () =>
            // While a network is being measured what was said of the last one stands there, faintly.
            (await page.locator('.stale').count()) === 0 && (await page.getByTestId('verdict').textContent()),
          { timeout: 40_000 },
        )
        .toContain(said);
    await verdict(words.findings.healthy);
    expect(await page.locator('html').getAttribute('lang')).toBe(locale === 'en-US' ? 'en' : locale);

    // The first stop is the way past the header.
    await page.keyboard.press('Tab');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent?.trim()))
      .toBe(words.app.skip);

    // Ill: deep, with sigmoids and a draw that does not fit them.
    await choose(page, page.getByLabel(words.fields['activation']!, { exact: true }), 'sigmoid');
    await choose(page, page.getByLabel(words.fields['init']!, { exact: true }), 'xavierUniform');
    await enter(page, page.getByRole('textbox', { name: words.fields['depth']! }), '20');
    await verdict(words.findings.unhealthy);
    const finding = page.getByTestId('finding').first();
    expect(await finding.textContent()).toContain(locale === 'en-US' ? 'Vanishing gradient' : 'Gradiente');
    expect(await findBarriers(page)).toEqual([]);

    // The picture itself: along the layers by arrow keys.
    const flow = page.getByRole('application').first();
    await tabTo(page, flow);
    await page.keyboard.press('Home');
    const first = await page.locator('#scope-title').textContent();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('#scope-title').textContent()).not.toBe(first);

    // Build: the same network as blocks, walked through by arrow keys.
    await press(page, view('build'));
    const blocks = page.locator('.blocks .main');
    await tabTo(page, blocks.first());
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    expect(await blocks.nth(1).evaluate((block) => block === document.activeElement)).toBe(true);
    expect(await findBarriers(page)).toEqual([]);

    // Cure: the remedy that the finding asks for first, against the patient on five seeds.
    await press(page, view('observe'));
    const remedy = finding.locator('.remedies button').first();
    await press(page, remedy);
    const outcome = page.getByTestId('outcome');
    await expect.poll(() => outcome.textContent(), { timeout: 150_000 }).toContain(cured);
    expect(await findBarriers(page)).toEqual([]);
    await press(page, page.getByRole('button', { name: apply }));
    await press(page, view('observe'));
    await verdict(words.findings.healthy);

    // Share it, run it to its end, and let someone else do so.
    await press(page, page.getByRole('button', { name: words.app.copyLink }));
    await page.getByRole('button', { name: words.app.linkCopied }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link.length).toBeLessThan(2048);
    expect(link.startsWith(lab.url)).toBe(true);
    await choose(page, page.getByLabel(words.run.speed), 'max');
    await expect.poll(() => stepOf(page), { timeout: 60_000 }).toBe(healthy.steps);
    const here = { digest: await digestOf(page), loss: await page.textContent('[data-testid=loss]') };
    expect(here.digest).toMatch(/^[0-9a-f]{64}$/);

    const other = await lab.open({ locale, colorScheme });
    await other.page.goto(link);
    await choose(other.page, other.page.getByLabel(words.run.speed), 'max');
    await expect.poll(() => stepOf(other.page), { timeout: 60_000 }).toBe(healthy.steps);
    const there = {
      digest: await digestOf(other.page),
      loss: await other.page.textContent('[data-testid=loss]'),
    };
    expect(there).toEqual(here);
    expect(faults).toEqual([]);
    expect(other.faults).toEqual([]);
    await other.context.close();
    await context.close();
  }, 400_000);
});
