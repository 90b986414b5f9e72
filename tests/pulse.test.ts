import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pulse } from '../packages/web/src/lab/pulse.js';

/** A worker that answers when it is told to. */
class Worker {
  #answers: (() => void)[] = [];
  asked = 0;
  ask = (): Promise<void> => {
    this.asked++;
    return new Promise((resolve) => this.#answers.push(resolve));
  };
  async answer(): Promise<void> {
    for (const resolve of this.#answers.splice(0)) resolve();
    await vi.advanceTimersByTimeAsync(0);
  }
}

let worker: Worker;
let told: (number | null)[];
let pulse: Pulse;
beforeEach(async () => {
  vi.useFakeTimers();
  worker = new Worker();
  told = [];
  pulse = new Pulse(worker.ask, (seconds) => told.push(seconds));
  await worker.answer();
});
afterEach(() => {
  pulse.end();
  vi.useRealTimers();
});

test('a worker that answers is left alone', async () => {
  for (let i = 0; i < 60; i++) {
    await vi.advanceTimersByTimeAsync(1000);
    await worker.answer();
  }
  expect(told).toEqual([]);
  expect(worker.asked).toBeGreaterThan(50);
});

test('a step of nine seconds is no trouble; ten of silence are told, and for how long it lasts', async () => {
  await vi.advanceTimersByTimeAsync(10_000);
  await worker.answer();
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(13_000);
  expect(told).toEqual([10, 11, 12]);
  // It was asked once and no more: a silent one is not flooded.
  expect(worker.asked).toBe(3);
});

test('one that answers again after a long step is taken at its word, and given thrice that time', async () => {
  await vi.advanceTimersByTimeAsync(16_000);
  expect(told.at(-1)).toBe(15);
  await worker.answer();
  expect(told.at(-1)).toBeNull();
  told.length = 0;
  await vi.advanceTimersByTimeAsync(40_000);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told[0]).toBe(45);
});

test('the first answer may take half a minute', async () => {
  const late = new Worker();
  const heard: (number | null)[] = [];
  const first = new Pulse(late.ask, (seconds) => heard.push(seconds));
  await vi.advanceTimersByTimeAsync(29_500);
  expect(heard).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(heard).toEqual([30]);
  first.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toEqual([30]);
});
