import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { normals, philox, randomBits } from '../../../tests/reference/random.js';
import { arenaOf, expectClose, variants } from './testing.js';

it('the reference agrees with the known answers of Random123', () => {
  const ones = 0xffffffff;
  expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  expect(philox([ones, ones, ones, ones], [ones, ones])).toEqual([
    0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
  ]);
  expect(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
    0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
  ]);
});

describe.each(variants)('random numbers on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  it('bits are those of Philox, from any offset and in any pieces', () => {
    for (const offset of [0, 1, 2, 3, 4, 7, 16, 2 ** 32 - 3, 2 ** 34 - 5, 2 ** 34 + 1, 2 ** 50 + 6]) {
      for (const n of [0, 1, 3, 4, 15, 16, 17, 50]) {
        const out = arena.room(n);
        kernels.randomBits(n, out, 0x12345678, 0x9abcdef0, 7, 0xfffffff1, offset);
        const expected = randomBits(n, [0x12345678, 0x9abcdef0], [7, 0xfffffff1], offset);
        expect([...arena.words(out, n)]).toEqual(expected);
        arena.check();
      }
    }
  });

  it('uniforms are the upper 24 bits, in [low, high)', () => {
    const out = arena.room(1000);
    kernels.randomUniform(1000, out, 1, 2, 3, 4, 5, -2, 6);
    const words = randomBits(1000, [1, 2], [3, 4], 5);
    const got = arena.read(out, 1000);
    expectClose(
      got,
      words.map((w) => -2 + (8 * (w >>> 8)) / 2 ** 24),
      3e-7,
    );
    expect(Math.min(...got)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...got)).toBeLessThan(6);
    arena.check();
  });

  it('normals are Box and Muller on the words, from any offset', () => {
    const words = randomBits(4096, [9, 8], [7, 6], 0);
    const exact = normals(words);
    for (const offset of [0, 1, 6, 37]) {
      const n = 4096 - offset;
      const out = arena.room(n);
      kernels.randomNormal(n, out, 9, 8, 7, 6, offset, 0.5, 2);
      expectClose(
        arena.read(out, n),
        exact.slice(offset).map((z) => 0.5 + 2 * z),
        2e-6,
      );
      arena.check();
    }
  });

  it('normals have the moments of the normal distribution', () => {
    const n = 1 << 20;
    const out = arena.room(n);
    kernels.randomNormal(n, out, 1, 0, 0, 0, 0, 0, 1);
    const z = arena.read(out, n);
    const moment = (p: number) => z.reduce((s, v) => s + v ** p, 0) / n;
    // Five standard errors of each moment at n = 2^20.
    expect(Math.abs(moment(1))).toBeLessThan(0.005);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.007);
    expect(Math.abs(moment(3))).toBeLessThan(0.02);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.05);
    arena.check();
  });
});
