import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { offline } from '../../packages/web/offline/plugin.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { labFolder, launchBrowser, openPage, serveFolder, type Site } from '../browser.js';

const soon = { timeout: 60_000 };

let browser: Browser;
let folder: string;
let site: Site;
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'fuga-offline-')), 'lab');
  await cp(labFolder, folder, { recursive: true });
  [browser, site] = await Promise.all([launchBrowser(), serveFolder(folder, '/deep/down/here/')]);
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await rm(join(folder, '..'), { recursive: true, force: true });
});

/** Waits until the worker of the lab has kept everything and answers for the page. */
async function untilKept(page: Page): Promise<string[]> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, soon);
  return page.evaluate(() => caches.keys());
}

const trained = (page: Page) =>
  page.waitForFunction(
    () => Number(document.querySelector('[data-testid=step]')?.textContent) > 10,
    undefined,
    soon,
  );

describe('without a network', () => {
  it('the lab opens, trains and shows every screen, from any path', async () => {
    const { page, context, faults } = await openPage(browser, site);
    await page.goto(site.url);
    const [cache] = await untilKept(page);
    expect(cache).toContain(site.url);
    const kept = await page.evaluate(async (name) => (await (await caches.open(name)).keys()).length, cache!);
    const files = /const FILES = (\[.*\]);/.exec(
      await readFile(join(folder, 'serviceWorker.js'), 'utf8'),
    )![1]!;
    expect(kept).toBe((JSON.parse(files) as string[]).length);
    await context.setOffline(true);
    await page.reload();
    await trained(page);
    // A part and a data set that have never been loaded before.
    await page.getByLabel('Data').selectOption('breastCancer');
    await expect.poll(() => page.getByRole('alert').count(), soon).toBe(0);
    await trained(page);
    await page.getByRole('button', { name: 'Build' }).click();
    await page.getByRole('heading', { name: 'The network' }).waitFor(soon);
    await page.getByRole('button', { name: 'Learn' }).click();
    await page.getByRole('heading').nth(1).waitFor(soon);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').waitFor(soon);
    expect(faults.filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
    await context.close();
  });

  it('a manifest says how it is installed', async () => {
    const { page, context, faults } = await openPage(browser, site);
    await page.goto(site.url);
    const session = await context.newCDPSession(page);
    const { url, errors, data } = await session.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    expect(url).toBe(`${site.url}manifest.webmanifest`);
    const { icons, start_url: start } = JSON.parse(data!) as { icons: { src: string }[]; start_url: string };
    expect(start).toBe('./');
    for (const { src } of icons) {
      const answer = await page.request.get(new URL(src, site.url).href);
      expect(answer.status()).toBe(200);
    }
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('a new build', () => {
  it('takes the place of the old one at the next visit, and the old files are forgotten later', async () => {
    const { page, context, faults } = await openPage(browser, site);
    await page.goto(site.url);
    const [old] = await untilKept(page);
    const index = join(folder, 'index.html');
    for (const version of ['second', 'third']) {
      const html = await readFile(index, 'utf8');
      await writeFile(index, html.replace(/<title>[^<]*<\/title>/, `<title>Fuga ${version}</title>`));
      write(folder);
      await page.reload();
      expect(await page.title()).toBe(`Fuga ${version}`);
      await expect
        .poll(async () => {
          const newest = (await page.evaluate(() => caches.keys())).at(-1)!;
          const text = await page.evaluate(
            async ([name, url]) => (await (await caches.open(name!)).match(url!))?.text(),
            [newest, site.url],
          );
          return text?.includes(`Fuga ${version}`);
        }, soon)
        .toBe(true);
    }
    // One build and the one before it are kept.
    // A worker takes the place of another once that has had nothing to do for half a minute.
    await expect.poll(() => page.evaluate(() => caches.keys()), { timeout: 120_000 }).toHaveLength(2);
    expect(await page.evaluate(() => caches.keys())).not.toContain(old);
    await context.setOffline(true);
    // Kept is not yet in charge: for a moment the worker of the build before may still answer.
    await expect
      .poll(async () => {
        await page.reload();
        return page.title();
      }, soon)
      .toBe('Fuga third');
    await trained(page);
    expect(faults.filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
    await context.close();
  });
});

/** Writes the worker of a folder's build anew, as the build does. */
function write(build: string): void {
  const plugin = offline() as unknown as {
    configResolved: (config: { root: string; build: { outDir: string } }) => void;
    closeBundle: () => void;
  };
  plugin.configResolved({ root: '/', build: { outDir: build } });
  plugin.closeBundle();
}
