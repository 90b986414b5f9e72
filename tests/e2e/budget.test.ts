import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { views } from '../../packages/web/src/lab/link.js';
import { labFolder, launchBrowser, openPage, serveFolder } from '../browser.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const kB = 1000;
/** Bytes on the wire where a host compresses, as nearly all do. */
const gzipped = (name: string) => gzipSync(readFileSync(join(labFolder, name)), { level: 9 }).length;
const builtFiles = (ending: string) =>
  (readdirSync(labFolder, { recursive: true }) as string[]).filter((name) => extname(name) === ending);

describe('the first load', () => {
  it('takes at most 150 kB of JavaScript and 100 kB of WebAssembly up to the first picture, workers included', async () => {
    // Deep below a path of its own, as on a page of a project.
    const site = await serveFolder(labFolder, '/some/deep/path/');
    // What a service worker fetches ahead is fetched after the first picture and keeps no one waiting.
    const { page, context, faults } = await openPage(browser, site, { serviceWorkers: 'block' });
    await page.addInitScript(() => {
      const look = () => {
        const step = Number(document.querySelector('[data-testid=step]')?.textContent);
        if (step >= 1) Object.assign(window, { pictured: Date.now() });
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(site.url, { waitUntil: 'networkidle' });
    const pictured = await (
      await page.waitForFunction(() => (window as { pictured?: number }).pictured)
    ).jsonValue();
    const listed = (all: typeof site.requests) =>
      [...new Set(all.map(({ name }) => name))].map((name) => ({ name, bytes: gzipped(name) }));
    const sizes = listed(site.requests.filter(({ at }) => at <= pictured!));
    const names = sizes.map(({ name }) => name);
    const sum = (ending: string, all = sizes) =>
      all.filter(({ name }) => extname(name) === ending).reduce((total, { bytes }) => total + bytes, 0);
    console.info(
      [
        ...sizes.map(({ name, bytes }) => `${(bytes / kB).toFixed(1)} kB ${name}`),
        ...['.js', '.wasm', '.css'].map((ending) => `${(sum(ending) / kB).toFixed(1)} kB ${ending} in all`),
        `${(sum('.js', listed(site.requests)) / kB).toFixed(1)} kB .js with what comes after the picture`,
      ].join('\n'),
    );
    expect(names).toContain('index.html');
    expect(sum('.wasm')).toBeGreaterThan(0);
    expect(sum('.js'), 'JavaScript').toBeLessThanOrEqual(150 * kB);
    expect(sum('.wasm'), 'WebAssembly').toBeLessThanOrEqual(100 * kB);
    expect(sum('.js', listed(site.requests)), 'all that comes by itself').toBeLessThanOrEqual(170 * kB);
    expect(sum('.css'), 'styles').toBeLessThanOrEqual(20 * kB);
    expect(faults).toEqual([]);
    await context.close();
    await site.close();
  });

  it('is a folder of files: every screen works below any path, and nothing is asked for in vain or elsewhere', async () => {
    const site = await serveFolder(labFolder, '/~someone/a b/');
    const { page, context, faults } = await openPage(browser, site);
    await page.goto(site.url);
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=step]')?.textContent) >= 1);
    for (const view of views) {
      const button = page.getByRole('navigation').getByRole('button').nth(views.indexOf(view));
      await button.click();
      await expect.poll(() => button.getAttribute('aria-current')).toBe('page');
      await page.locator('main :is(h1, h2)').first().waitFor();
      await page.waitForTimeout(150);
    }
    expect(site.requests.length).toBeGreaterThan(5);
    expect(faults).toEqual([]);
    await context.close();
    await site.close();
  });
});

describe('the build', () => {
  const policy = () => {
    const html = readFileSync(join(labFolder, 'index.html'), 'utf8');
    const content = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1] ?? '';
    return new Map(
      content
        .split(';')
        .map((part) => part.trim().split(/\s+/))
        .map(([name, ...of]) => [name!, of]),
    );
  };

  it.each(
    Object.entries({
      'default-src': ["'none'"],
      'script-src': ["'self'", "'wasm-unsafe-eval'"],
      'worker-src': ["'self'"],
      'connect-src': ["'self'"],
      'style-src': ["'self'"],
      'img-src': ["'self'", 'blob:', 'data:'],
      'require-trusted-types-for': ["'script'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
    }),
  )('has a policy with %s', (name, sources) => {
    expect(policy().get(name)?.toSorted()).toEqual(sources.toSorted());
  });

  it('evaluates no text as code, and has no script, style or handler in its page', () => {
    const scripts = builtFiles('.js');
    expect(scripts.length).toBeGreaterThan(3);
    for (const name of scripts) {
      const code = readFileSync(join(labFolder, name), 'utf8');
      expect(code, name).not.toMatch(/\beval\s*\(|\bnew\s+Function\b|[^.\w]Function\s*\(\s*["'`]/);
      expect(code, name).not.toMatch(/\bset(?:Timeout|Interval)\s*\(\s*["'`]/);
      expect(code, `${name} holds a map to its source`).not.toMatch(/sourceMappingURL=data:/);
    }
    const html = readFileSync(join(labFolder, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\bstyle=/);
    expect(html, 'addresses within the folder').not.toMatch(/(?:src|href)="(?!\.\/)/);
  });

  it('says nothing of other hosts but in links that people follow', () => {
    // A fetch, import or worker from elsewhere would be refused by the policy; here it is not even written.
    for (const name of builtFiles('.js')) {
      const code = readFileSync(join(labFolder, name), 'utf8');
      expect(code, name).not.toMatch(/(?:fetch|import|Worker|importScripts)\(\s*["'`](?:https?:)?\/\//);
    }
  });

  it('writes no markup from text: {@html} only where a formula was typeset', () => {
    const sources = (
      readdirSync(new URL('../../packages/web/src', import.meta.url), { recursive: true }) as string[]
    )
      .filter((name) => /\.(svelte|ts)$/.test(name))
      .filter((name) => {
        const source = readFileSync(new URL(`../../packages/web/src/${name}`, import.meta.url), 'utf8');
        return /\{@html|\.(?:inner|outer)HTML\s*=|insertAdjacentHTML|document\.write/.test(source);
      });
    expect(sources.filter((name) => !/Formula\.svelte$/.test(name))).toEqual([]);
  });
});
