import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import * as reference from '../../../tests/reference/sequences.js';
import { arenaOf, expectClose, numbers, sizes, variants } from './testing.js';

const ones = (n: number) => new Float64Array(n).fill(1);

describe.each(variants)('gated units, embeddings and rearrangements on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  it.each(sizes.flatMap((half) => (['glu', 'swiglu'] as const).map((kind) => ({ kind, half }))))(
    '$kind of two halves of $half',
    ({ kind, half }) => {
      const rows = 3;
      const [x, dy] = [numbers(2 * rows * half, half, -8, 8), numbers(rows * half, half + 1)];
      const expected = reference.gated(kind, rows, half, x, dy);
      const [px, pdy, y] = [arena.put(x), arena.put(dy), arena.room(rows * half)];
      const [forward, backward] =
        kind === 'glu' ? [kernels.glu, kernels.gluGrad] : [kernels.swiglu, kernels.swigluGrad];
      forward(rows, half, px, y);
      expectClose(arena.read(y, rows * half), expected.y, 4e-7);
      for (const acc of [0, 1]) {
        const dx = arena.put(ones(2 * rows * half));
        backward(rows, half, px, pdy, dx, acc);
        expectClose(
          arena.read(dx, 2 * rows * half),
          expected.dx.map((v) => v + acc),
          1e-6,
        );
      }
      arena.check();
    },
  );

  it.each(sizes.filter((width) => width > 0))('embedding gradients of width %i add up by id', (width) => {
    const ids = [2, 0, 2, 3, 1, 2];
    const dy = numbers(ids.length * width, width);
    for (const padding of [-1, 2]) {
      const table = arena.put(ones(5 * width));
      kernels.embeddingGrad(ids.length, width, arena.put(dy), arena.putInts(ids), padding, table);
      const expected = reference.embeddingGrad(ids, width, dy, padding, 5 * width);
      expectClose(
        arena.read(table, 5 * width),
        expected.map((v) => v + 1),
        3e-7,
      );
    }
    arena.check();
  });

  it.each([
    [1, 1, 1],
    [3, 5, 1],
    [2, 7, 4],
    [5, 3, 9],
    [4, 1, 6],
    [0, 3, 2],
    [2, 3, 0],
  ] as const)('swapOuter of [%i, %i, %i], and back', (a, b, inner) => {
    const n = a * b * inner;
    const x = numbers(n, n + 1);
    const [px, y, back] = [arena.put(x), arena.room(n), arena.put(ones(n))];
    kernels.swapOuter(a, b, inner, px, y, 0);
    expect(Array.from(arena.read(y, n))).toEqual(Array.from(reference.swapOuter(a, b, inner, x)));
    kernels.swapOuter(b, a, inner, y, back, 1);
    expectClose(
      arena.read(back, n),
      x.map((v) => v + 1),
      1e-7,
    );
    arena.check();
  });

  it('copyColumns moves a block of columns and adds it', () => {
    const src = numbers(4 * 7, 1);
    const [from, to] = [arena.put(src), arena.put(ones(4 * 9))];
    kernels.copyColumns(4, 3, from + 8, 7, to + 4, 9, 0);
    kernels.copyColumns(4, 3, from + 8, 7, to + 20, 9, 1);
    const expected = Array.from({ length: 36 }, (_, i) => {
      const [row, column] = [Math.floor(i / 9), i % 9];
      if (column >= 1 && column < 4) return src[row * 7 + 2 + column - 1]!;
      return column >= 5 && column < 8 ? 1 + src[row * 7 + 2 + column - 5]! : 1;
    });
    expectClose(arena.read(to, 36), expected, 1e-7);
    arena.check();
  });

  it('columnsOutside counts one gate among several, NaN included', () => {
    const gates = arena.put([0.5, 9, 9, 2, 9, 9, NaN, 9, 9, -1, 9, 9]);
    expect(kernels.columnsOutside(4, 1, 3, gates, 0, 1)).toBe(3);
    expect(kernels.columnsOutside(4, 2, 3, gates + 4, 0, 1)).toBe(8);
    arena.check();
  });

  it.each([1, 2, 5, 16, 33])('cross entropy against distributions over %i classes', (cols) => {
    const rows = 3;
    const [x, t] = [numbers(rows * cols, cols, -20, 20), numbers(rows * cols, cols + 1, 0, 1)];
    const expected = reference.softCrossEntropy(rows, cols, x, t);
    const [px, pt, probs] = [arena.put(x), arena.put(t), arena.room(rows * cols)];
    expectClose([kernels.softCrossEntropy(rows, cols, px, pt, probs)], [expected.sum], 3e-7);
    for (const acc of [0, 1]) {
      const dx = arena.put(ones(rows * cols));
      kernels.softCrossEntropyGrad(rows, cols, probs, pt, 0.5, dx, acc);
      expectClose(
        arena.read(dx, rows * cols),
        expected.grad.map((v) => acc + 0.5 * v),
        2e-6,
      );
    }
    arena.check();
  });

  it('likelihoods of probabilities, their bounds included', () => {
    const [p, t] = [
      [0, 1, 0.25, 0.75, 1],
      [0, 1, 1, 0, 0],
    ];
    const [pp, pt, dp] = [arena.put(p), arena.put(t), arena.room(5)];
    // PyTorch bounds ln 0 at −100.
    const expected = -(Math.log(0.25) + Math.log(0.25)) + 100;
    expectClose([kernels.binaryLikelihood(5, pp, pt)], [expected], 1e-7);
    kernels.binaryLikelihoodGrad(5, pp, pt, 1, dp, 0);
    expectClose(arena.read(dp, 5), [0, 0, -0.75 / 0.1875, 0.75 / 0.1875, 1e12], 1e-6);
    expectClose(
      [kernels.divergence(3, arena.put([-1, -2, 5]), arena.put([0.5, 0.25, 0]))],
      [0.5 * (Math.log(0.5) + 1) + 0.25 * (Math.log(0.25) + 2)],
      1e-7,
    );
    arena.check();
  });

  it('rowEntropy is 0 for one key and ln n for all alike', () => {
    const alike = arena.put(new Float32Array(8).fill(0.25));
    expectClose([kernels.rowEntropy(2, 4, alike)], [2 * Math.log(4)], 1e-7);
    expect(kernels.rowEntropy(2, 4, arena.put([1, 0, 0, 0, 0, 0, 1, 0]))).toBe(0);
    arena.check();
  });
});
