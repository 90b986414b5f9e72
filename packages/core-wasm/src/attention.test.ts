import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, it } from 'vitest';
import { attend } from '../../../tests/reference/attention.js';
import { numericGrad } from '../../../tests/reference/numericGrad.js';
import { arenaOf, expectClose, numbers, variants } from './testing.js';

describe.each(variants)('attention on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  it.each([
    { tq: 1, tk: 1, d: 1, causal: false },
    { tq: 5, tk: 7, d: 6, causal: false },
    { tq: 9, tk: 9, d: 5, causal: true },
    { tq: 53, tk: 53, d: 4, causal: true }, // more than one block of rows
    { tq: 50, tk: 10, d: 3, causal: false },
  ])('%o', ({ tq, tk, d, causal }) => {
    const scale = 1 / Math.sqrt(d);
    const [q, k, v] = [tq, tk, tk].map((rows, i) => Float64Array.from(numbers(rows * d, i + 1)));
    const upstream = numbers(tq * d, 9);
    const forward = () => attend(tq, tk, d, q!, k!, v!, scale, causal);
    const [pq, pk, pv] = [arena.put(q!), arena.put(k!), arena.put(v!)];
    const [probs, o, scratch] = [arena.room(tq * tk), arena.room(tq * d), arena.room(48 * tk)];
    kernels.attendHead(tq, tk, d, pq, d, pk, d, pv, d, scale, Number(causal), 0, 0, 0, probs, o, d);
    expectClose(arena.read(o, tq * d), forward(), 1e-6);
    const exact = [q!, k!, v!].map((x) => numericGrad(x, upstream, forward));
    const above = arena.put(upstream);
    for (const acc of [0, 1]) {
      const [dq, dk, dv] = exact.map((x) => arena.put(new Float32Array(x.length).fill(1)));
      kernels.attendHeadGrad(
        tq,
        tk,
        d,
        pq,
        d,
        pk,
        d,
        pv,
        d,
        scale,
        Number(causal),
        probs,
        above,
        d,
        dq!,
        dk!,
        dv!,
        acc,
        acc,
        acc,
        0,
        0,
        scratch,
      );
      [dq, dk, dv].forEach((at, i) => {
        expectClose(
          arena.read(at!, exact[i]!.length),
          exact[i]!.map((g) => g + acc),
          3e-6,
          `d${'qkv'[i]} acc ${acc}`,
        );
      });
    }
    arena.check();
  });
});
