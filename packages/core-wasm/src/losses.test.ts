import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { crossEntropy, elementwiseLosses, softmax } from '../../../tests/reference/losses.js';
import { arenaOf, expectClose, numbers, sizes, variants } from './testing.js';

describe.each(variants)('softmax and losses on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  it.each(sizes.filter((n) => n > 0))('softmax and logSoftmax of %i columns', (cols) => {
    const rows = 3;
    const n = rows * cols;
    const x = numbers(n, cols, -30, 30);
    const dy = numbers(n, cols + 1);
    const p = softmax(rows, cols, x);
    const [px, pdy, y, z] = [arena.put(x), arena.put(dy), arena.room(n), arena.room(n)];
    kernels.softmax(rows, cols, px, y);
    kernels.logSoftmax(rows, cols, px, z);
    expectClose(arena.read(y, n), p, 3e-7);
    expectClose(arena.read(z, n), p.map(Math.log), 4e-7);
    for (const acc of [0, 1]) {
      const [dx, dz] = [arena.put(new Float32Array(n).fill(1)), arena.put(new Float32Array(n).fill(1))];
      kernels.softmaxGrad(rows, cols, y, pdy, dx, acc);
      kernels.logSoftmaxGrad(rows, cols, z, pdy, dz, acc);
      const row = (i: number) => Math.floor(i / cols) * cols;
      const over = (i: number, f: (j: number) => number) => {
        let s = 0;
        for (let j = row(i); j < row(i) + cols; j++) s += f(j);
        return s;
      };
      const inner = (i: number) => over(i, (j) => dy[j]! * p[j]!);
      expectClose(
        arena.read(dx, n),
        Array.from(p, (v, i) => acc + v * (dy[i]! - inner(i))),
        5e-7,
      );
      expectClose(
        arena.read(dz, n),
        Array.from(p, (v, i) => acc + dy[i]! - v * over(i, (j) => dy[j]!)),
        2e-6,
      );
    }
    kernels.softmax(rows, cols, px, px); // in place
    expect(arena.read(px, n)).toEqual(arena.read(y, n));
    arena.check();
  });

  it('softmax lets NaN through and survives large logits', () => {
    const y = arena.room(10);
    kernels.softmax(2, 5, arena.put([1, NaN, 2, 3, 4, 1e38, 0, -1e38, 1e38, -Infinity]), y);
    const got = arena.read(y, 10);
    expect([...got.slice(0, 5)].every(Number.isNaN)).toBe(true);
    expectClose(got.slice(5), [0.5, 0, 0, 0.5, 0], 1e-7);
    arena.check();
  });

  it.each([
    { smoothing: 0, weighted: false },
    { smoothing: 0.1, weighted: false },
    { smoothing: 0, weighted: true },
    { smoothing: 0.3, weighted: true },
  ])('crossEntropy with %o', ({ smoothing, weighted }) => {
    for (const [rows, cols] of [
      [1, 1],
      [5, 3],
      [7, 10],
      [4, 33],
      [0, 5],
    ] as const) {
      const n = rows * cols;
      const x = numbers(n, rows + cols, -6, 6);
      const targets = Int32Array.from({ length: rows }, (_, r) => (r === 2 ? -100 : (r * 7) % cols));
      const weights = weighted ? numbers(cols, 5, 0.2, 2) : undefined;
      const exact = crossEntropy(rows, cols, x, targets, Math.fround(smoothing), -100, weights);
      const [px, pt, probs] = [arena.put(x), arena.putInts(targets), arena.room(n)];
      const pw = weights ? arena.put(weights) : 0;
      const out = arena.roomForDoubles(2);
      kernels.crossEntropy(rows, cols, px, pt, pw, smoothing, -100, probs, out);
      const [loss, weight] = arena.doubles(out, 2);
      expect(weight).toBeCloseTo(exact.weight, 6);
      expectClose([loss!], [exact.sum], 5e-7);
      expectClose(arena.read(probs, n), exact.probs, 3e-7);
      for (const acc of [0, 1]) {
        const dx = arena.put(new Float32Array(n).fill(1));
        kernels.crossEntropyGrad(rows, cols, probs, pt, 0.25, smoothing, -100, dx, acc, pw);
        expectClose(
          arena.read(dx, n),
          Array.from(exact.grad, (g) => acc + 0.25 * g),
          5e-7,
        );
      }
      kernels.crossEntropy(rows, cols, px, pt, pw, smoothing, -100, px, out); // probs over logits
      expect(arena.doubles(out, 1)[0]).toBe(loss);
      arena.check();
    }
  });

  it.each(Object.keys(elementwiseLosses) as (keyof typeof elementwiseLosses)[])('%s', (name) => {
    const takesParam = name === 'huber' || name === 'smoothL1' || name === 'binaryCrossEntropy';
    for (const n of sizes) {
      const x = numbers(n, n, -4, 4);
      const t = numbers(n, n + 1, 0, 1);
      if (n > 4) x[1] = t[1]!;
      const exact = elementwiseLosses[name](x, t, 1.5);
      const [px, pt] = [arena.put(x), arena.put(t)];
      const param = takesParam ? [1.5] : [];
      // The arities differ only by the parameter.
      const value = kernels[name] as (...args: number[]) => number;
      const grad = kernels[`${name}Grad`] as (...args: number[]) => void;
      expectClose([value(n, px, pt, ...param)], [exact.sum], 1e-6, name);
      for (const acc of [0, 1]) {
        const dx = arena.put(new Float32Array(n).fill(1));
        grad(n, px, pt, ...param, 0.5, dx, acc);
        expectClose(
          arena.read(dx, n),
          Array.from(exact.grad, (g) => acc + 0.5 * g),
          5e-7,
          `${name}Grad`,
        );
      }
      arena.check();
    }
    expect(
      (kernels[name] as (...args: number[]) => number)(2, arena.put([1, NaN]), arena.put([1, 1]), 1),
    ).toBeNaN();
    arena.check();
  });

  it('smoothL1 with beta 0 is the absolute error', () => {
    const [x, t] = [arena.put([1, 2, 3]), arena.put([1, 4, 2.5])];
    expect(kernels.smoothL1(3, x, t, 0)).toBe(2.5);
    arena.check();
  });

  it('binaryCrossEntropy is stable far from 0', () => {
    const loss = kernels.binaryCrossEntropy(2, arena.put([-200, 200]), arena.put([1, 0]), 1);
    expect(loss).toBe(400);
    arena.check();
  });
});
