import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderLock } from './lock.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-lock-'));
  path = join(folder, 'lock');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('a second owner is refused and told who the first is', async () => {
  const lock = await FolderLock.take(path);
  await expect(FolderLock.take(path)).rejects.toThrow(
    new RegExp(`another sweep \\(process ${process.pid} on ${hostname()}\\)`),
  );
  await lock.release();
  await (await FolderLock.take(path)).release();
});

test('the lock of a killed process is recovered', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const pid = child.pid!;
  await writeFile(path, JSON.stringify({ pid, host: hostname(), started: '', token: 'x' }));
  await expect(FolderLock.take(path)).rejects.toThrow(`process ${pid}`);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  const lock = await FolderLock.take(path);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
});

test('a pid that was given to another process does not hold it', async () => {
  await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname(), started: '1', token: 'x' }));
  await (await FolderLock.take(path)).release();
});

test('another machine holds it as long as its heart beats', async () => {
  await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere', started: '', token: 'x' }));
  await expect(FolderLock.take(path)).rejects.toThrow('process 1 on elsewhere');
  const old = new Date(Date.now() - 120_000);
  await utimes(path, old, old);
  await (await FolderLock.take(path)).release();
});

test('of many who find a dead lock, exactly one gets it', async () => {
  await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: '', token: 'x' }));
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => FolderLock.take(path)));
  const won = results.filter((result) => result.status === 'fulfilled');
  expect(won).toHaveLength(1);
  await won[0]!.value.release();
});

test('a torn lock file is nobody’s', async () => {
  await writeFile(path, '{"pid":');
  const old = new Date(Date.now() - 5_000);
  await utimes(path, old, old);
  await (await FolderLock.take(path)).release();
});

test('killed while it recovered a lock, or while it wrote its own: the next does not wait for long', async () => {
  const dead = JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: '', token: 'x' });
  await writeFile(path, dead);
  await writeFile(`${path}.recover`, dead);
  await (await FolderLock.take(path)).release();
  await writeFile(path, '');
  await writeFile(`${path}.recover`, '');
  await (await FolderLock.take(path)).release();
});
