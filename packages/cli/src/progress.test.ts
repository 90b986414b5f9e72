import { expect, it } from 'vitest';
import { openProgress } from './progress.js';

const progress = { step: 120, steps: 300, loss: 2.31, stepMs: 4, metric: null, snapshot: null };

it('draws one line on a terminal, also where its function is handed on by itself', () => {
  const written: string[] = [];
  const screen = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
  const { take } = openProgress('auto', { color: false, language: 'en' }, screen);
  take({ ...progress, step: 300 });
  const line = written.at(-1)!;
  expect(line).toContain('300/300');
  expect(line).toContain('loss 2.31');
  expect(line.slice('\r\x1b[K'.length).length).toBeLessThan(80);
  expect(line).not.toContain('\n');
});

it('stays silent off a terminal', () => {
  const written: string[] = [];
  const screen = { isTTY: false, write: (text: string) => written.push(text) };
  openProgress('auto', { language: 'en' }, screen).take(progress);
  expect(written).toEqual([]);
});
