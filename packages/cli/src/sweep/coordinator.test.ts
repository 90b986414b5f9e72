import { readSweep, type Sweep } from '@fuga/engine';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runSweep, type Executor, type SweepOptions } from './coordinator.js';
import type { SweepEvent } from './events.js';
import { WorkerLost } from './pool.js';
import { sweepHash } from './sweepFile.js';
import { TrialRunner, type TrialOutcome, type TrialTask } from './trial.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-sweep-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const sweepOf = (rest: object): Sweep =>
  readSweep({
    fugaSweep: 1,
    base: {
      fuga: 1,
      data: { source: 'gaussian', samples: 20, features: 3, batch: 4 },
      model: { type: 'mlp', width: 4, depth: 1 },
      steps: 2,
    },
    ...rest,
  });
const seeds = (to: number) => sweepOf({ axes: { seed: { from: 1, to } } });

/** Runs trials here, in this thread, as `act` decides. */
function executor(
  act: (task: TrialTask, attempt: number) => Promise<TrialOutcome | null> | TrialOutcome | null,
  workers = 2,
): Executor & { ran: string[] } {
  const runner = new TrialRunner();
  const attempts = new Map<string, number>();
  const ran: string[] = [];
  let cancelled = false;
  let turn = Promise.resolve();
  return {
    ran,
    workers,
    ready: () => turn,
    run: async (task) => {
      if (cancelled) return { kind: 'cancelled' };
      ran.push(task.id);
      const attempt = (attempts.get(task.id) ?? 0) + 1;
      attempts.set(task.id, attempt);
      const outcome = await act(task, attempt);
      if (outcome) return outcome;
      const done = turn.then(() =>
        runner.run(task, { progress: () => undefined, cancelled: () => cancelled }),
      );
      turn = done.then(() => undefined);
      return done;
    },
    cancel: () => {
      cancelled = true;
    },
    close: () => Promise.resolve(),
  };
}

async function run(sweep: Sweep, how: Partial<SweepOptions> & { executor?: SweepOptions['executor'] } = {}) {
  const events: SweepEvent[] = [];
  const summary = await runSweep(
    { sweep, hash: sweepHash(sweep, how.exact ?? true) },
    {
      out: folder,
      resume: false,
      exact: true,
      shard: { part: 0, parts: 1 },
      retryFailed: false,
      maxBytes: 1e9,
      checkpointMs: 0,
      keep: { trace: false, weights: false },
      executor: () => executor(() => null),
      report: (event) => events.push(event),
      signal: new AbortController().signal,
      ...how,
    },
  );
  const csv = await readFile(join(folder, 'results.csv'), 'utf8');
  return { summary, events, csv, rows: csv.trimEnd().split('\r\n').slice(1) };
}

test('every trial once, in the order of the sweep, whatever order they finish in', async () => {
  const slowFirst = executor(async (task) => {
    if (task.spec.seed === 1) await new Promise((resolve) => setTimeout(resolve, 300));
    return null;
  });
  const { summary, rows, events } = await run(seeds(6), { executor: () => slowFirst });
  expect(summary).toMatchObject({ trials: 6, done: 6, failed: 0, same: 0, interrupted: false });
  expect(rows.map((row) => row.split(',')[2])).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(events.filter(({ event }) => event === 'done')).toHaveLength(6);
});

test('a lost worker’s trial is tried three times more; then it is failed, and the others are done', async () => {
  const bad = executor((task, attempt) => {
    if (task.spec.seed === 2) throw new WorkerLost('the worker died');
    if (task.spec.seed === 3 && attempt < 4) throw new WorkerLost('the worker died');
    return null;
  });
  const { summary, events, rows } = await run(seeds(4), { executor: () => bad });
  expect(summary).toMatchObject({ done: 3, failed: 1 });
  expect(events.filter(({ event }) => event === 'retry')).toHaveLength(6);
  expect(bad.ran).toHaveLength(4 + 3 + 3);
  expect(rows[1]).toMatch(/,failed,.*,the worker died$/);
  expect(rows[2]).toMatch(/,done,/);
});

test('attempts are counted over the lives of the coordinator', async () => {
  const controller = new AbortController();
  const dying = executor((_, attempt) => {
    if (attempt === 3) {
      controller.abort();
      return { kind: 'cancelled' };
    }
    throw new WorkerLost('gone');
  });
  const first = await run(seeds(1), { executor: () => dying, signal: controller.signal });
  expect(first.summary).toMatchObject({ done: 0, failed: 0, interrupted: true });
  const still = executor(() => {
    throw new WorkerLost('gone');
  });
  const second = await run(seeds(1), { executor: () => still, resume: true });
  expect(second.summary).toMatchObject({ failed: 1 });
  expect(still.ran).toHaveLength(2); // 2 were used up before: the third and the fourth
});

