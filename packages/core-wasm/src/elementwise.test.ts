import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { arenaOf, expectClose, numbers, sizes, variants } from './testing.js';

describe.each(variants)('elementwise kernels and reductions on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  it('fill, copy, axpy, scale, add, multiply', () => {
    for (const n of sizes) {
      const [a, b] = [numbers(n, 1), numbers(n, 2)];
      const [pa, pb, out] = [arena.put(a), arena.put(b), arena.room(n)];
      kernels.fill(n, out, 2.5);
      expect(arena.read(out, n)).toEqual(new Float32Array(n).fill(2.5));
      kernels.copy(n, pa, out);
      expect(arena.read(out, n)).toEqual(a);
      kernels.axpy(n, 0.5, pb, out);
      expectClose(
        arena.read(out, n),
        Array.from(a, (v, i) => v + 0.5 * b[i]!),
        1e-7,
      );
      kernels.copy(n, pa, out);
      kernels.scale(n, -3, out);
      expectClose(
        arena.read(out, n),
        Array.from(a, (v) => -3 * v),
        1e-7,
      );
      kernels.add(n, pa, pb, out);
      const total = a.map((v, i) => v + b[i]!);
      expect(arena.read(out, n)).toEqual(total);
      kernels.multiply(n, pa, pb, out);
      expect(arena.read(out, n)).toEqual(a.map((v, i) => v * b[i]!));
      kernels.add(n, pa, pb, pa); // in place
      expect(arena.read(pa, n)).toEqual(total);
      arena.check();
    }
  });

  it('multiplyBackward adds or overwrites', () => {
    for (const n of sizes) {
      const [other, dy] = [numbers(n, 1), numbers(n, 2)];
      for (const acc of [0, 1]) {
        const dx = arena.put(new Float32Array(n).fill(1));
        kernels.multiplyBackward(n, arena.put(other), arena.put(dy), dx, acc);
        expectClose(
          arena.read(dx, n),
          Array.from(dy, (v, i) => acc + v * other[i]!),
          1.2e-7,
        );
        arena.check();
      }
    }
  });

  it('adds a bias to columns and channels, and sums their gradients', () => {
    for (const [n, channels, inner] of [
      [3, 5, 1],
      [17, 33, 1],
      [2, 16, 1],
      [0, 4, 1],
      [2, 3, 7],
      [3, 2, 16],
      [1, 1, 1],
    ] as const) {
      const count = n * channels * inner;
      const [y, bias] = [numbers(count, 1), numbers(channels, 2)];
      const channel = (i: number) => Math.floor(i / inner) % channels;
      const [py, pb] = [arena.put(y), arena.put(bias)];
      kernels.addChannelBias(n, channels, inner, pb, py);
      expect(arena.read(py, count)).toEqual(y.map((v, i) => v + bias[channel(i)]!));
      for (const acc of [0, 1]) {
        const db = arena.put(new Float32Array(channels).fill(1));
        kernels.channelBiasGrad(n, channels, inner, arena.put(y), db, acc);
        const sums = new Float64Array(channels).fill(acc);
        y.forEach((v, i) => (sums[channel(i)]! += v));
        expectClose(arena.read(db, channels), sums, 1e-6);
      }
      arena.check();
    }
  });

  it('reduces in f64', () => {
    for (const n of sizes) {
      const [a, b] = [numbers(n, 3), numbers(n, 4)];
      const [pa, pb] = [arena.put(a), arena.put(b)];
      const dot = a.reduce((s, v, i) => s + v * b[i]!, 0);
      expect(kernels.sum(n, pa)).toBeCloseTo(
        a.reduce((s, v) => s + v, 0),
        12,
      );
      expect(kernels.dot(n, pa, pb)).toBeCloseTo(dot, 12);
      expect(kernels.maxAbs(n, pa)).toBe(a.reduce((m, v) => Math.max(m, Math.abs(v)), 0));
      arena.check();
    }
    const tiny = arena.put(new Float32Array(9).fill(1e-32));
    expect(kernels.sumSquares(9, tiny) / 9e-64).toBeCloseTo(1, 6);
    expect(kernels.maxAbs(6, arena.put([1, 2, 3, 4, NaN, 5]))).toBeNaN();
    arena.check();
  });

  it('gathers rows of any 32-bit type', () => {
    const table = Int32Array.from({ length: 70 }, (_, i) => i * 1000003);
    const indices = [6, 0, 3, 3];
    for (const width of [1, 2, 7]) {
      const out = arena.room(4 * width);
      kernels.gatherRows(4, width, 10, arena.putInts(table), arena.putInts(indices), out);
      const expected = indices.flatMap((r) => [...table.slice(r * 10, r * 10 + width)]);
      expect([...arena.ints(out, 4 * width)]).toEqual(expected);
      arena.check();
    }
  });
});
