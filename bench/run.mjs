// node bench/run.mjs [--only REGEX] [--variant relaxed|simd] [--repeats N] [--json FILE]
//
// Measures kernels and whole training steps. Every result is checked before it is timed. The tables go to the
// terminal, one JSON line a measurement to FILE. Groups: gemm, functions, networks (or the name of a network).
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { loadKernels } from '@fuga/core-wasm';
import { benchFunctions } from './functions.mjs';
import { benchGemm } from './gemm.mjs';
import { benchNetworks, workloads } from './networks.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    variant: { type: 'string' },
    repeats: { type: 'string', default: '15' },
    json: { type: 'string' },
  },
});
const only = new RegExp(options.only);
const repeats = Number(options.repeats);
const variants = options.variant ? [options.variant] : ['relaxed', 'simd'];

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
};
console.log(
  Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(', '),
  '\n',
);

const records = [{ bench: 'machine', ...machine }];
if (only.test('gemm')) records.push(...(await benchGemm({ loadKernels, variants, repeats })));
if (only.test('functions')) records.push(...(await benchFunctions({ loadKernels, variants, repeats })));
const isNetworks = only.test('networks');
if (isNetworks || Object.keys(workloads).some((name) => only.test(name))) {
  const engine = await import('@fuga/engine');
  records.push(...(await benchNetworks({ engine, variants, repeats, only: isNetworks ? /./ : only })));
}
if (options.json)
  writeFileSync(options.json, records.map((record) => JSON.stringify(record)).join('\n') + '\n');
