import { loadKernels } from '@fuga/core-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { multiply, type Layout } from '../../../tests/reference/gemm.js';
import { arenaOf, expectClose, numbers, variants } from './testing.js';

const layouts: readonly Layout[] = ['gemm', 'gemmNT', 'gemmTN'];
const EPS = 2 ** -24;

describe.each(variants)('gemm on %s', (variant) => {
  let kernels: Awaited<ReturnType<typeof loadKernels>>;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  function check(layout: Layout, m: number, n: number, k: number, acc: number) {
    const a = numbers(m * k, m + 1);
    const b = numbers(k * n, n + 2);
    const before = numbers(m * n, k + 3);
    const c = arena.put(before);
    const [pa, pb] = [arena.put(a), arena.put(b)];
    const lda = layout === 'gemmTN' ? m : k;
    const ldb = layout === 'gemmNT' ? k : n;
    kernels[layout](m, n, k, pa, lda, pb, ldb, c, n, acc);
    const { value, size } = multiply(layout, m, n, k, a, b, acc ? before : undefined);
    // Sequential summation: at most k + 1 roundings of partial sums no larger than Σ |a b|.
    const what = `${layout} ${m}×${n}×${k} acc ${acc}`;
    expectClose(arena.read(c, m * n), value, (i) => EPS * Math.sqrt(k + 4) * 4 * size[i]! + 1e-30, what);
    arena.check();
  }

  it.each(layouts)('%s agrees with the plain sum at every edge of the tiles', (layout) => {
    const edges = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 17];
    for (const m of edges)
      for (const n of edges) for (const k of [0, 1, 2, 5, 8]) check(layout, m, n, k, k % 2);
  });

  it.each(layouts)('%s agrees with the plain sum across the blocks', (layout) => {
    for (const [m, n, k] of [
      [64, 64, 64],
      [33, 100, 257],
      [121, 9, 513],
      [7, 521, 40],
      [130, 17, 300],
      [1, 300, 300],
      [300, 1, 300],
      [2, 33, 784],
    ] as const) {
      check(layout, m, n, k, 0);
      check(layout, m, n, k, 1);
    }
  });

  it.each(layouts)('%s reads and writes parts of larger matrices', (layout) => {
    const [m, n, k, stride] = [13, 11, 19, 40];
    const a = numbers(40 * stride, 1);
    const b = numbers(40 * stride, 2);
    const before = numbers(m * stride, 3);
    const c = arena.put(before);
    kernels[layout](m, n, k, arena.put(a), stride, arena.put(b), stride, c, stride, 0);
    const cut = (x: Float32Array, rows: number, cols: number) =>
      Float32Array.from({ length: rows * cols }, (_, i) => x[Math.floor(i / cols) * stride + (i % cols)]!);
    const { value } = multiply(
      layout,
      m,
      n,
      k,
      layout === 'gemmTN' ? cut(a, k, m) : cut(a, m, k),
      layout === 'gemmNT' ? cut(b, n, k) : cut(b, k, n),
    );
    const after = arena.read(c, m * stride);
    expectClose(cut(after, m, n), value, 1e-6);
    // The columns beside C are untouched.
    for (let r = 0; r < m; r++) {
      expect(after.slice(r * stride + n, (r + 1) * stride)).toEqual(
        before.slice(r * stride + n, (r + 1) * stride),
      );
    }
    arena.check();
  });

  it('affine adds the bias to every row, at every edge of the tiles and across the blocks', () => {
    const edges = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 17];
    const sizes = edges.flatMap((m) => edges.map((n) => [m, n, 5] as const));
    for (const [m, n, k] of [
      ...sizes,
      [3, 9, 0],
      [9, 12, 0],
      [33, 100, 257],
      [7, 521, 40],
      [2, 33, 784],
    ] as const) {
      const [x, w, bias] = [numbers(m * k, m + 1), numbers(n * k, n + 2), numbers(n, k + 3)];
      const y = arena.room(m * n);
      kernels.affine(m, n, k, arena.put(x), arena.put(w), arena.put(bias), y);
      const rows = Float32Array.from({ length: m * n }, (_, i) => bias[i % n]!);
      const { value, size } = multiply('gemmNT', m, n, k, x, w, rows);
      const bound = (i: number) => EPS * Math.sqrt(k + 4) * 4 * size[i]! + 1e-30;
      expectClose(arena.read(y, m * n), value, bound, `affine ${m}×${n}×${k}`);
      kernels.affine(m, n, k, arena.put(x), arena.put(w), 0, y);
      expectClose(
        arena.read(y, m * n),
        multiply('gemmNT', m, n, k, x, w).value,
        bound,
        `${m}×${n}×${k}, no bias`,
      );
      arena.check();
    }
  });

  it('lets NaN and infinities through', () => {
    const a = new Float32Array(20 * 20).fill(1);
    a[3 * 20 + 5] = NaN;
    a[7 * 20 + 1] = Infinity;
    const c = arena.room(400);
    kernels.gemm(20, 20, 20, arena.put(a), 20, arena.put(new Float32Array(400).fill(2)), 20, c, 20, 0);
    const y = arena.read(c, 400);
    for (let j = 0; j < 20; j++) {
      expect(y[3 * 20 + j]).toBeNaN();
      expect(y[7 * 20 + j]).toBe(Infinity);
      expect(y[4 * 20 + j]).toBe(40);
    }
    arena.check();
  });

  it('transposes', () => {
    for (const rows of [0, 1, 3, 4, 5, 9, 16]) {
      for (const cols of [0, 1, 3, 4, 7, 8, 13]) {
        const x = numbers(rows * cols, rows);
        const y = arena.room(rows * cols);
        kernels.transpose(rows, cols, arena.put(x), y);
        const got = arena.read(y, rows * cols);
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < cols; c++) expect(got[c * rows + r]).toBe(x[r * cols + c]);
        }
        arena.check();
      }
    }
  });
});
