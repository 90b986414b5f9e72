import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, it } from 'vitest';
import { normalize } from '../../../tests/reference/norms.js';
import { numericGrad } from '../../../tests/reference/numericGrad.js';
import { arenaOf, expectClose, numbers, variants } from './testing.js';

const EPS = 1e-3;

describe.each(variants)('norms on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  interface Norm {
    columns: number;
    sets: number;
    setOf: (i: number) => number;
    columnOf: (i: number) => number;
    centred?: boolean;
    hasBias?: boolean;
    forward: (x: number, weight: number, bias: number, y: number, stats: number) => void;
    backward: (
      x: number,
      dy: number,
      stats: number,
      weight: number,
      to: { dx: number; dw: number; db: number; acc: number },
    ) => void;
  }

  /** Forward and all gradients of one norm over n values with an offset, so that the mean matters. */
  function compare(n: number, what: string, norm: Norm): void {
    const { columns, centred = true, hasBias = true } = norm;
    const [x, weight, bias] = [
      Float64Array.from(numbers(n, 1), (v) => Math.fround(v + 0.5)),
      Float64Array.from(numbers(columns, 2)),
      hasBias ? Float64Array.from(numbers(columns, 3)) : new Float64Array(columns),
    ];
    const upstream = numbers(n, 4);
    const exact = () =>
      normalize(x, norm.setOf, norm.columnOf, { weight, bias, eps: Math.fround(EPS), centred });
    const [px, pw, pb, y] = [arena.put(x), arena.put(weight), arena.put(bias), arena.room(n)];
    const stats = arena.roomForDoubles(2 * norm.sets);
    norm.forward(px, pw, pb, y, stats);
    expectClose(arena.read(y, n), exact(), 2e-6, what);
    const [gx, gw, gb] = [x, weight, bias].map((operand) => numericGrad(operand, upstream, exact));
    for (const acc of [0, 1]) {
      const ones = (size: number) => arena.put(new Float32Array(size).fill(1));
      const to = { dx: ones(n), dw: ones(columns), db: ones(columns), acc };
      norm.backward(px, arena.put(upstream), stats, pw, to);
      const plus = (g: Float64Array) => g.map((v) => v + acc);
      expectClose(arena.read(to.dx, n), plus(gx!), 1e-5, `${what} dx`);
      expectClose(arena.read(to.dw, columns), plus(gw!), 1e-5, `${what} dWeight`);
      if (hasBias) expectClose(arena.read(to.db, columns), plus(gb!), 1e-5, `${what} dBias`);
    }
    arena.check();
  }

  it('layerNorm and rmsNorm', () => {
    for (const [rows, cols] of [
      [3, 2],
      [4, 5],
      [2, 16],
      [5, 33],
    ] as const) {
      const over = {
        columns: cols,
        sets: rows,
        setOf: (i: number) => Math.floor(i / cols),
        columnOf: (i: number) => i % cols,
      };
      compare(rows * cols, `layerNorm ${rows}×${cols}`, {
        ...over,
        forward: (x, w, b, y, stats) => {
          kernels.layerNorm(rows, cols, x, w, b, EPS, y, stats);
        },
        backward: (x, dy, stats, w, { dx, dw, db, acc }) => {
          kernels.layerNormGrad(rows, cols, x, dy, stats, w, dx, dw, db, acc, acc, acc);
        },
      });
      compare(rows * cols, `rmsNorm ${rows}×${cols}`, {
        ...over,
        centred: false,
        hasBias: false,
        forward: (x, w, _b, y, stats) => {
          kernels.rmsNorm(rows, cols, x, w, EPS, y, stats);
        },
        backward: (x, dy, stats, w, { dx, dw, acc }) => {
          kernels.rmsNormGrad(rows, cols, x, dy, stats, w, dx, dw, acc, acc);
        },
      });
    }
  });

  it('batchNorm and groupNorm', () => {
    for (const [n, channels, inner, groups] of [
      [5, 3, 1, 1],
      [4, 4, 6, 2],
      [2, 6, 9, 3],
      [3, 4, 16, 4],
    ] as const) {
      const count = n * channels * inner;
      const channelOf = (i: number) => Math.floor(i / inner) % channels;
      const sizes = `${n}×${channels}×${inner}`;
      compare(count, `batchNorm ${sizes}`, {
        columns: channels,
        sets: channels,
        setOf: channelOf,
        columnOf: channelOf,
        forward: (x, w, b, y, stats) => {
          kernels.batchNormStats(n, channels, inner, x, EPS, 0.1, stats, 0, 0);
          kernels.batchNorm(n, channels, inner, x, stats, w, b, y);
        },
        backward: (x, dy, stats, w, { dx, dw, db, acc }) => {
          kernels.batchNormGrad(n, channels, inner, x, dy, stats, w, 0, dx, dw, db, acc, acc, acc);
        },
      });
      if (channels * inner === groups) continue;
      compare(count, `groupNorm ${sizes} in ${groups}`, {
        columns: channels,
        sets: n * groups,
        setOf: (i) => Math.floor(i / ((channels / groups) * inner)),
        columnOf: channelOf,
        forward: (x, w, b, y, stats) => {
          kernels.groupNorm(n, channels, inner, groups, x, w, b, EPS, y, stats);
        },
        backward: (x, dy, stats, w, { dx, dw, db, acc }) => {
          kernels.groupNormGrad(n, channels, inner, groups, x, dy, stats, w, dx, dw, db, acc, acc, acc);
        },
      });
    }
  });
});
