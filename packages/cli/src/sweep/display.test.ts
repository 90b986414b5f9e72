import { readSweep } from '@fuga/engine';
import { expect, test } from 'vitest';
import { openDisplay } from './display.js';
import type { SweepEvent } from './events.js';

const sweep = readSweep({
  fugaSweep: 1,
  base: {},
  axes: { 'model.depth': [5, 20], 'model.activation': ['tanh', 'relu'], seed: [1, 2] },
});
const values = { 'model.depth': 20, 'model.activation': 'tanh', seed: 1 };
const events: SweepEvent[] = [
  {
    event: 'start',
    name: 'Small',
    sweep: 'ab',
    out: 'out',
    trials: 8,
    done: 0,
    failed: 0,
    workers: 2,
    exact: true,
  },
  { event: 'trial', index: 4, id: 'a1', values },
  { event: 'step', index: 4, progress: { step: 5, steps: 10, loss: 1 } },
  {
    event: 'done',
    index: 4,
    id: 'a1',
    values,
    verdict: 'unhealthy',
    loss: NaN,
    metric: 0.5,
    metricName: 'accuracy',
    better: 'higher',
    gradientDecades: -6.5,
    ms: 3,
  },
  { event: 'failed', index: 5, id: 'a2', values, reason: 'the worker died' },
];

test('off a terminal: one JSON event a line, steps left out, numbers that JSON lacks as words', () => {
  let text = '';
  const display = openDisplay(sweep, {
    screen: { write: (part) => (text += part) },
    color: false,
    quiet: false,
  });
  for (const event of events) display.report(event);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; loss?: unknown });
  expect(lines.map(({ event }) => event)).toEqual(['start', 'done', 'failed']);
  expect(lines[1]!.loss).toBe('NaN');
});

test('on a terminal: counts, best so far, the picture; what fails stays above it', () => {
  let text = '';
  const screen = { isTTY: true, columns: 100, write: (part: string) => (text += part) };
  const display = openDisplay(sweep, { screen, color: false, quiet: false });
  for (const event of events) display.report(event);
  display.close();
  const last = text.split('\x1b[0J').at(-1)!;
  expect(text).toContain('trial 5 (depth=20 activation=tanh seed=1) failed: the worker died\n');
  expect(last).toContain('2/8  1 failed  0 running');
  expect(last).toContain('best accuracy 0.5  depth=20 activation=tanh seed=1');
  expect(
    last
      .split('\n')
      .filter((line) => /^\s*(5|20) /.test(line))
      .map((line) => line.trim()),
  ).toEqual(['5 · ·', '20 ▇ ·']);
  expect(last).not.toContain('\x1b[3');
});

test('quiet: nothing', () => {
  let text = '';
  const display = openDisplay(sweep, {
    screen: { isTTY: true, write: (part) => (text += part) },
    color: true,
    quiet: true,
  });
  for (const event of events) display.report(event);
  expect(text).toBe('');
});
