import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { arenaOf, expectClose, numbers, sizes, variants } from './testing.js';

describe.each(variants)('statistics on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  it('stats', () => {
    for (const n of sizes) {
      const x = numbers(n, n + 1, -2, 3);
      if (n > 8) x.set([0, NaN, Infinity, -Infinity, -0, 1e-32], n - 7);
      const finite = [...x].filter(Number.isFinite);
      const out = arena.roomForDoubles(8);
      kernels.stats(n, arena.put(x), out);
      expectClose(
        arena.doubles(out, 8),
        [
          n,
          finite.reduce((s, v) => s + v, 0),
          finite.reduce((s, v) => s + v * v, 0),
          Math.min(...finite),
          Math.max(...finite),
          finite.filter((v) => v === 0).length,
          n - finite.length,
          finite.reduce((s, v) => s + Math.abs(v), 0),
        ],
        1e-13,
        `stats(${n})`,
      );
      arena.check();
    }
  });

  it('sizeStats has the count and squares of stats, or all of it where something is not finite', () => {
    for (const n of sizes) {
      const x = numbers(n, n + 1, -2, 3);
      const [full, size] = [arena.roomForDoubles(8), arena.roomForDoubles(8)];
      kernels.stats(n, arena.put(x), full);
      kernels.sizeStats(n, arena.put(x), size);
      for (const i of [0, 2, 6]) expect(arena.doubles(size, 8)[i]).toBeCloseTo(arena.doubles(full, 8)[i]!, 9);
      if (n === 0) continue;
      x[n - 1] = NaN;
      kernels.stats(n, arena.put(x), full);
      kernels.sizeStats(n, arena.put(x), size);
      expect([...arena.doubles(size, 8)]).toEqual([...arena.doubles(full, 8)]);
    }
    arena.check();
  });

  it('measures a step: snapshot, takeUpdate, alignment', () => {
    for (const n of sizes) {
      const [value, grad, after] = [numbers(n, n + 1), numbers(n, n + 2), numbers(n, n + 3)];
      const [v, g, before] = [arena.put(value), arena.put(grad), arena.room(n)];
      const sums = arena.roomForDoubles(2);
      kernels.snapshot(n, v, g, before, sums);
      expect(arena.read(before, n)).toEqual(value);
      // The same bits as sumSquares: a clipped run must not depend on whether it is recorded.
      expect([...arena.doubles(sums, 2)]).toEqual([kernels.sumSquares(n, v), kernels.sumSquares(n, g)]);
      const step = value.map((x, i) => Math.fround(x - after[i]!));
      const squares = kernels.takeUpdate(n, arena.put(after), before);
      expect(arena.read(before, n)).toEqual(step);
      kernels.alignment(n, before, g, sums);
      const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
      expectClose(arena.doubles(sums, 2), [dot(step, grad), dot(grad, grad)], 1e-13, `alignment(${n})`);
      expectClose([squares], [dot(step, step)], 1e-13, `takeUpdate(${n})`);
    }
    arena.check();
  });

  it('stats of squares that underflow f32', () => {
    const out = arena.roomForDoubles(8);
    kernels.stats(5, arena.put(new Float32Array(5).fill(1e-32)), out);
    expect(arena.doubles(out, 3)[2]! / 5e-64).toBeCloseTo(1, 6);
    arena.check();
  });

  it('histogramLog', () => {
    const x = [0, -0, NaN, Infinity, 1, -1, 3.99, 4, 1e-32, 1e-40, 1e-45, 1e6, 3e38, 2 ** -107, 2 ** -106];
    const out = arena.room(66);
    kernels.histogramLog(x.length, arena.put(x), out);
    const expected = new Array<number>(66).fill(0);
    for (const v of x) {
      const f = Math.fround(v);
      if (f === 0) expected[64]!++;
      else if (!Number.isFinite(f)) expected[65]!++;
      else expected[Math.max(0, Math.min(63, Math.floor(Math.log2(Math.abs(f)) / 2) + 54))]!++;
    }
    expect([...arena.words(out, 66)]).toEqual(expected);
    arena.check();
  });

  it('histogramLinear counts as numpy.histogram', () => {
    const x = [-1, -0.001, 0, 0.24, 0.25, 0.5, 0.99, 1, 1.001, NaN, Infinity];
    const out = arena.room(4);
    kernels.histogramLinear(x.length, arena.put(x), 0, 1, 4, out);
    expect([...arena.words(out, 4)]).toEqual([2, 1, 1, 2]);
    arena.check();
  });

  it('countOutside', () => {
    for (const n of sizes) {
      const x = numbers(n, n);
      if (n > 5) x[n - 2] = NaN;
      const expected = x.filter((v) => !(v >= -0.5 && v <= 0.25)).length;
      expect(kernels.countOutside(n, arena.put(x), -0.5, 0.25)).toBe(expected);
      arena.check();
    }
  });

  it('marks the active columns and channels, NaN among them', () => {
    for (const inner of [1, 5, 16]) {
      const [n, channels] = [3, 9];
      const x = new Float32Array(n * channels * inner);
      x[(1 * channels + 2) * inner + inner - 1] = -0.6;
      x[(2 * channels + 7) * inner] = NaN;
      x[(2 * channels + 8) * inner] = 0.5;
      const flags = arena.put([1, 0, 0, 0, 0, 0, 0, 0, 0]);
      if (inner === 1) kernels.columnActivity(n, channels, arena.put(x), 0.5, flags);
      else kernels.channelActivity(n, channels, inner, arena.put(x), 0.5, flags);
      expect([...arena.read(flags, channels)]).toEqual([1, 0, 1, 0, 0, 0, 0, 1, 0]);
      arena.check();
    }
  });
});
