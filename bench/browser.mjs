// The same measurements in Chromium: bundles page.mjs, serves it with the headers that make its clock fine, runs it.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';

const places = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'];
const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const here = fileURLToPath(new URL('.', import.meta.url));

function serve(folder) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (path === '/') {
      response.setHeader('Content-Type', types['.html']);
      response.end(
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
      );
      return;
    }
    readFile(join(folder, path)).then(
      (bytes) => {
        response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** Runs the bench in a browser and gives its records, each with its version. */
export async function runInBrowser(options) {
  const folder = await mkdtemp(join(tmpdir(), 'fuga-bench-'));
  await build({
    root: here,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: folder,
      target: 'esnext',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1e5,
      rolldownOptions: { input: join(here, 'page.mjs'), output: { entryFileNames: 'page.js' } },
    },
  });
  const server = await serve(folder);
  const executablePath = places.find((place) => place && existsSync(place));
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : { channel: 'chrome' }),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => console.log(message.text()));
    page.on('pageerror', (error) => console.error(error.message));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => 'bench' in globalThis);
    const records = await page.evaluate((options) => globalThis.bench(options), options);
    return records.map((record) => ({ ...record, runtime: `Chromium ${browser.version()}` }));
  } finally {
    await browser.close();
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many times as long the browser takes for what both measured. */
export function compare(node, chromium) {
  const key = ({ bench, variant, name, shape, layout }) =>
    [bench, variant, name, shape, layout].filter(Boolean).join(' ');
  const known = new Map(node.filter(({ minMs }) => minMs).map((record) => [key(record), record]));
  return chromium.flatMap((record) => {
    const other = known.get(key(record));
    if (!other || !record.minMs) return [];
    return [{ name: key(record), min: record.minMs / other.minMs, median: record.medianMs / other.medianMs }];
  });
}
