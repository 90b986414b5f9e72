// A real Chromium for the tests, and the lab's build served to it as any static host would.
import { createServer, type Server } from 'node:http';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';

const places = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Starts a Chromium that asks for nothing by itself; no sandbox only where it cannot have one (as root). */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = places.find((place) => place && existsSync(place));
  return chromium.launch({
    ...(executablePath ? { executablePath } : { channel: 'chrome' }),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-dev-shm-usage',
      ...more,
    ],
  });
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** A folder served on loopback under a path of its own, to show that it works from any. */
export interface Site {
  readonly url: string;
  /** Every file that was asked for, and when (as `Date.now()` has it). */
  readonly requests: { readonly name: string; readonly at: number }[];
  close(): Promise<void>;
}

/** Folder with the lab's build, or with another one that FUGA_LAB names; `pnpm test` builds it first. */
export const labFolder =
  process.env['FUGA_LAB'] ?? fileURLToPath(new URL('../packages/web/dist/', import.meta.url));

/**
 * Serves the files of `folder` below `/some/path/`, with no header beyond their type: any static host can do that. A
 * `plain` one knows the types of pages, styles and scripts only, and looks for no index.
 */
export async function serveFolder(
  folder = labFolder,
  base = '/some/path/',
  { plain = false }: { readonly plain?: boolean } = {},
): Promise<Site> {
  const requests: { name: string; at: number }[] = [];
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const index = plain ? '?' : 'index.html';
    const name = normalize(path.startsWith(base) ? path.slice(base.length) || index : '?');
    if (!path.startsWith(base) || name.startsWith('..') || name.startsWith(sep)) {
      response.writeHead(404).end();
      return;
    }
    requests.push({ name, at: Date.now() });
    const ending = extname(name);
    const type = plain && !['.html', '.css', '.js'].includes(ending) ? undefined : types[ending];
    readFile(join(folder, name)).then(
      (bytes) => {
        response.writeHead(200, { 'content-type': type ?? 'application/octet-stream' }).end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}${base}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A page, and all that went wrong in it or left the host. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, uncaught errors, policy violations, failed requests, requests to other hosts. */
  readonly faults: string[];
}

/** A new page in a fresh profile, watched. */
export async function openPage(
  browser: Browser,
  site: Site,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') faults.push(`failed: ${request.url()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== new URL(site.url).origin)
      faults.push(`left: ${url.href}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`);
    });
  });
  return { page, context, faults };
}

const reports = fileURLToPath(new URL('../reports/', import.meta.url));

/** Writes what the page shows into the ignored folder `reports/`. */
export async function screenshot(page: Page, name: string, fullPage = true): Promise<void> {
  const path = join(reports, `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path, fullPage, animations: 'disabled' });
}

const axeSource = fileURLToPath(new URL('../node_modules/axe-core/axe.min.js', import.meta.url));

/** What axe finds wrong on the page, one line each. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Run in the page's utility world, as the page's own policy admits no script of ours.
  const source = await readFile(axeSource, 'utf8');
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
    worldName: 'axe',
  });
  await session.send('Runtime.evaluate', { expression: source, contextId: executionContextId });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 160) + ' — ' + failureSummary)))`,
    contextId: executionContextId,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  if (!Array.isArray(result.value)) throw new Error(`axe did not run: ${JSON.stringify(result)}`);
  return result.value as string[];
}
