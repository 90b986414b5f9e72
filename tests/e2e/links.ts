import type { Page } from 'playwright-core';
import { encodeLink, type View } from '../../packages/web/src/lab/link.js';
import type { Stage } from './stage.js';

/** Opens the lab on a spec, as someone does who was sent a link to it. */
export async function openSpec(
  page: Page,
  lab: Stage,
  spec: Readonly<Record<string, unknown>>,
  view: View = 'observe',
): Promise<void> {
  await page.goto(`${lab.url}#${await encodeLink({ view, spec: { fuga: 1, seed: 1, ...spec } })}`);
}

/** Waits until it has trained so many steps. */
export async function trainTo(page: Page, steps: number): Promise<void> {
  await page.waitForFunction(
    (least) =>
      Number(document.querySelector('[data-testid=step]')?.textContent?.replaceAll(/[.,]/g, '')) >= least,
    steps,
    { timeout: 90_000 },
  );
}
