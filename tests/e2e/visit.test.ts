import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { encodeLink } from '../../packages/web/src/lab/link.js';
import { labFolder, launchBrowser, openPage, serveFolder } from '../browser.js';
import { openSpec, trainTo } from './links.js';
import { setStage } from './stage.js';

const lab = setStage();
const soon = { timeout: 20_000 };
const mlp = (activation: string, depth = 3) => ({
  data: { source: 'digits', batch: 32 },
  model: { type: 'mlp', depth, width: 32, activation },
  optimizer: { type: 'sgd', lr: 0.05 },
  steps: 100_000,
});

const step = async (page: Page) =>
  Number((await page.getByTestId('step').textContent())?.replaceAll(/\D/g, ''));
const view = (page: Page, name: string) => page.getByRole('navigation').getByRole('button', { name });
const isAt = (page: Page, name: string) =>
  expect.poll(() => view(page, name).getAttribute('aria-current'), soon).toBe('page');
const activation = (page: Page) => page.getByLabel('Activation').inputValue();

describe('back and forward in the browser', () => {
  it('go from screen to screen, while the run goes on and edits stay', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, mlp('relu'));
    await trainTo(page, 10);
    await view(page, 'Build').click();
    await page.getByRole('heading', { name: 'The network' }).waitFor();
    await view(page, 'Observe').click();
    await page.getByLabel('Activation').selectOption('tanh');
    await trainTo(page, 10);
    await view(page, 'Cure').click();
    await page.locator('main aside li').first().waitFor();
    await page.waitForTimeout(400); // until the address bar says so
    const made = await step(await revisit(page, 'Observe'));
    expect(await activation(page)).toBe('tanh');
    expect(made).toBeGreaterThan(10);
    await revisit(page, 'Build');
    await revisit(page, 'Observe');
    expect(await activation(page)).toBe('tanh');
    await page.goForward();
    await isAt(page, 'Build');
    await page.goForward();
    await page.goForward();
    await isAt(page, 'Cure');
    // A reload shows the same screen and network.
    await page.waitForTimeout(400);
    await page.reload();
    await isAt(page, 'Cure');
    await view(page, 'Observe').click();
    await expect.poll(() => activation(page), soon).toBe('tanh');
    expect(faults).toEqual([]);
    await context.close();
  });

  async function revisit(page: Page, name: string): Promise<Page> {
    await page.goBack();
    await isAt(page, name);
    return page;
  }

  it('go from link to link, and from chapter to chapter', async () => {
    const { page, context, faults } = await lab.open();
    await openSpec(page, lab, mlp('relu'));
    await trainTo(page, 5);
    await page.waitForTimeout(400);
    const link = await encodeLink({ view: 'observe', spec: { fuga: 1, seed: 1, ...mlp('gelu') } });
    await page.evaluate((to) => (location.hash = to), link);
    await expect.poll(() => activation(page), soon).toBe('gelu');
    await trainTo(page, 5);
    await page.waitForTimeout(400);
    await page.goBack();
    await expect.poll(() => activation(page), soon).toBe('relu');
    await trainTo(page, 5);
    await page.goForward();
    await expect.poll(() => activation(page), soon).toBe('gelu');
    await trainTo(page, 5);
    // What a link replaced is an edit as well.
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => activation(page), soon).toBe('relu');
    await view(page, 'Learn').click();
    const title = page.locator('#chapter-title');
    const first = await title.textContent();
    await page
      .locator('main nav, main [data-testid=chapters], main')
      .getByRole('button', { name: /2/ })
      .first()
      .click();
    await expect.poll(() => title.textContent(), soon).not.toBe(first);
    await page.goBack();
    await expect.poll(() => title.textContent(), soon).toBe(first);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('two tabs at once', () => {
  it('each have a network of their own, train both, and share only what was chosen for good', async () => {
    const { page, context, faults } = await lab.open();
    const other = await context.newPage();
    other.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
    await openSpec(page, lab, mlp('relu'));
    await openSpec(other, lab, mlp('tanh', 5));
    await Promise.all([trainTo(page, 20), trainTo(other, 20)]);
    await other.getByRole('button', { name: /^Theme/ }).click();
    await other.getByLabel('Activation').selectOption('sigmoid');
    await trainTo(other, 5);
    expect(await activation(page)).toBe('relu');
    const before = await step(page);
    await expect.poll(() => step(page), soon).toBeGreaterThan(before);
    await other.close();
    await page.getByLabel('Activation').selectOption('gelu');
    await page.waitForTimeout(800); // until the address bar says so
    await page.reload();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
    await expect.poll(() => activation(page), soon).toBe('gelu');
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('with storage refused, as in some private windows', () => {
  it('all works, for this visit', async () => {
    const { page, context, faults } = await lab.open({ serviceWorkers: 'block' });
    await page.addInitScript(() => {
      const refuse = {
        get: () => {
          throw new DOMException('The operation is insecure.', 'SecurityError');
        },
      };
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
        Object.defineProperty(window, name, refuse);
      Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined });
    });
    await page.goto(lab.url);
    await page.getByTestId('finding').first().waitFor();
    await page.getByRole('button', { name: /^Theme/ }).click();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
    await page.getByRole('button', { name: 'Português' }).click();
    await page.getByRole('button', { name: 'Recomeçar' }).waitFor();
    await page.getByRole('navigation').getByRole('button').nth(3).click();
    await page.getByRole('radio').first().waitFor();
    await page.getByRole('radio').first().check();
    await page.waitForTimeout(300);
    await page.getByRole('navigation').getByRole('button').nth(1).click();
    await page.locator('.blocks .main').first().waitFor();
    await page.waitForTimeout(4500); // what the page keeps for later, it tries by then
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('where it is served or opened', () => {
  it('a host that knows few types and no index serves it all the same', async () => {
    const site = await serveFolder(labFolder, '/x/', { plain: true });
    const browser = await launchBrowser();
    const { page, context, faults } = await openPage(browser, site);
    await page.goto(`${site.url}index.html?from=somewhere`);
    await trainTo(page, 5);
    for (const name of ['Build', 'Cure', 'Learn', 'Laws']) {
      await view(page, name).click();
      await page.locator('main :is(h1, h2)').first().waitFor();
    }
    await isAt(page, 'Laws');
    // The address follows a little later.
    let seen = '';
    await expect.poll(() => seen === (seen = page.url()), { ...soon, interval: 500 }).toBe(true);
    expect(page.url()).toMatch(/index\.html\?from=somewhere#1\./);
    await page.reload();
    await isAt(page, 'Laws');
    expect(faults).toEqual([]);
    await context.close();
    await browser.close();
    await site.close();
  });

  it('opened as a file it says that it needs a server', async () => {
    const { page, context } = await lab.open();
    await page.goto(pathToFileURL(join(labFolder, 'index.html')).href);
    await page.getByText('Opened as a file it cannot run').waitFor(soon);
    await context.close();
  });

  it.each(['SIMD', 'WebAssembly'])('a browser without %s is told which ones have it', async (missing) => {
    // Without these instructions the machine has no SIMD to offer.
    const browser = await launchBrowser(missing === 'SIMD' ? ['--js-flags=--no-enable-sse4-1'] : []);
    const site = await serveFolder();
    const { page, context, faults } = await openPage(browser, site, { serviceWorkers: 'block' });
    if (missing === 'WebAssembly') {
      const none = 'delete globalThis.WebAssembly;';
      await page.addInitScript(none);
      await page.route(/worker-[^/]*\.js$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: `${none}${await response.text()}` });
      });
    }
    await page.goto(site.url);
    const refusal = page.getByTestId('refusal');
    await expect.poll(() => refusal.textContent(), soon).toContain('cannot run WebAssembly with SIMD');
    expect(await refusal.textContent()).toContain('Safari since 16.4');
    expect(await page.textContent('main')).not.toMatch(/NaN|Measuring/);
    expect(await page.getByRole('button', { name: 'Play' }).isDisabled()).toBe(true);
    await page.getByRole('navigation').getByRole('button', { name: 'Cure' }).click();
    await refusal.waitFor();
    expect(faults).toEqual([]);
    await context.close();
    await browser.close();
    await site.close();
  });
});
