import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  findBarriers,
  launchBrowser,
  openPage,
  screenshot,
  serveFolder,
  type Site,
  type Watched,
} from '../browser.js';

/** The lab on a static host and a Chromium beside it, for all tests of a file. */
export interface Stage {
  readonly url: string;
  /** A new page in a fresh profile, watched. */
  open(options?: BrowserContextOptions): Promise<Watched>;
}

/** Sets the stage before a file's tests and clears it after them. */
export function setStage(): Stage {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    [browser, site] = await Promise.all([launchBrowser(), serveFolder()]);
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
  });
  return {
    get url() {
      return site.url;
    },
    open: (options) => openPage(browser, site, options),
  };
}

/**
 * Axe finds nothing, neither as the page is nor at 360 px, where it does not scroll sideways either. `name` names the
 * pictures of both, where there are to be any.
 */
export async function expectOpenToAll(page: Page, name?: (width: 1280 | 360) => string): Promise<void> {
  expect(await findBarriers(page)).toEqual([]);
  if (name) await screenshot(page, name(1280));
  await page.setViewportSize({ width: 360, height: 760 });
  await page.waitForTimeout(200);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await findBarriers(page)).toEqual([]);
  if (name) await screenshot(page, name(360));
}

/** Drops files or folders of the disk on the page, as a hand would. */
export async function drop(page: Page, ...paths: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
  }
  await session.detach();
}

/** A place on the page, in pixels of the window. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** The middle of what is on the page. */
export async function middleOf(target: Locator): Promise<Spot> {
  await target.scrollIntoViewIfNeeded();
  const box = (await target.boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Draws one finger over the page: from the first spot over the others, resting at the last before it is lifted. */
export async function drawFinger(
  page: Page,
  spots: readonly [Spot, ...Spot[]],
  { rest = 60 }: { rest?: number } = {},
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const [first, ...others] = spots;
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at: readonly Spot[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: at.map(({ x, y }) => ({ x, y })) });
  await touch('touchStart', [first]);
  let from = first;
  for (const to of others) {
    for (let i = 1; i <= 8; i++) {
      const part = i / 8;
      await touch('touchMove', [{ x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) }]);
      await page.waitForTimeout(16);
    }
    from = to;
  }
  await page.waitForTimeout(rest);
  await touch('touchEnd', []);
  await session.detach();
}
