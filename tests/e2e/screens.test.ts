import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { encodeLink } from '../../packages/web/src/lab/link.js';
import { deepSigmoid } from '../../packages/web/src/lab/presets.js';
import { en } from '../../packages/web/src/words/en.js';
import { pt } from '../../packages/web/src/words/pt.js';
import { findBarriers, screenshot } from '../browser.js';
import { setStage } from './stage.js';
import { scenes, type Scene } from './scenes.js';

// Each scene in both themes, both languages and both widths; pictures in reports/screens. FUGA_SCREENS=all takes every
// theme in every language, FUGA_SCREENS=<name> one scene.
const wanted = process.env['FUGA_SCREENS'] ?? '';
const looks = [
  { colorScheme: 'light', locale: 'en-US' },
  { colorScheme: 'dark', locale: 'pt-BR' },
  ...(wanted === 'all'
    ? ([
        { colorScheme: 'light', locale: 'pt-BR' },
        { colorScheme: 'dark', locale: 'en-US' },
      ] as const)
    : []),
] as const;
const sizes = [
  { width: 1280, height: 800 },
  { width: 360, height: 760 },
] as const;
const chosen = wanted === '' || wanted === 'all' ? scenes : scenes.filter(({ name }) => name === wanted);

const lab = setStage();

/** Brings the scene about, and holds it still. */
async function arrange(
  page: Page,
  { view, spec, chapter, prepare, steps = prepare ? -1 : 40 }: Scene,
  locale: string,
): Promise<void> {
  await page.goto(
    `${lab.url}#${await encodeLink({ view, spec: spec ?? deepSigmoid, ...(chapter ? { chapter } : {}) })}`,
  );
  await page.locator('main h2, main h1').first().waitFor();
  if (view === 'observe') {
    await page.waitForFunction(
      (steps) =>
        Number((document.querySelector('[data-testid=step]')?.textContent ?? '').replace(/\D/g, '')) > steps,
      steps,
      { timeout: 60_000 },
    );
  }
  await prepare?.(page);
  const pause = page.getByRole('button', { name: locale === 'en-US' ? en.run.pause : pt.run.pause });
  if (view === 'observe' && (await pause.isVisible())) {
    await page.waitForFunction(() => !document.querySelector('.stale'), undefined, { timeout: 30_000 });
    // A run that explodes may end by itself in between.
    await pause.click({ timeout: 5000 }).catch(async (error: unknown) => {
      if (await pause.isVisible()) throw error;
    });
  }
}

/** Charts are drawn a frame after their size has changed. */
const drawn = (page: Page) =>
  page.evaluate(
    () =>
      new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 20)))),
  );

/** Elements that make the page wider than the window, where it is. */
const tooWide = (page: Page) =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => `${element.tagName}.${element.className} ${element.getBoundingClientRect().right}`)
      .slice(0, 5);
  });

/** The scene as one look has it, at every size. */
async function look(scene: Scene, { colorScheme, locale }: (typeof looks)[number]): Promise<void> {
  const { page, context, faults } = await lab.open({ colorScheme, locale });
  await arrange(page, scene, locale);
  for (const size of sizes) {
    const where = `${colorScheme}, ${locale}, ${size.width} px`;
    await page.setViewportSize(size);
    await drawn(page);
    const file = `screens/${scene.name}-${size.width}-${colorScheme}${wanted === 'all' ? `-${locale}` : ''}`;
    await screenshot(page, file);
    expect(await tooWide(page), where).toEqual([]);
    expect(await findBarriers(page), where).toEqual([]);
  }
  expect(faults, `${colorScheme}, ${locale}`).toEqual([]);
  await context.close();
}

// Most of a look's time is waiting for the network to train and the browser to draw: all looks wait at once.
it.each(chosen.map((scene) => [scene.name, scene] as const))(
  '%s: nothing sticks out, axe finds nothing, in both themes and languages',
  async (_, scene) => {
    await Promise.all(looks.map((each) => look(scene, each)));
  },
);

describe('the pictures', () => {
  it('are of pages that show something', async () => {
    const folder = new URL('../../reports/screens/', import.meta.url);
    for (const { name } of chosen) {
      for (const { width } of sizes) {
        const bytes = await readFile(
          new URL(`${name}-${width}-light${wanted === 'all' ? '-en-US' : ''}.png`, folder),
        );
        // An empty page of this size is a few kilobytes.
        expect(bytes.length, `${name} at ${width}`).toBeGreaterThan(20_000);
      }
    }
  });
});
