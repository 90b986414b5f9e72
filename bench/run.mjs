// node bench/run.mjs [--only REGEX] [--variant relaxed|simd] [--repeats N] [--clock wall|cpu] [--browser] [--json FILE] [--picture FILE]
//
// Measures kernels and whole training steps. Every result is checked before it is timed. The tables go to the
// terminal, one JSON line a measurement to FILE. Groups: gemm, functions, networks (or the name of a network), scaling
// (drawn to --picture FILE.svg as well), tape, workers, loading. `--browser` measures the first four in Chromium too and
// compares.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { loadKernels } from '@fuga/core-wasm';
import * as engine from '@fuga/engine';
import { timeAlone } from './alone.mjs';
import { groups } from './groups.mjs';
import { benchLoading } from './loading.mjs';
import { table, useClock } from './measure.mjs';
import { picture } from './picture.mjs';
import { benchTape } from './tape.mjs';
import { benchWorkers } from './workers.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    variant: { type: 'string' },
    repeats: { type: 'string', default: '15' },
    clock: { type: 'string', default: 'wall' },
    browser: { type: 'boolean', default: false },
    json: { type: 'string' },
    picture: { type: 'string' },
  },
});
const only = new RegExp(options.only);
const repeats = Number(options.repeats);
const variants = options.variant ? [options.variant] : ['relaxed', 'simd'];
useClock(options.clock);

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  node: process.version,
  commit: commit(),
  load: loadavg()[0].toFixed(2),
  clock: options.clock,
};
const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
console.log(`${facts.join(', ')}\n`);

const records = [{ bench: 'machine', ...machine }];
for (const group of groups(only)) {
  records.push(...(await group({ engine, loadKernels, variants, repeats, timeAlone })));
  console.log('');
}
if (only.test('tape')) records.push(...(await benchTape({ engine, loadKernels, variants, repeats })));
if (only.test('workers')) records.push(...(await benchWorkers({ variants, repeats })));
if (only.test('loading')) records.push(...benchLoading({ variants }));
if (options.browser) {
  const { compare, runInBrowser } = await import('./browser.mjs');
  const seen = await runInBrowser({ only: options.only, variants, repeats });
  const ratios = compare(records, seen);
  const rows = ratios.map(({ name, min, median }) => [name, `${min.toFixed(2)}×`, `${median.toFixed(2)}×`]);
  console.log(`\n${table([['Chromium to Node', 'min', 'median'], ...rows])}`);
  records.push(...seen, ...ratios.map((ratio) => ({ bench: 'browser', ...ratio })));
}
if (options.picture) writeFileSync(options.picture, picture(records));
if (options.json) {
  writeFileSync(options.json, `${records.map((record) => JSON.stringify(record)).join('\n')}\n`);
}
