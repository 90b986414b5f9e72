import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { Pool, WorkerLost } from './pool.js';

interface Task {
  readonly act: 'answer' | 'throw' | 'die' | 'hang' | 'eat' | 'work';
  readonly value?: number;
  readonly ms?: number;
}

const entry = new URL('./testing/fragileWorker.mjs', import.meta.url);
let pool: Pool<Task, { left: number }, unknown>;
const open = (size: number, silenceMs = 60_000, from = entry) => {
  pool = new Pool({ entry: from, size, heapMb: 32, silenceMs });
  return pool;
};
afterEach(() => pool.close());

test('tasks are spread over the workers, each gets its own answer', async () => {
  open(2);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, value) => pool.run({ act: 'answer', value })),
  );
  expect(answers).toEqual(Array.from({ length: 40 }, (_, value) => value));
});

test('an error of the task is the task’s own; its worker lives on', async () => {
  open(1);
  await expect(pool.run({ act: 'throw' })).rejects.toThrow('no such luck');
  await expect(pool.run({ act: 'answer', value: 1 })).resolves.toBe(1);
});

test('a worker that dies is replaced, the others go on', async () => {
  open(2);
  const other = pool.run({ act: 'work', ms: 300 });
  const lost = pool.run({ act: 'die' });
  await expect(lost).rejects.toBeInstanceOf(WorkerLost);
  await expect(lost).rejects.toThrow('ended with code 7');
  await expect(Promise.all([1, 2, 3].map((value) => pool.run({ act: 'answer', value })))).resolves.toEqual([
    1, 2, 3,
  ]);
  await expect(other).resolves.toBe('worked');
});

test('a worker that hangs is replaced; one that only takes long is not', async () => {
  open(2, 400);
  const long = pool.run({ act: 'work', ms: 1200 });
  const lost = pool.run({ act: 'hang' });
  await expect(lost).rejects.toThrow(/no sign of life for 0\.4 s/);
  await expect(long).resolves.toBe('worked');
  await expect(pool.run({ act: 'answer', value: 5 })).resolves.toBe(5);
});

test('a worker that takes too much memory is stopped and replaced', async () => {
  open(1);
  await expect(pool.run({ act: 'eat' })).rejects.toThrow(/ran out of memory \(32 MiB\)/);
  await expect(pool.run({ act: 'answer', value: 6 })).resolves.toBe(6);
}, 30_000);

test('cancel reaches what runs, and turns away what waits', async () => {
  open(1);
  const running = pool.run({ act: 'work', ms: 10_000 }, () => undefined);
  const waiting = pool.run({ act: 'answer', value: 1 });
  const turnedAway = expect(waiting).rejects.toThrow('cancelled');
  await new Promise((resolve) => setTimeout(resolve, 300));
  pool.cancel();
  await turnedAway;
  await expect(running).resolves.toBe('stopped');
});

test('progress arrives while the task runs', async () => {
  open(1);
  const seen: number[] = [];
  await pool.run({ act: 'work', ms: 200 }, ({ left }) => seen.push(left));
  expect(seen.length).toBeGreaterThan(3);
  expect(seen[0]!).toBeGreaterThan(seen.at(-1)!);
});

test('a worker that cannot even start is an error, not an endless loop', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fuga-pool-'));
  try {
    await writeFile(join(folder, 'broken.mjs'), 'throw new Error("cannot load this");');
    open(2, 60_000, pathToFileURL(join(folder, 'broken.mjs')));
    await expect(pool.run({ act: 'answer' })).rejects.toThrow(/no worker can be started: .*cannot load this/);
    await expect(pool.run({ act: 'answer' })).rejects.toThrow(/no worker can be started/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
