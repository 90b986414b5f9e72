import { expect, test } from 'vitest';
import { fromBfloat, fromHalf } from './half.js';

test('IEEE half precision: one, the greatest, the least, both zeros, no numbers', () => {
  expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0000, 0x8000].map(fromHalf)).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    0,
    -0,
  ]);
  expect([0x7c00, 0xfc00, 0x7e00].map(fromHalf)).toEqual([Infinity, -Infinity, NaN]);
});

test('bfloat16: the upper half of a float32', () => {
  expect([0x3f80, 0xc040, 0x0001, 0x7f80, 0x7fc0].map(fromBfloat)).toEqual([1, -3, 2 ** -133, Infinity, NaN]);
});
