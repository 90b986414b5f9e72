import { describe, expect, test } from 'vitest';
import { deviation, mean, rms } from './probe.js';

const sums = (sum: number, sumSquares: number, count: number, nonFinite: number) => ({
  sum,
  sumSquares,
  count,
  nonFinite,
  zeros: 0,
  min: 0,
  max: 0,
  sumAbs: 0,
});

describe('what is read from sums', () => {
  test('counts the finite numbers only', () => {
    const some = sums(6, 20, 4, 2); // 2, 4 and two infinities
    expect(rms(some)).toBeCloseTo(Math.sqrt(10));
    expect(mean(some)).toBe(3);
    expect(deviation(some)).toBeCloseTo(1);
  });

  test('is 0 only where numbers are 0', () => {
    expect(rms(sums(0, 0, 8, 0))).toBe(0);
    expect(rms(sums(0, 0, 8, 8))).toBeNaN();
    expect(mean(sums(0, 0, 8, 8))).toBeNaN();
    expect(rms(sums(0, 0, 0, 0))).toBeNaN();
  });
});
