// A Chromium with the lab's build in it, and what measures it from outside and from within the page.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../scripts/chromium.mjs';

const folder = process.env.FUGA_LAB ?? fileURLToPath(new URL('../packages/web/dist/', import.meta.url));
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

const forever = { steps: 1e7 };

/** What trains while the lab is watched. */
export const networks = {
  mlp: {
    fuga: 1,
    data: { source: 'digits', batch: 64 },
    model: { type: 'mlp', depth: 20, width: 64, activation: 'relu' },
    optimizer: { type: 'sgd', lr: 0.01 },
    ...forever,
  },
  resnet20: {
    fuga: 1,
    data: { source: 'digits', batch: 32 },
    model: { type: 'resnet', depth: 20, width: 16 },
    optimizer: { type: 'sgd', lr: 0.05 },
    ...forever,
  },
  thousand: {
    fuga: 1,
    data: { source: 'digits', batch: 32 },
    model: { type: 'mlp', depth: 1000, width: 32, activation: 'tanh', init: 'orthogonal' },
    optimizer: { type: 'sgd', lr: 0.001 },
    ...forever,
  },
};

/** Serves the lab below a path and starts a browser. */
export async function startLab() {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname).replace(
      /^\/lab\/$/,
      '/lab/index.html',
    );
    readFile(join(folder, path.replace(/^\/lab\//, ''))).then(
      (bytes) => {
        response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: ensureChromium(),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--no-first-run',
      '--disable-dev-shm-usage',
      '--enable-precise-memory-info',
    ],
  });
  const url = `http://127.0.0.1:${server.address().port}/lab/`;
  return {
    url,
    browser,
    /** The share link of a state, as lab/link.ts writes it. */
    link: (state) => `${url}#1.${deflateRawSync(JSON.stringify(state)).toString('base64url')}`,
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Run in the page before its own scripts. */
function instrument() {
  globalThis.firstPicture = new Promise((resolve) => {
    const look = () => {
      const steps = document.querySelector('[data-testid=step]')?.textContent ?? '0';
      // The chart is painted in the turn that writes the step; a frame later both are on the screen.
      if (steps !== '0' && steps !== '') requestAnimationFrame(() => resolve(performance.now()));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const kinds = ['keydown', 'keyup', 'pointerdown', 'pointerup', 'click', 'mousedown', 'mouseup'];
  let events = [];
  let gaps = [];
  let counts = 0;
  let watching = false;
  const count = () => kinds.reduce((sum, kind) => sum + (performance.eventCounts.get(kind) ?? 0), 0);
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (kinds.includes(name)) events.push(duration);
  }).observe({ type: 'event', durationThreshold: 16 });
  globalThis.watchFrames = () => {
    [events, gaps, counts, watching] = [[], [], count(), true];
    let last = performance.now();
    const frame = (now) => {
      gaps.push(now - last);
      last = now;
      if (watching) requestAnimationFrame(frame);
    };
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(frame);
    });
  };
  globalThis.framesWatched = () => {
    watching = false;
    return { gaps, events, inputs: count() - counts };
  };
}

/** The lab in a new profile. */
export async function openLab(lab) {
  const context = await lab.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(`uncaught: ${error.message}`));
  await page.addInitScript(instrument);
  const session = await context.newCDPSession(page);
  const workers = watchWorkers(session);
  return {
    context,
    page,
    session,
    heaps: async () => ({
      ...(await measureHeaps(session, workers)),
      ...(await measureProcess(lab.browser)),
    }),
  };
}

/** Sessions of the page's workers, for the questions that only the protocol answers. */
function watchWorkers(session) {
  const workers = new Map();
  let asked = 0;
  const waiting = new Map();
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') workers.set(sessionId, targetInfo);
  });
  session.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  void session.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: false,
    flatten: false,
  });
  const ask = (sessionId, method) =>
    new Promise((resolve) => {
      const id = ++asked;
      waiting.set(id, resolve);
      void session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    });
  return { all: () => [...workers.keys()], ask };
}

const MB = 2 ** 20;

async function measureHeaps(session, workers) {
  const read = async (ask) => {
    await ask('HeapProfiler.collectGarbage');
    await ask('HeapProfiler.collectGarbage');
    return ask('Runtime.getHeapUsage');
  };
  const page = await read((method) => session.send(method));
  let [worker, buffers] = [0, page.backingStorageSize ?? 0];
  for (const id of workers.all()) {
    const usage = await read((method) => workers.ask(id, method));
    worker += usage.usedSize;
    buffers += usage.backingStorageSize ?? 0;
  }
  const { usedSize, embedderHeapUsedSize = 0 } = page;
  return {
    pageMB: usedSize / MB,
    pageDomMB: embedderHeapUsedSize / MB,
    workerMB: worker / MB,
    buffersMB: buffers / MB,
    workers: workers.all().length,
  };
}

/** All that the pages' process holds, the kernels' memory too; where the system tells (Linux). */
async function measureProcess(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id }) => readFile(`/proc/${id}/status`, 'utf8').catch(() => '')),
  );
  const kB = sizes.map((text) => Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0));
  return { processMB: Math.max(0, ...kB) / 1024 };
}

/** Waits until a run has made so many steps. */
export async function waitForSteps(page, steps, timeout) {
  await page.waitForFunction(
    (steps) =>
      Number((document.querySelector('[data-testid=step]')?.textContent ?? '').replace(/\D/g, '')) > steps,
    steps,
    { timeout },
  );
}

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

export const median = (values) => quantile(values, 0.5);
