import type { Page, Worker } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { encodeLink } from '../../packages/web/src/lab/link.js';
import { findBarriers, screenshot } from '../browser.js';
import { openSpec, trainTo } from './links.js';
import { setStage } from './stage.js';

const lab = setStage();
const soon = { timeout: 20_000 };
const spec = {
  data: { source: 'digits', batch: 32 },
  model: { type: 'mlp', depth: 3, width: 32, activation: 'relu' },
  optimizer: { type: 'sgd', lr: 0.05 },
  steps: 100_000,
};

const step = async (page: Page) =>
  Number((await page.getByTestId('step').textContent())?.replaceAll(/\D/g, ''));
const verdict = (page: Page) => page.getByTestId('verdict').textContent();

/** The worker that trains; others check and try. */
function trainer(page: Page): Worker {
  return page.workers().find((worker) => worker.url().includes('engine.worker'))!;
}

describe('a link that is not taken', () => {
  /** Links that the engine or the reader refuses, and what is said of each. */
  const refused = [
    [
      'a layer that is unknown',
      { network: [{ type: 'dens', out: 10 }] },
      /network\.0\.type.*did you mean "dense"/,
    ],
    ['more memory than there is', { model: { type: 'mlp', depth: 3, width: 1_000_000 } }, /GiB|memory/i],
    [
      'shapes that do not fit',
      {
        network: [
          { type: 'dense', out: 4, id: 'narrow' },
          { type: 'dense', out: 5, id: 'wide' },
          { type: 'add', inputs: ['narrow', 'wide'] },
        ],
      },
      /network\.2|add/,
    ],
  ] as const;

  it.each(refused)(
    'as it asks for %s: says why, measures nothing, and offers a way on',
    async (_, wrong, why) => {
      const { page, context, faults } = await lab.open();
      await openSpec(page, lab, { data: { source: 'digits', batch: 32 }, ...wrong });
      const refusal = page.getByTestId('refusal');
      await expect.poll(() => refusal.getByRole('alert').textContent(), soon).toMatch(why);
      expect(await refusal.textContent()).toContain('ask whoever sent the link for another');
      // Nothing pretends to measure, and nothing could be played.
      await page.waitForTimeout(600);
      const text = (await page.locator('main').textContent())!;
      expect(text).not.toContain('NaN');
      expect(text).not.toContain('Measuring');
      expect(await page.getByRole('button', { name: 'Play' }).isDisabled()).toBe(true);
      expect(await page.getByRole('button', { name: 'One step' }).isDisabled()).toBe(true);
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: 'Play' }).waitFor();
      expect(await findBarriers(page)).toEqual([]);
      // Every other screen says so as well.
      await page.getByRole('navigation').getByRole('button', { name: 'Cure' }).click();
      await page.getByTestId('refusal').waitFor();
      await refusal.getByRole('button', { name: 'Mend it in Build' }).click();
      await page.getByRole('heading', { name: 'The network' }).waitFor();
      await page.getByTestId('refusal').waitFor();
      await refusal.getByRole('button', { name: 'Show the example' }).click();
      await page.getByRole('navigation').getByRole('button', { name: 'Observe' }).click();
      await expect.poll(() => verdict(page), soon).toContain('Unhealthy');
      expect(await page.getByTestId('refusal').count()).toBe(0);
      // The link's network is not lost: one undo, and it is there to be mended.
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByTestId('refusal').waitFor();
      expect(faults).toEqual([]);
      await context.close();
    },
  );

  it('followed from a network that trains: shows nothing of that one as if it were its own', async () => {
    const { page, context, faults } = await lab.open({ locale: 'pt-BR', colorScheme: 'dark' });
    await page.goto(lab.url);
    await page.getByTestId('finding').first().waitFor();
    const hash = await encodeLink({ view: 'observe', spec: { fuga: 1, network: [{ type: 'dens' }] } });
    await page.evaluate((to) => (location.hash = to), hash);
    await expect
      .poll(() => page.getByTestId('refusal').textContent(), soon)
      .toContain('não pode ser construída');
    expect(await page.getByTestId('finding').count()).toBe(0);
    expect(await page.textContent('main')).not.toContain('NaN');
    expect(await findBarriers(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 760 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await screenshot(page, 'trouble-refused-360-dark');
    // Back to where one came from, which trains again.
    await page.goBack();
    await expect.poll(() => verdict(page), soon).toContain('Doente');
    await expect.poll(() => step(page), soon).toBeGreaterThan(3);
    expect(faults).toEqual([]);
    await context.close();
  });

  it.each([
    ['damaged', '1.AAAA', /damaged.*Copy the whole link again/],
    ['of a newer version', '7.AAAA', /newer version.*Reload the page/],
    ['too large', `1.${'A'.repeat(16_390)}`, /more than a link may hold.*drop it here/],
  ])('being %s: the example is shown, or what was there before stays', async (_, hash, why) => {
    const { page, context, faults } = await lab.open();
    await page.goto(`${lab.url}#${hash}`);
    const alert = page.getByRole('alert');
    await expect.poll(() => alert.textContent(), soon).toMatch(why);
    expect(await alert.textContent()).toContain('The example is shown instead');
    await expect.poll(() => verdict(page), soon).toContain('Unhealthy');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => alert.count()).toBe(0);
    // With a network of one's own it stays, and can be left for the example.
    await page.getByLabel('Activation').selectOption('tanh');
    await expect.poll(() => step(page), soon).toBeGreaterThan(3);
    await page.evaluate((to) => (location.hash = to), hash);
    await expect.poll(() => alert.textContent(), soon).toContain('What was here before is still shown');
    expect(await page.getByLabel('Activation').inputValue()).toBe('tanh');
    // The address bar says what is shown, not what was refused.
    await expect.poll(() => page.evaluate(() => location.hash), soon).not.toBe(`#${hash}`);
    await page.getByRole('button', { name: 'Show the example' }).click();
    await expect.poll(() => page.getByLabel('Activation').inputValue(), soon).toBe('sigmoid');
    expect(await alert.count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('an edit that is refused', () => {
  it('leaves the last picture, says that it is not measured, and is undone on one click', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    await expect.poll(() => verdict(page), soon).toContain('Unhealthy');
    await page.getByRole('navigation').getByRole('button', { name: 'Build' }).click();
    const yaml = page.getByRole('textbox', { name: 'As YAML' });
    await expect.poll(() => yaml.inputValue(), soon).toContain('activation: sigmoid');
    await yaml.fill((await yaml.inputValue()).replace('activation: sigmoid', 'activation: sigmoit'));
    await expect.poll(() => page.getByTestId('yaml-fault').textContent(), soon).toContain('sigmoit');
    await page.getByRole('navigation').getByRole('button', { name: 'Observe' }).click();
    const refusal = page.getByTestId('refusal');
    await refusal.waitFor();
    expect(await verdict(page)).toContain('Not measured');
    expect(await refusal.textContent()).not.toContain('link');
    await refusal.getByRole('button', { name: 'Undo the last edit' }).click();
    await expect.poll(() => verdict(page), soon).toContain('Unhealthy');
    await expect.poll(() => refusal.count(), soon).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('the engine’s worker', () => {
  /** Opens a spec, edits it, and lets it train a little. */
  async function openEdited(page: Page): Promise<void> {
    await openSpec(page, lab, spec);
    await trainTo(page, 20);
    await page.getByLabel('Activation').selectOption('tanh');
    await expect.poll(() => step(page), soon).toBeLessThan(20);
    await trainTo(page, 20);
  }

  /** One click, and all is there again: the edited spec, its findings, and what there is to undo. */
  async function expectRestarted(page: Page): Promise<void> {
    await page.getByTestId('trouble').getByRole('button', { name: 'Start the engine again' }).click();
    await expect.poll(() => page.getByTestId('trouble').count(), soon).toBe(0);
    await expect.poll(() => step(page), soon).toBeGreaterThan(5);
    expect(await page.getByLabel('Activation').inputValue()).toBe('tanh');
    await expect.poll(() => page.locator('.stale').count(), soon).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => page.getByLabel('Activation').inputValue(), soon).toBe('relu');
    await trainTo(page, 5);
  }

  it('that fails while it trains is missed at once, and started again with the spec kept', async () => {
    const { page, context, faults } = await lab.open();
    await openEdited(page);
    // A trap of WebAssembly in the loop that trains: a rejection that no one waits for.
    await trainer(page).evaluate(() => {
      void Promise.reject(new WebAssembly.RuntimeError('memory access out of bounds'));
    });
    const trouble = page.getByTestId('trouble');
    await expect.poll(() => trouble.textContent(), soon).toContain('memory access out of bounds');
    expect(await trouble.textContent()).toContain('Your network and every edit are kept');
    expect(await page.getByRole('button', { name: 'Play' }).isDisabled()).toBe(true);
    expect(await findBarriers(page)).toEqual([]);
    await screenshot(page, 'trouble-dead-1280', false);
    await expectRestarted(page);
    // The browser's own line about it is the only one.
    expect(faults.filter((fault) => !fault.includes('memory access out of bounds'))).toEqual([]);
    await context.close();
  });

  it('that dies without a word, hangs, or makes a long step is missed within seconds; the long step is waited for', async () => {
    const pages = await Promise.all(Array.from({ length: 3 }, () => lab.open()));
    const [dead, hung, slow] = pages.map(({ page }) => page) as [Page, Page, Page];
    for (const { page } of pages) await openEdited(page);
    const busy = (ms: number) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    };
    await trainer(dead).evaluate(() => self.close());
    // Neither answers while it is busy.
    void trainer(hung)
      .evaluate(busy, 1e9)
      .catch(() => undefined);
    void trainer(slow)
      .evaluate(busy, 14_000)
      .catch(() => undefined);
    const before = await step(slow);
    for (const { page } of pages) {
      await expect
        .poll(() => page.getByTestId('trouble').textContent({ timeout: 25_000 }), { timeout: 25_000 })
        .toMatch(/has not answered for \d+ s/);
    }
    await dead.getByTestId('trouble').waitFor();
    expect(await findBarriers(hung)).toEqual([]);
    // The long step ends: the note goes by itself, nothing was lost, and the run goes on from where it was.
    await expect.poll(() => slow.getByTestId('trouble').count(), { timeout: 20_000 }).toBe(0);
    await expect.poll(() => step(slow), soon).toBeGreaterThan(before);
    await expectRestarted(dead);
    await expectRestarted(hung);
    for (const { faults, context } of pages) {
      expect(faults).toEqual([]);
      await context.close();
    }
  });

  it('of the tour is started again as well', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    await page.getByRole('navigation').getByRole('button', { name: 'Learn' }).click();
    const steps = async () =>
      Number((await page.getByTestId('learn-step').textContent())?.replace(/\D/g, ''));
    await expect.poll(steps, soon).toBeGreaterThan(5);
    await page
      .workers()
      .filter((worker) => worker.url().includes('engine.worker'))
      .at(-1)!
      .evaluate(() => {
        void Promise.reject(new WebAssembly.RuntimeError('unreachable'));
      });
    await page.getByTestId('trouble').getByRole('button', { name: 'Start the engine again' }).click();
    await expect.poll(() => page.getByTestId('trouble').count(), soon).toBe(0);
    await expect.poll(steps, soon).toBeGreaterThan(5);
    expect(faults.filter((fault) => !fault.includes('unreachable'))).toEqual([]);
    await context.close();
  });

  it('that checks and writes specs is replaced when it is gone, without anyone noticing', async () => {
    const { page, context, faults } = await lab.open({ viewport: { width: 1440, height: 900 } });
    await openSpec(page, lab, spec, 'build');
    const yaml = page.getByRole('textbox', { name: 'As YAML' });
    await expect.poll(() => yaml.inputValue(), soon).toContain('width: 32');
    const desk = page.workers().find((worker) => worker.url().includes('desk.worker'))!;
    await desk.evaluate(() => {
      setTimeout(() => {
        throw new RangeError('Array buffer allocation failed');
      });
    });
    await page.waitForTimeout(200);
    await yaml.fill((await yaml.inputValue()).replace('width: 32', 'width: 48'));
    await page.getByRole('navigation').getByRole('button', { name: 'Observe' }).click();
    await expect.poll(() => page.getByRole('textbox', { name: 'Width' }).inputValue(), soon).toBe('48');
    expect(faults.filter((fault) => !fault.includes('allocation failed'))).toEqual([]);
    await context.close();
  });
});
