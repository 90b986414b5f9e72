// How fast the lab is in Chromium: the first picture, frames and answers to input while networks train, the heap.
//
//   pnpm bench:lab                            all but the soak, which then lasts one minute
//   node bench/lab.mjs --only first           or: frames, soak
//   FUGA_SOAK=30 node bench/lab.mjs --only soak --network mlp     minutes of training
//
// It prints figures; what is asserted stands in tests/e2e. On a machine that others use, give it a core of its own.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { median, networks, openLab, quantile, startLab, waitForSteps } from './labBrowser.mjs';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: 'first|frames|soak' },
    network: { type: 'string', default: '.' },
    repeats: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'string' },
  },
});
const only = new RegExp(flags.only);
const chosen = Object.entries(networks).filter(([name]) => new RegExp(flags.network).test(name));
const minutes = Number(process.env.FUGA_SOAK ?? 1);
const records = [];

function tell(record) {
  records.push(record);
  console.log(
    Object.entries(record)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toFixed(2)) : value}`)
      .join('  '),
  );
}

/** Milliseconds from the start of navigation to the frame behind the first picture of the gradient; a new profile. */
async function measureFirstPicture(lab, throttle) {
  const { page, session, context } = await openLab(lab);
  await session.send('Emulation.setCPUThrottlingRate', { rate: throttle });
  await page.goto(lab.url);
  const ms = await page.evaluate(() => globalThis.firstPicture);
  await context.close();
  return ms;
}

/** Frames a second and answers to input, as a user has them while a network trains as fast as it can. */
async function measureFrames(lab, name, spec, seconds) {
  const { page, context, session } = await openLab(lab);
  await page.goto(await lab.link({ view: 'observe', spec }));
  await page.getByLabel('Speed').selectOption('max');
  await waitForSteps(page, 3, 120_000);
  await page.waitForTimeout(1500);
  const traced = [];
  session.on('Tracing.dataCollected', ({ value }) => traced.push(...value));
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline.frame', 'toplevel'] },
  });
  const before = Number(await page.textContent('[data-testid=step]').then((text) => text.replace(/\D/g, '')));
  await page.evaluate(() => globalThis.watchFrames());
  const end = Date.now() + seconds * 1000;
  const flow = page.getByRole('application').first();
  await flow.focus();
  const box = await flow.boundingBox();
  for (let i = 0; Date.now() < end; i++) {
    // What people do while they look: walk along the layers, point at the chart, pick a layer.
    await page.keyboard.press(i % 40 < 20 ? 'ArrowLeft' : 'ArrowRight');
    const x = box.x + box.width * (0.2 + (0.6 * ((i * 37) % 100)) / 100);
    await page.mouse.move(x, box.y + box.height / 2);
    if (i % 3 === 0) await page.mouse.click(x, box.y + box.height / 2);
    await page.waitForTimeout(90);
  }
  const { gaps, events, inputs } = await page.evaluate(() => globalThis.framesWatched());
  const after = Number(await page.textContent('[data-testid=step]').then((text) => text.replace(/\D/g, '')));
  await session.send('Tracing.end');
  await complete;
  await context.close();
  const frames = traced.filter(({ name }) => name === 'DrawFrame').length;
  const dropped = traced.filter(({ name }) => name === 'DroppedFrame').length;
  const longest = Math.max(...traced.filter(({ dur }) => dur).map(({ dur }) => dur / 1000), 0);
  // Events that took less than 16 ms are only counted by the browser, so they count as 16.
  const durations = [...events, ...new Array(Math.max(0, inputs - events.length)).fill(16)];
  const sum = gaps.reduce((a, b) => a + b, 0);
  tell({
    bench: 'frames',
    network: name,
    fps: (1000 * gaps.length) / sum,
    gapP95: quantile(gaps, 0.95),
    gapMax: Math.max(...gaps),
    drawn: frames / seconds,
    dropped,
    longestTask: longest,
    inputs: durations.length,
    inputP50: quantile(durations, 0.5),
    inputP95: quantile(durations, 0.95),
    inputMax: Math.max(...durations),
    steps: after - before,
  });
}

/** What the page and its worker hold on the heap, minute by minute, garbage collected before each reading. */
async function soak(lab, name, spec, minutes) {
  const { page, context, heaps } = await openLab(lab);
  await page.goto(await lab.link({ view: 'observe', spec }));
  await page.getByLabel('Speed').selectOption('max');
  await waitForSteps(page, 3, 120_000);
  const start = Date.now();
  // What is kept of a run fills up at first: its bounds are what the first part of the soak shows.
  const settle = Math.min(5, minutes / 3);
  let first = null;
  let last = null;
  for (let elapsed = 0; elapsed < minutes;) {
    await page.waitForTimeout(Math.min(60_000, (minutes * 60_000) / 6));
    elapsed = (Date.now() - start) / 60_000;
    const now = await heaps();
    const steps = (await page.textContent('[data-testid=step]')).replace(/\D/g, '');
    tell({ bench: 'soak', network: name, minutes: elapsed, steps, ...now });
    if (elapsed >= settle) first ??= now;
    last = now;
  }
  await context.close();
  tell({
    bench: 'soak',
    network: name,
    pageGrowthMB: last.pageMB - first.pageMB,
    workerGrowthMB: last.workerMB - first.workerMB,
    buffersGrowthMB: last.buffersMB - first.buffersMB,
  });
}

const lab = await startLab();
try {
  if (only.test('first')) {
    for (const throttle of [1, 4]) {
      const times = [];
      for (let i = 0; i < Number(flags.repeats); i++) times.push(await measureFirstPicture(lab, throttle));
      tell({ bench: 'first', throttle, medianMs: median(times), maxMs: Math.max(...times) });
    }
  }
  if (only.test('frames')) {
    for (const [name, spec] of chosen) await measureFrames(lab, name, spec, Number(flags.seconds));
  }
  if (only.test('soak')) {
    for (const [name, spec] of chosen) await soak(lab, name, spec, minutes);
  }
} finally {
  await lab.close();
}
if (flags.json) writeFileSync(flags.json, JSON.stringify(records, null, 2));
