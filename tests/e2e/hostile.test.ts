import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { encodeLink, views } from '../../packages/web/src/lab/link.js';
import { setStage } from './stage.js';
import { bombs, honestStates, hostileHash, markup } from '../links.js';
import { Lcg } from '../nets.js';

/** Links opened in the page itself; tests/link-hostile.test.ts reads 100,000 without one. */
const LINKS = Number(process.env['FUGA_FUZZ_PAGE'] ?? 200);
/** The page answers within this while a worker does what a link asks for. */
const MOST_MS = 2000;

const lab = setStage();

/** Whether anything of a link became part of the page as more than text. */
async function isClean(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    ran: (window as { hostile?: unknown }).hostile ?? null,
    elements: document.querySelectorAll('[data-hostile], x-hostile, iframe, object, embed, base').length,
    scripts: [...document.scripts].filter(({ src }) => !src.startsWith(location.origin)).length,
    handlers: [...document.querySelectorAll('*')].filter((element) =>
      element.getAttributeNames().some((name) => name.startsWith('on')),
    ).length,
    links: [...document.querySelectorAll('[href], [src]')].filter((element) =>
      /^\s*javascript:/i.test(element.getAttribute('href') ?? element.getAttribute('src') ?? ''),
    ).length,
    polluted: Object.keys(Object.prototype).length,
  }));
  expect(found).toEqual({ ran: null, elements: 0, scripts: 0, handlers: 0, links: 0, polluted: 0 });
}

/** Opens a link in a page that is there already, as pasting it into the address bar does. */
async function follow(page: Page, hash: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, hash);
  // A tick for the link, two frames for the page; the worker may go on.
  await page.evaluate(
    () =>
      new Promise((resolve) =>
        setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(resolve)), 25),
      ),
  );
}

describe('hostile links in the page', () => {
  it('open no dialog, run nothing, add nothing, and leave it alive', async () => {
    const { page, context, faults } = await lab.open();
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(lab.url);
    await page.getByTestId('finding').first().waitFor();
    const navigation = page.getByRole('navigation').getByRole('button');
    for (let i = 0; i < LINKS; i++) {
      const hash = i < bombs.length ? bombs[i]! : hostileHash(new Lcg(i * 2654435761 + 77));
      // Too long for an address bar is too long for a browser's own protocol as well.
      const started = Date.now();
      await follow(page, hash.slice(0, 60_000));
      if (i % 8 === 0) await navigation.nth((i / 8) % views.length).click();
      expect(Date.now() - started, `link ${i}: #${hash.slice(0, 2000)}`).toBeLessThan(MOST_MS);
      await isClean(page);
      expect(faults, `link ${i}: #${hash.slice(0, 2000)}`).toEqual([]);
    }
    expect(dialogs).toEqual([]);
    // Whatever came before, an honest link is shown.
    await follow(page, await encodeLink({ ...honestStates[0], view: 'observe' } as never));
    await page.getByTestId('verdict').waitFor();
    await expect
      .poll(async () => Number((await page.textContent('[data-testid=step]'))?.replace(/\D/g, '')), {
        timeout: 30_000,
      })
      .toBeGreaterThan(3);
    expect(faults).toEqual([]);
    await context.close();
  });

  it.each(views)('show markup in every string as text on the screen %s', async (view) => {
    const { page, context, faults } = await lab.open();
    for (const [i, text] of markup.entries()) {
      const network = [
        { type: 'dense', out: 8, activation: 'relu', id: text },
        { type: 'dense', out: 8, activation: text },
        { type: text, [text]: text },
      ];
      const spec =
        i % 2 === 0
          ? { fuga: 1, name: text, data: { source: 'digits' }, network: network.slice(0, 1), steps: 50 }
          : { fuga: 1, name: text, data: { source: text }, loss: text, optimizer: { type: text }, network };
      const hash = await encodeLink({ view, spec, site: text } as never);
      // Half of them as the first thing a new page sees.
      if (i % 2 === 0) {
        await page.goto('about:blank');
        await page.goto(`${lab.url}#${hash}`);
        await page.locator('main').waitFor();
        await page.waitForTimeout(250);
      } else await follow(page, hash);
      await isClean(page);
    }
    expect(faults).toEqual([]);
    await context.close();
  });
});
