import { loadKernels } from '@fuga/core-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { averageTaps, linearTaps, maxPool, type Axis } from '../../../tests/reference/pool.js';
import { arenaOf, expectClose, numbers, sizes, variants } from './testing.js';

const axis = (size: number, kernel: number, stride = kernel, before = 0, dilation = 1): Axis => {
  const output = Math.floor((size + 2 * before - dilation * (kernel - 1) - 1) / stride) + 1;
  return { size, output, kernel, stride, before, after: before, dilation };
};

/** Rows and columns of the windows; the first ones take the fast path of 2 × 2 windows. */
const walks: readonly (readonly [Axis, Axis])[] = [
  [axis(2, 2), axis(8, 2)],
  [axis(4, 2), axis(22, 2)],
  [axis(5, 2), axis(9, 2)],
  [axis(1, 1), axis(1, 1)],
  [axis(7, 3, 2, 1), axis(8, 3, 2, 1)],
  [axis(9, 2, 1, 0, 2), axis(7, 3, 1, 1, 2)],
  [axis(3, 5, 1, 2), axis(4, 5, 1, 2)],
];

describe.each(variants)('pooling and upsampling on %s', (variant) => {
  let kernels: Awaited<ReturnType<typeof loadKernels>>;
  let arena: ReturnType<typeof arenaOf>;
  const planes = 3;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  it.each(walks)('maxPool2d finds the first maximum, and gives it the gradient: %o %o', (rows, columns) => {
    const [inner, outer] = [rows.size * columns.size, rows.output * columns.output];
    const x = numbers(planes * inner, inner).map((value) => Math.round(4 * value)); // many ties
    if (inner > 3) x[3] = NaN;
    const expected = maxPool(x, planes, rows, columns);
    const [px, py, at] = [arena.put(x), arena.room(planes * outer), arena.room(planes * outer)];
    kernels.maxPool2d(
      ...([
        planes,
        rows.size,
        columns.size,
        rows.output,
        columns.output,
        rows.kernel,
        columns.kernel,
      ] as const),
      ...([
        rows.stride,
        columns.stride,
        rows.before,
        columns.before,
        rows.dilation,
        columns.dilation,
      ] as const),
      ...([px, py, at] as const),
    );
    expectClose(arena.read(py, planes * outer), expected.value, 0, 'y');
    expect([...arena.ints(at, planes * outer)]).toEqual(expected.at);
    const dy = numbers(planes * outer, 5);
    for (const acc of [0, 1]) {
      const before = numbers(planes * inner, 6);
      const dx = Float64Array.from(before, (value) => (acc ? value : 0));
      expected.at.forEach((index, i) => (dx[Math.floor(i / outer) * inner + index]! += dy[i]!));
      const pd = arena.put(before);
      kernels.maxPool2dGrad(planes, inner, outer, at, arena.put(dy), pd, acc);
      expectClose(arena.read(pd, planes * inner), dx, 1e-6, `dx acc ${acc}`);
    }
    arena.check();
  });

  it.each([...walks.filter(([rows, columns]) => rows.dilation * columns.dilation === 1)])(
    'avgPool2d and its gradient: %o %o',
    (rows, columns) => {
      const [inner, outer] = [rows.size * columns.size, rows.output * columns.output];
      for (const countPad of [0, 1]) {
        const x = numbers(planes * inner, inner);
        const dy = numbers(planes * outer, 7);
        const y = new Float64Array(planes * outer);
        const before = numbers(planes * inner, 8);
        const dx = Float64Array.from(before);
        const taps = averageTaps(rows, columns, countPad === 1);
        for (let p = 0; p < planes; p++) {
          taps.forEach(({ at, weight }, i) => {
            for (const index of at) {
              y[p * outer + i]! += weight * x[p * inner + index]!;
              dx[p * inner + index]! += weight * dy[p * outer + i]!;
            }
          });
        }
        const sizesOf = [
          ...([planes, rows.size, columns.size, rows.output, columns.output] as const),
          ...([rows.kernel, columns.kernel, rows.stride, columns.stride] as const),
          ...([rows.before, columns.before, rows.after, columns.after, countPad] as const),
        ] as const;
        const [py, pd] = [arena.room(planes * outer), arena.put(before)];
        kernels.avgPool2d(...sizesOf, arena.put(x), py);
        kernels.avgPool2dGrad(...sizesOf, arena.put(dy), pd, 1);
        expectClose(arena.read(py, planes * outer), y, 1e-6, 'y');
        expectClose(arena.read(pd, planes * inner), dx, 1e-6, 'dx');
        arena.check();
      }
    },
  );

  it('globalAvgPool and its gradient at every size', () => {
    for (const inner of sizes.filter((size) => size > 0)) {
      const x = numbers(planes * inner, inner);
      const dy = numbers(planes, 9);
      const before = numbers(planes * inner, 10);
      const [py, pd] = [arena.room(planes), arena.put(before)];
      kernels.globalAvgPool(planes, inner, arena.put(x), py);
      kernels.globalAvgPoolGrad(planes, inner, arena.put(dy), pd, 1);
      const mean = Array.from({ length: planes }, (_, p) =>
        x.subarray(p * inner, (p + 1) * inner).reduce((sum, value) => sum + value / inner, 0),
      );
      expectClose(arena.read(py, planes), mean, 1e-6, 'y');
      const dx = before.map((value, i) => value + dy[Math.floor(i / inner)]! / inner);
      expectClose(arena.read(pd, planes * inner), dx, 1e-6, 'dx');
      arena.check();
    }
  });

  it.each([
    [3, 4, 6, 8],
    [2, 5, 4, 10],
    [4, 3, 5, 7],
    [5, 6, 3, 2],
    [1, 1, 3, 2],
  ] as const)('upsampling %d × %d to %d × %d, nearest and bilinear, and its gradients', (h, w, oh, ow) => {
    const modes = [
      { name: 'nearest', aligned: false },
      { name: 'bilinear', aligned: false },
      { name: 'bilinear', aligned: true },
    ];
    for (const { name, aligned } of modes) {
      const nearest = (from: number, to: number) =>
        Array.from({ length: to }, (_, i) => ({ low: Math.floor((i * from) / to), high: 0, part: 0 }));
      const tapsOf = (from: number, to: number) =>
        name === 'nearest' ? nearest(from, to) : linearTaps(from, to, aligned);
      const x = numbers(planes * h * w, h);
      const dy = numbers(planes * oh * ow, w);
      const before = numbers(planes * h * w, 11);
      const y = new Float64Array(planes * oh * ow);
      const dx = Float64Array.from(before);
      for (let p = 0; p < planes; p++) {
        tapsOf(h, oh).forEach((row, i) =>
          tapsOf(w, ow).forEach((column, j) => {
            const to = (p * oh + i) * ow + j;
            for (const [r, u] of [
              [row.low, 1 - row.part],
              [row.high, row.part],
            ] as const) {
              for (const [c, v] of [
                [column.low, 1 - column.part],
                [column.high, column.part],
              ] as const) {
                y[to]! += u * v * x[(p * h + r) * w + c]!;
                dx[(p * h + r) * w + c]! += u * v * dy[to]!;
              }
            }
          }),
        );
      }
      const shape = [planes, h, w, oh, ow] as const;
      const ratio = (from: number, to: number) =>
        aligned ? (to > 1 ? (from - 1) / (to - 1) : 0) : from / to;
      const ratios = [ratio(h, oh), ratio(w, ow), aligned ? 1 : 0] as const;
      const [px, py, pg, pd] = [arena.put(x), arena.room(y.length), arena.put(dy), arena.put(before)];
      if (name === 'nearest') {
        kernels.upsampleNearest(...shape, px, py);
        kernels.upsampleNearestGrad(...shape, pg, pd, 1);
      } else {
        kernels.upsampleBilinear(...shape, ...ratios, px, py);
        kernels.upsampleBilinearGrad(...shape, ...ratios, pg, pd, 1);
      }
      expectClose(arena.read(py, y.length), y, 1e-6, `${name} y`);
      expectClose(arena.read(pd, dx.length), dx, 2e-6, `${name} dx`);
      arena.check();
    }
  });

  it('dropout drops the words below its threshold and scales the rest, forward and back', () => {
    const [rate, scale] = [0.25, 1 / 0.75];
    for (const n of sizes) {
      const [bits, x, y, dx] = [
        arena.room(n),
        arena.put(numbers(n, 12)),
        arena.room(n),
        arena.put(numbers(n, 13)),
      ];
      kernels.randomBits(n, bits, 1, 2, 3, 4, 0);
      const kept = Array.from(arena.words(bits, n), (word) => word >= rate * 2 ** 32);
      const given = arena.read(x, n);
      const before = arena.read(dx, n);
      kernels.dropout(n, bits, (rate * 2 ** 32) | 0, scale, x, y);
      kernels.dropoutGrad(n, bits, (rate * 2 ** 32) | 0, scale, x, dx, 1);
      expectClose(
        arena.read(y, n),
        Array.from(given, (value, i) => (kept[i] ? value * scale : 0)),
        1e-6,
        'y',
      );
      const expected = Array.from(before, (value, i) => value + (kept[i] ? given[i]! * scale : 0));
      expectClose(arena.read(dx, n), expected, 1e-6, 'dx');
      arena.check();
    }
    // The share kept: 20,000 draws, 4 standard deviations.
    const n = 20_000;
    const [bits, ones, y] = [arena.room(n), arena.put(new Float32Array(n).fill(1)), arena.room(n)];
    kernels.randomBits(n, bits, 5, 6, 7, 8, 0);
    kernels.dropout(n, bits, (0.6 * 2 ** 32) | 0, 2.5, ones, y);
    const kept = arena.read(y, n).filter((value) => value !== 0).length;
    expect(Math.abs(kept / n - 0.4)).toBeLessThan(4 * Math.sqrt((0.4 * 0.6) / n));
  });
});
