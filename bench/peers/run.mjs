// node bench/peers/run.mjs [--only REGEX] [--peers REGEX] [--rounds N] [--json FILE]
//
// Times the bench's networks here and in other libraries, each in a process of its own, in turns, and prints how many
// times as long they take. Needs `npm install` in this folder and a built workspace. What a peer cannot do is shown as
// such, with its error below the table. PYTHON names the interpreter that has torch (python3).
import { exportPyTorch } from '@fuga/engine';
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { table } from '../measure.mjs';
import { specOf, workloads } from '../workloads.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    peers: { type: 'string', default: '' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const here = fileURLToPath(new URL('.', import.meta.url));
if (!existsSync(new URL('./node_modules', import.meta.url))) {
  console.error(`The peers are not installed: run npm install in ${here}`);
  process.exit(1);
}

const node = process.execPath;
const python = process.env.PYTHON ?? 'python3';
const images = /^(conv3|resnet20|yolo)$/;
const peers = {
  'tfjs-wasm': (name) => [node, 'tfjs.mjs', name, 'wasm'],
  'tfjs-cpu': (name) => [node, 'tfjs.mjs', name, 'cpu'],
  'jax-js': (name) => [node, 'jax.mjs', name],
  convnetjs: (name) => [node, 'convnet.mjs', name],
  'PyTorch 1t': (name) => [python, 'torch_peer.py', name, '1', ...(images.test(name) ? ['nhwc'] : [])],
};
const chosen = Object.entries(peers).filter(([id]) => new RegExp(options.peers).test(id));
const ours = ['fuga', (name) => [node, 'fuga.mjs', name]];
const only = new RegExp(options.only);
const LIMIT = 150_000;

/** What a peer prints; `given` is what it reads from standard input. */
async function take([program, ...args], given) {
  try {
    const ended = promisify(execFile)(program, args, { cwd: here, timeout: LIMIT });
    ended.child.stdin.on('error', () => undefined); // a peer that reads nothing may end first
    ended.child.stdin.end(given);
    const { stdout } = await ended;
    return JSON.parse(stdout.trim().split('\n').at(-1));
  } catch (error) {
    return { error: error.killed ? `no answer in ${LIMIT / 1000} s` : String(error.message).split('\n')[0] };
  }
}

const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  node: process.version,
  load: loadavg()[0].toFixed(1),
};
const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
console.log(`${facts.join(', ')}; milliseconds a step, and how many times ours by minima and medians\n`);

const records = [];
const header = ['step', 'library', 'min ms', 'median ms', 'by min', 'by median'];
for (const name of Object.keys(workloads).filter((name) => only.test(name))) {
  const given = name === 'yolo' ? exportPyTorch(specOf(workloads[name])).code : '';
  const turns = new Map([ours, ...chosen].map(([id]) => [id, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [id, command] of [ours, ...chosen]) {
      const known = turns.get(id);
      if (known[0]?.error) continue; // what failed once fails again
      known.push(await take(command(name), given));
    }
  }
  let base;
  const rows = [header];
  const errors = [];
  for (const [id, results] of turns) {
    const { error, version } = results[0];
    const middle = results.map(({ medianMs }) => medianMs).sort((a, b) => a - b)[results.length >> 1];
    const result = { min: Math.min(...results.map(({ minMs }) => minMs)), median: middle };
    base ??= result;
    records.push({
      bench: 'peers',
      name,
      library: id,
      ...(version && { version }),
      ...(error ? { error } : result),
    });
    if (error) {
      errors.push(`${name} in ${id}: ${error}`);
      rows.push([name, id, '–', '–', '–', '–']);
    } else {
      const times = (key) => `${(result[key] / base[key]).toFixed(2)}×`;
      const library = version ? `${id}, ${version}` : id;
      rows.push([
        name,
        library,
        result.min.toFixed(2),
        result.median.toFixed(2),
        times('min'),
        times('median'),
      ]);
    }
  }
  console.log(`${table(rows)}\n${errors.map((error) => `${error}\n`).join('')}`);
}
if (options.json) {
  const lines = [{ bench: 'machine', ...machine }, ...records].map((record) => JSON.stringify(record));
  writeFileSync(options.json, `${lines.join('\n')}\n`);
}
