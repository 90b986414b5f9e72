import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { fuga, journalIds, pause, results, writeSweep, type Fuga } from './sweepProcess.js';

let folder: string;
let port: number;
let server: ChildProcess;
let url: string;
const started: Fuga[] = [];

beforeAll(async () => {
  if (spawnSync('redis-server', ['--version']).error) {
    throw new Error(
      'redis-server is missing: install it (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis)',
    );
  }
  folder = await mkdtemp(join(tmpdir(), 'fuga-redis-'));
  port = await freePort();
  url = `redis://127.0.0.1:${port}`;
  server = await startServer();
});
afterEach(() => {
  for (const { child } of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});
afterAll(async () => {
  server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => {
        resolve(free);
      });
    });
  });
}

/** A server of our own, every write synced to its log; the folder stays over a restart. */
async function startServer(): Promise<ChildProcess> {
  const child = spawn(
    'redis-server',
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
      '--save',
      '',
    ],
    { stdio: 'ignore' },
  );
  for (
    let tries = 0;
    spawnSync('redis-cli', ['-p', String(port), 'ping'])
      .stdout.toString()
      .trim() !== 'PONG';
    tries++
  ) {
    if (tries > 100) throw new Error('redis-server does not answer');
    await pause(50);
  }
  return child;
}

function start(...args: string[]): Fuga {
  const process = fuga(args);
  started.push(process);
  return process;
}

const worker = () => start('worker', '--redis', url, '--workers', '1', '--lease', '2', '--quiet');

test('200 trials over 2 worker processes with 6 SIGKILLs: 200 rows, all right, each once', async () => {
  const sweep = await writeSweep(folder, 200, 40);
  const local = join(folder, 'local');
  const remote = join(folder, 'remote');
  expect((await start('sweep', sweep, '--out', local, '--exact', '--quiet').ended).code).toBe(0);
  const coordinator = start('sweep', sweep, '--out', remote, '--exact', '--redis', url);
  const workers = [worker(), worker()];
  let kills = 0;
  for (; kills < 6 && coordinator.child.exitCode === null; kills++) {
    // Between two kills some trials get done, so that each hits another moment.
    for (
      const before = coordinator.acknowledged.length;
      coordinator.acknowledged.length < Math.min(before + 15, 199);
    )
      await pause(10);
    workers[kills % 2]!.child.kill('SIGKILL');
    workers[kills % 2] = worker();
  }
  const { code, stderr } = await coordinator.ended;
  expect([code, kills], stderr.slice(-500)).toEqual([0, 6]);
  const ids = await journalIds(remote);
  expect(ids).toHaveLength(200);
  expect(new Set(ids).size).toBe(200);
  expect(coordinator.acknowledged).toHaveLength(200);
  expect(await results(remote)).toBe(await results(local));
}, 90_000);

test('the coordinator killed, then Redis killed and back: nothing is lost, and the rows are the same', async () => {
  // Trials long enough that the kills hit while most are still to come, on the fastest machine too.
  const sweep = await writeSweep(folder, 40, 1000);
  const local = join(folder, 'local2');
  const remote = join(folder, 'remote2');
  expect((await start('sweep', sweep, '--out', local, '--exact', '--quiet').ended).code).toBe(0);
  worker();
  const first = start('sweep', sweep, '--out', remote, '--exact', '--redis', url);
  while (first.acknowledged.length < 8) await pause(10);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = start('sweep', sweep, '--out', remote, '--exact', '--redis', url, '--resume');
  while (second.acknowledged.length < 8) await pause(10);
  server.kill('SIGKILL');
  await pause(1000);
  server = await startServer();
  const { code, stderr } = await second.ended;
  expect(
    [code, stderr.includes('Redis is gone'), stderr.includes('Redis is back')],
    stderr.slice(-500),
  ).toEqual([0, true, true]);
  const kept = await journalIds(remote);
  expect(kept).toHaveLength(40);
  expect(new Set(kept).size).toBe(40);
  expect(
    [...first.acknowledged, ...second.acknowledged].filter((id, i, all) => all.indexOf(id) !== i),
  ).toEqual([]);
  expect(await results(remote)).toBe(await results(local));
}, 120_000);

test('Ctrl-C on the coordinator stops the workers’ trials; one sweep a queue; a server that is not there', async () => {
  const long = await writeSweep(folder, 4, 2_000_000);
  const out = join(folder, 'cancelled');
  const joined = start('worker', '--redis', url, '--workers', '2', '--lease', '2');
  const first = start('sweep', long, '--out', out, '--redis', url);
  let talk = '';
  first.child.stderr!.on('data', (chunk: Buffer) => (talk += chunk.toString()));
  while (!talk.includes('"event":"start"')) await pause(20);
  await pause(1500);
  const other = await start('sweep', long, '--out', join(folder, 'other'), '--redis', url).ended;
  expect([other.code, other.stderr]).toEqual([
    1,
    expect.stringMatching(/another sweep .* hands out trials on the queue "fuga"/),
  ]);
  first.child.kill('SIGINT');
  expect((await first.ended).code).toBe(130);
  // The workers give the long trials up and are free for the next sweep.
  const short = await writeSweep(folder, 4, 5);
  const next = await start('sweep', short, '--out', join(folder, 'next'), '--redis', url, '--quiet').ended;
  expect(next.code).toBe(0);
  joined.child.kill('SIGTERM');
  expect((await joined.ended).code).toBe(130);
  const nowhere = await start(
    'sweep',
    short,
    '--out',
    join(folder, 'nowhere'),
    '--redis',
    'redis://127.0.0.1:1',
  ).ended;
  expect([nowhere.code, nowhere.stderr]).toEqual([
    1,
    expect.stringMatching(/cannot reach Redis at redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/),
  ]);
}, 60_000);
