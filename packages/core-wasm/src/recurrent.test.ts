import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, it } from 'vitest';
import { numericGrad } from '../../../tests/reference/numericGrad.js';
import { gru, lstm, rnn, type Sequence } from '../../../tests/reference/recurrent.js';
import { arenaOf, expectClose, numbers, variants } from './testing.js';

const sizes = [
  [1, 1, 1],
  [4, 3, 5],
  [3, 2, 9],
  [2, 7, 4],
] as const;

describe.each(variants)('recurrent cells on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  function sequence(steps: number, n: number, h: number, gates: number, reverse: boolean): Sequence {
    const draw = (size: number, seed: number) => Float64Array.from(numbers(size, seed));
    return {
      steps,
      n,
      h,
      reverse,
      proj: draw(steps * n * gates * h, 1),
      w: draw(gates * h * h, 2),
      b: draw(gates * h, 3),
      h0: draw(n * h, 4),
      c0: draw(n * h, 5),
    };
  }

  /** All operands in memory, and what Σ upstream · output has as its gradients. */
  function prepare(s: Sequence, forward: () => Float64Array) {
    const size = s.n * s.h;
    const upstream = numbers((s.steps + 2) * size, 6);
    const grad = (x: Float64Array) => numericGrad(x, upstream, forward);
    return {
      size,
      exact: forward(),
      dproj: grad(s.proj),
      dh0: grad(s.h0),
      dc0: grad(s.c0),
      db: grad(s.b),
      proj: arena.put(s.proj),
      w: arena.put(s.w),
      b: arena.put(s.b),
      h0: arena.put(s.h0),
      c0: arena.put(s.c0),
      dy: arena.put(upstream.slice(0, s.steps * size)),
      dLast: arena.put(upstream.slice(s.steps * size, (s.steps + 1) * size)),
      dcLast: arena.put(upstream.slice((s.steps + 1) * size)),
      zeros: (n: number) => arena.put(new Float32Array(n)),
    };
  }

  const both = [false, true];

  it.each(['tanh', 'relu'])('rnn, %s', (name) => {
    for (const reverse of both) {
      for (const [steps, n, h] of sizes) {
        const s = sequence(steps, n, h, 1, reverse);
        const isRelu = name === 'relu';
        const p = prepare(s, () => rnn(s, isRelu));
        const [y, dh, dpre, dh0] = [steps, steps, steps, 1].map((t) => p.zeros(t * p.size));
        kernels.rnn(steps, n, h, p.proj, p.w, p.b, p.h0, y!, p.zeros(h * h), Number(isRelu), Number(reverse));
        expectClose(arena.read(y!, steps * p.size), p.exact.slice(0, steps * p.size), 1e-6);
        kernels.rnnGrad(
          steps,
          n,
          h,
          p.w,
          y!,
          p.dy,
          p.dLast,
          dh!,
          dpre!,
          dh0!,
          Number(isRelu),
          Number(reverse),
        );
        expectClose(arena.read(dpre!, steps * p.size), p.dproj, 3e-6, 'dproj');
        expectClose(arena.read(dh0!, p.size), p.dh0, 3e-6, 'dh0');
        arena.check();
      }
    }
  });

  it('lstm', () => {
    for (const reverse of both) {
      for (const [steps, n, h] of sizes) {
        const s = sequence(steps, n, h, 4, reverse);
        const p = prepare(s, () => lstm(s));
        const all = steps * p.size;
        const [gates, cells, y] = [p.zeros(4 * all), p.zeros(all), p.zeros(all)];
        const [dh, dc, dgates] = [p.zeros(all), p.zeros(all), p.zeros(4 * all)];
        const [dh0, dc0] = [p.zeros(p.size), p.zeros(p.size)];
        const scratch = p.zeros(4 * h * h);
        kernels.lstm(steps, n, h, p.proj, p.w, p.b, p.h0, p.c0, gates, cells, y, scratch, Number(reverse));
        expectClose(arena.read(y, all), p.exact.slice(0, all), 1e-6);
        const last = reverse ? 0 : steps - 1;
        expectClose(arena.read(cells + 4 * last * p.size, p.size), p.exact.slice(all + p.size), 1e-6);
        kernels.lstmGrad(
          steps,
          n,
          h,
          p.w,
          p.c0,
          gates,
          cells,
          p.dy,
          p.dLast,
          p.dcLast,
          dh,
          dc,
          dgates,
          dh0,
          dc0,
          Number(reverse),
        );
        expectClose(arena.read(dgates, 4 * all), p.dproj, 3e-6, 'dproj');
        expectClose(arena.read(dh0, p.size), p.dh0, 3e-6, 'dh0');
        expectClose(arena.read(dc0, p.size), p.dc0, 3e-6, 'dc0');
        arena.check();
      }
    }
  });

  it('gru', () => {
    for (const reverse of both) {
      for (const [steps, n, h] of sizes) {
        const s = sequence(steps, n, h, 3, reverse);
        const p = prepare(s, () => gru(s));
        const all = steps * p.size;
        const [gates, part, y] = [p.zeros(3 * all), p.zeros(all), p.zeros(all)];
        const [dh, dproj, dhidden] = [p.zeros(all), p.zeros(3 * all), p.zeros(3 * all)];
        const dh0 = p.zeros(p.size);
        const scratch = p.zeros(3 * h * (n + h));
        kernels.gru(steps, n, h, p.proj, p.w, p.b, p.h0, gates, part, y, scratch, Number(reverse));
        expectClose(arena.read(y, all), p.exact.slice(0, all), 1e-6);
        kernels.gruGrad(
          steps,
          n,
          h,
          p.w,
          p.h0,
          gates,
          part,
          y,
          p.dy,
          p.dLast,
          dh,
          dproj,
          dhidden,
          dh0,
          Number(reverse),
        );
        expectClose(arena.read(dproj, 3 * all), p.dproj, 3e-6, 'dproj');
        expectClose(arena.read(dh0, p.size), p.dh0, 3e-6, 'dh0');
        // The bias of the hidden part gets the column sums of dhidden.
        const db = p.zeros(3 * h);
        kernels.biasGrad(steps * n, 3 * h, dhidden, db, 0);
        expectClose(arena.read(db, 3 * h), p.db, 5e-6, 'db');
        arena.check();
      }
    }
  });
});