test('what the engine refuses is failed at once, with its reason; --retry-failed tries again', async () => {
  const sweep = sweepOf({
    axes: { 'model.depth': [1, 2] },
    include: [{ 'model.type': 'mlp', 'model.width': 3 }],
  });
  const refusing = executor((task) =>
    (task.spec.model?.['depth'] as number) === 2 ? { kind: 'refused', reason: 'needs 9 GiB' } : null,
  );
  const first = await run(sweep, { executor: () => refusing });
  expect(first.summary).toMatchObject({ done: 2, failed: 1 });
  expect(first.rows[1]).toMatch(/needs 9 GiB$/);
  const again = executor(() => null);
  const second = await run(sweep, { executor: () => again, resume: true });
  expect(again.ran).toHaveLength(0);
  expect(second.summary).toMatchObject({ done: 2, failed: 1 });
  const third = await run(sweep, { executor: () => again, resume: true, retryFailed: true });
  expect(again.ran).toHaveLength(1);
  expect(third.summary).toMatchObject({ done: 3, failed: 0 });
});

test('trials with the same resolved spec get one row', async () => {
  const sweep = sweepOf({
    axes: { 'model.activation': ['relu', { fn: 'relu' }], seed: [1, 2] },
    include: [{ seed: 1 }],
  });
  const { summary, rows } = await run(sweep);
  // { fn: relu } resolves to another spec than relu; the include is the grid's first trial again.
  expect(summary.done + summary.same).toBe(5);
  expect(summary.same).toBeGreaterThanOrEqual(1);
  expect(new Set(rows.map((row) => row.split(',')[1])).size).toBe(rows.length);
});

test('told to stop, it keeps what is done; resumed, it ends as if it had not stopped', async () => {
  const whole = await run(seeds(12));
  await rm(folder, { recursive: true });
  const controller = new AbortController();
  let count = 0;
  const stopping = executor(() => {
    if (++count === 5) controller.abort();
    return null;
  });
  const first = await run(seeds(12), { executor: () => stopping, signal: controller.signal });
  expect(first.summary.interrupted).toBe(true);
  expect(first.rows.length).toBeGreaterThan(0);
  expect(first.rows.length).toBeLessThan(12);
  const rest = executor(() => null);
  const second = await run(seeds(12), { executor: () => rest, resume: true });
  expect(rest.ran.length).toBe(12 - first.rows.length);
  expect(second.csv).toBe(whole.csv);
});

describe('refuses', () => {
  test('a folder with a sweep, without --resume', async () => {
    await run(seeds(2));
    await expect(run(seeds(2))).rejects.toThrow(/already holds this sweep; go on with it by --resume/);
  });

  test('a changed sweep, and says what changed', async () => {
    await run(seeds(2));
    await expect(run(seeds(3), { resume: true })).rejects.toThrow(
      /holds another sweep: axes\.seed\.to was 2 and is now 3/,
    );
    await expect(run(seeds(2), { resume: true, exact: false })).rejects.toThrow(/it was run with --exact/);
    const reordered = [
      sweepOf({ axes: { seed: [1, 2], 'model.depth': [1] } }),
      sweepOf({ axes: { 'model.depth': [1], seed: [1, 2] } }),
    ];
    expect(sweepHash(reordered[0]!, true)).not.toBe(sweepHash(reordered[1]!, true));
  });

  test('a second coordinator on the folder, while the first runs', async () => {
    let second: Promise<unknown> | null = null;
    const sweep = seeds(2);
    const slow = executor(async () => {
      second ??= run(sweep, { resume: true }).catch((error: unknown) => error);
      await second;
      return null;
    });
    const { summary } = await run(sweep, { executor: () => slow });
    expect(summary.done).toBe(2);
    expect(String(await second)).toMatch(/another sweep \(process \d+ on .*\) is using this folder/);
  });

  test('to go on when the folder is deleted under it', async () => {
    const sweep = seeds(200);
    const deleting = executor(async (task) => {
      if (task.spec.seed === 3) await rm(folder, { recursive: true });
      return null;
    });
    await expect(run(sweep, { executor: () => deleting })).rejects.toThrow(/the folder was moved or deleted/);
    expect(deleting.ran.length).toBeLessThan(200);
  });
});
