import { describe, expect, test } from 'vitest';
import { bootstrapInterval, medianOf, permutationTest } from './statistics.js';

describe('statistics of pairs', () => {
  test('median', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  });

  test('five differences of one sign have p = 1/32, and 31/32 or more the other way', () => {
    expect(permutationTest([-1, -2, -0.1, -3, -0.5])).toBe(1 / 32);
    expect(permutationTest([1, 2, 0.1, 3, 0.5])).toBe(1);
    expect(permutationTest([-1, 1])).toBe(3 / 4);
    expect(permutationTest([0, 0, 0])).toBe(1);
  });

  test('under no effect, p is uniform: as small as 0.25 in a quarter of all sign patterns', () => {
    const sizes = [1, 2, 4, 8, 16, 32];
    let small = 0;
    for (let code = 0; code < 64; code++) {
      if (permutationTest(sizes.map((size, i) => ((code >> i) & 1 ? size : -size))) <= 0.25) small++;
    }
    expect(small).toBe(16);
  });

  test('the bootstrap of few values is exact: the interval of (1, 2, 3) comes from 27 resamples', () => {
    // P(median ≤ 1) = 7/27: no median but 1 can be the 2.5 % quantile.
    expect(bootstrapInterval([1, 2, 3])).toEqual([1, 3]);
    // P(median ≤ 1) of five = 0.058, of which 0.025 is the lower end.
    expect(bootstrapInterval([1, 2, 3, 4, 5])).toEqual([1, 5]);
    expect(bootstrapInterval([-2, -2, -2, -2])).toEqual([-2, -2]);
  });

  test('many values: drawn from a fixed stream, near the normal interval of a median', () => {
    const values = Array.from({ length: 101 }, (_, i) => i);
    const interval = bootstrapInterval(values);
    expect(bootstrapInterval(values)).toEqual(interval);
    // The order statistics 50 ± 1.96 · √101 / 2 ≈ 40 and 60.
    expect(Math.abs(interval[0] - 40)).toBeLessThan(3);
    expect(Math.abs(interval[1] - 60)).toBeLessThan(3);
  });
});
