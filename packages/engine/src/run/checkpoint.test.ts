import { describe, expect, test } from 'vitest';
import * as optimizers from '../optimizers/index.js';
import { restoreCheckpoint, takeCheckpoint } from './checkpoint.js';
import { evaluate } from './evaluate.js';
import { openRun, type Run } from './run.js';
import { train } from './train.js';

const spec = (optimizer: object) => ({
  fuga: 1,
  data: { source: 'spirals', batch: 16 },
  model: { type: 'mlp', depth: 3, width: 12, activation: 'relu' },
  optimizer: { lr: 0.01, ...optimizer },
  schedule: 'cosine',
  clip: { norm: 1 },
  steps: 90,
});

/** Everything that a run gives, to the bit; time is no part of it. */
function outcome(run: Run): unknown {
  const { timing: _, ...trace } = run.trace;
  const weights = run.parameters.all.map(({ path, tensor }) => [
    path,
    run.arena.read(
      tensor.data,
      tensor.shape.reduce((a, b) => a * b, 1),
    ),
  ]);
  return { trace, weights, score: evaluate(run) };
}

describe.each(Object.keys(optimizers))('with %s', (type) => {
  test('a run that goes on from a checkpoint ends as if it had never stopped, bit for bit', async () => {
    const whole = await openRun(spec({ type }), { exact: true, every: 1 });
    for (const _ of train(whole));
    const first = await openRun(spec({ type }), { exact: true, every: 1 });
    for (const { step } of train(first)) if (step === 47) break;
    const checkpoint = structuredClone(takeCheckpoint(first));
    for (const _ of train(first)); // what comes after the checkpoint must not matter
    const second = await openRun(spec({ type }), { exact: true, every: 1 });
    restoreCheckpoint(second, checkpoint);
    for (const _ of train(second));
    expect(second.trace.steps).toBe(90);
    expect(outcome(second)).toEqual(outcome(whole));
  });
});

test('a checkpoint of another spec is refused', async () => {
  const run = await openRun(spec({ type: 'sgd' }));
  const other = await openRun(spec({ type: 'sgd', lr: 0.5 }));
  expect(() => {
    restoreCheckpoint(other, takeCheckpoint(run));
  }).toThrow(/checkpoint is of another spec/);
});
