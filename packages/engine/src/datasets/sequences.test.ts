import { loadKernels } from '@fuga/core-wasm';
import { describe, expect, test } from 'vitest';
import { Arena } from '../core/arena.js';
import { parseOptions } from '../core/options.js';
import { drawFor } from '../run/data.js';
import { adding } from './adding.js';
import { charactersOf, encode } from './characters.js';
import { copyMemory } from './copyMemory.js';
import type { Dataset, Samples } from './dataset.js';
import { digits } from './digits.js';
import { sentiment } from './sentiment.js';
import { sequentialDigits } from './sequentialDigits.js';
import { text } from './text.js';

async function load(set: Dataset, options: Record<string, unknown>, seed = 1) {
  const arena = new Arena(await loadKernels({ exact: true }));
  const parsed = parseOptions(set.options, options, []) as never;
  return { shape: set.describe(parsed), samples: await set.load(parsed, drawFor(arena, seed, 'data')) };
}

const asDataset = (set: unknown) => set as Dataset;

test('adding: two marks, one in each half, and their sum; answering 1 costs 1/6', async () => {
  const length = 21;
  const { samples } = await load(asDataset(adding), { length, samples: 4000 });
  let squares = 0;
  for (let i = 0; i < 4000; i++) {
    const marks: number[] = [];
    let sum = 0;
    for (let t = 0; t < length; t++) {
      const [value, mark] = [samples.x[2 * (i * length + t)]!, samples.x[2 * (i * length + t) + 1]!];
      if (mark === 1) {
        marks.push(t);
        sum += value;
      } else expect(mark).toBe(0);
    }
    expect(marks).toHaveLength(2);
    expect(marks[0]!).toBeLessThan(10);
    expect(marks[1]!).toBeGreaterThanOrEqual(10);
    expect(samples.y[i]!).toBeCloseTo(sum, 5);
    squares += (samples.y[i]! - 1) ** 2;
  }
  expect(squares / 4000).toBeGreaterThan(0.155);
  expect(squares / 4000).toBeLessThan(0.178);
});

test('copyMemory: the word comes back after the signal', async () => {
  const { shape, samples } = await load(asDataset(copyMemory), { length: 7, samples: 50 });
  expect(shape.input).toEqual({ shape: [27], dtype: 'i32', vocabulary: 10 });
  const x = [...samples.x.subarray(0, 27)];
  const y = [...samples.y.subarray(0, 27)];
  expect(x.slice(10)).toEqual([8, 8, 8, 8, 8, 8, 9, ...Array<number>(10).fill(8)]);
  expect(y).toEqual([...Array<number>(17).fill(8), ...x.slice(0, 10)]);
  expect(new Set(samples.x)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
});

test('sequentialDigits are the digits, read as rows or pixels', async () => {
  const rows = await load(asDataset(sequentialDigits), {});
  const pixels = await load(asDataset(sequentialDigits), { by: 'pixels' });
  const images = await load(asDataset(digits), {});
  expect(rows.shape.input.shape).toEqual([8, 8]);
  expect(pixels.shape.input.shape).toEqual([64, 1]);
  expect(rows.samples.x).toEqual(images.samples.x);
  expect(pixels.samples.y).toEqual(images.samples.y);
});

describe('sentiment', () => {
  /** The verdict read off the words, by the grammar's rule. */
  function verdict(words: readonly string[]): number {
    const good = ['good', 'great', 'brilliant', 'moving', 'funny', 'clever', 'lovely', 'superb'].includes(
      words[4]!,
    );
    const negated = ['not', 'never', 'hardly', 'barely'].includes(words[3]!);
    const turned = ['but', 'yet', 'however'].includes(words.at(-6)!);
    return Number((good !== negated) !== turned);
  }

  const review = ({ x, vocabulary }: Samples, i: number, length: number) =>
    Array.from(x.subarray(i * length, (i + 1) * length), (id) => vocabulary![id]!);

  test.each([0, 1, 40])(
    'at distance %d: every verdict follows from both ends, and they lie that far apart',
    async (distance) => {
      const { shape, samples } = await load(asDataset(sentiment), { distance, samples: 2000 });
      const length = distance + 11;
      expect(shape.input.shape).toEqual([length]);
      expect(shape.input.vocabulary).toBe(samples.vocabulary!.length);
      let [positive, wordAlone, openingAlone] = [0, 0, 0];
      for (let i = 0; i < 2000; i++) {
        const words = review(samples, i, length);
        expect(samples.y[i]).toBe(verdict(words));
        positive += samples.y[i]!;
        const good = verdict(['', '', '', '', words[4]!, '', '', '', '', '', '']);
        wordAlone += Number(good === samples.y[i]);
        openingAlone += Number(verdict([...words.slice(0, 5), '', '', '', '', '', '']) === samples.y[i]);
      }
      expect(positive / 2000).toBeCloseTo(0.5, 1);
      expect(wordAlone / 2000).toBeCloseTo(0.625, 1);
      expect(openingAlone / 2000).toBeCloseTo(0.75, 1);
    },
  );
});

describe('text', () => {
  test('windows are continued by one character, and the last tenth is held out', async () => {
    const { shape, samples } = await load(asDataset(text), { length: 64 });
    const vocabulary = samples.vocabulary!;
    expect(vocabulary).toHaveLength(shape.outputs);
    const { x: stride } = samples.strides!;
    const at = (i: number) =>
      Array.from(samples.x.subarray(i * stride, i * stride + 64), (id) => vocabulary[id]!).join('');
    const next = (i: number) =>
      Array.from(samples.y.subarray(i * stride, i * stride + 64), (id) => vocabulary[id]!).join('');
    expect(at(0)).toBe('In the beginning God created the heaven and the earth.\nAnd the e');
    expect(next(0)).toBe(`${at(0).slice(1)}a`);
    const boundary = samples.test[0]! * stride;
    expect(boundary).toBeGreaterThan(0.89 * samples.x.length);
    for (const i of samples.train) expect(i * stride + 64).toBeLessThan(boundary + 1);
    samples.test.forEach(
      (i, k) => k > 0 && expect((i - samples.test[k - 1]!) * stride).toBeGreaterThanOrEqual(64),
    );
    expect(at(samples.test.at(-1)!)).toHaveLength(64);
    expect(Math.max(...samples.test)).toBeLessThan(shape.samples);
  });

  test('an unknown character is named', () => {
    expect(charactersOf('banana')).toEqual(['a', 'b', 'n']);
    expect([...encode('nab', ['a', 'b', 'n'])]).toEqual([2, 0, 1]);
    expect(() => encode('nab!', ['a', 'b', 'n'])).toThrow('the character "!" is not among the 3');
  });

  test('too short a text is refused', () => {
    expect(() => text.describe({ length: 400_000 } as never)).toThrow('too few for windows');
  });
});

test('the same seed draws the same data, another seed other data', async () => {
  const [a, b, c] = [
    await load(asDataset(adding), {}, 3),
    await load(asDataset(adding), {}, 3),
    await load(asDataset(adding), {}, 4),
  ];
  expect(b.samples.x).toEqual(a.samples.x);
  expect(c.samples.x).not.toEqual(a.samples.x);
});
