import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { activations, type Activation, type ActivationName } from '../../../tests/reference/activations.js';
import { arenaOf, expectClose, numbers, sizes, variants } from './testing.js';

const names = Object.keys(activations) as ActivationName[];
const kinks = [0, -0, 1, -1, 2, 3, -3, 6, 0.5, -0.5, 0.25, 20, -20, 90, -90];

/** Where the gradient rule needs only y, x is handed over as 0 to prove it. */
const fromOutput = new Set<ActivationName>(
  'celu elu exp hardSigmoid hardTanh leakyRelu reciprocal relu relu6 selu sigmoid softsign sqrt tanh'.split(
    ' ',
  ) as ActivationName[],
);
const positive = new Set<ActivationName>(['log', 'sqrt']);

describe.each(variants)('activations on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  function inputs(name: ActivationName, n: number): Float32Array {
    if (positive.has(name)) return numbers(n, n, 0.01, 5);
    const x = numbers(n, n, -5, 5);
    if (n > 30) x.set(kinks.filter((k) => (name !== 'reciprocal' || k !== 0) && (name !== 'exp' || k < 88)));
    return x;
  }

  it.each(names)('%s', (name) => {
    const { value, slope, params }: Activation = activations[name];
    const [alpha, beta] = params ?? [0, 0];
    const [f32Alpha, f32Beta] = [Math.fround(alpha), Math.fround(beta)];
    for (const n of sizes) {
      const x = inputs(name, n);
      const dy = numbers(n, n + 9);
      const px = arena.put(x);
      const y = arena.room(n);
      kernels[name](n, px, y, alpha, beta);
      expectClose(
        arena.read(y, n),
        Array.from(x, (v) => value(v, f32Alpha, f32Beta)),
        6e-7,
        `${name}(${n})`,
      );

      const exact = Array.from(x, (v, i) => dy[i]! * slope(v, f32Alpha, f32Beta));
      for (const acc of [0, 1]) {
        const before = numbers(n, n + 5);
        const dx = arena.put(before);
        const expected = acc ? exact.map((v, i) => v + before[i]!) : exact;
        const source = fromOutput.has(name) ? arena.room(n) : px;
        kernels[`${name}Grad`](n, source, y, arena.put(dy), dx, alpha, beta, acc);
        expectClose(arena.read(dx, n), expected, 2e-6, `${name}Grad(${n}) acc ${acc}`);
      }

      // In place: y over x, dx over dy.
      const whole = arena.read(y, n);
      kernels[name](n, px, px, alpha, beta);
      expect(arena.read(px, n)).toEqual(whole);
      const pdy = arena.put(dy);
      const source = arena.put(x);
      kernels[`${name}Grad`](n, source, px, pdy, pdy, alpha, beta, 0);
      expectClose(arena.read(pdy, n), exact, 2e-6, `${name}Grad(${n}) in place`);
      arena.check();
    }
  });

  it.each(names)('%s lets NaN through and treats infinities as the formula does', (name) => {
    const { value, params }: Activation = activations[name];
    const [alpha, beta] = params ?? [0, 0];
    const x = [NaN, Infinity, -Infinity, NaN, NaN];
    const y = arena.room(5);
    kernels[name](5, arena.put(x), y, alpha, beta);
    const got = arena.read(y, 5);
    expect(got[0]).toBeNaN();
    expect(got[4]).toBeNaN();
    for (const i of [1, 2]) {
      const expected = value(x[i]!, alpha, beta);
      // The limit, where the formula in f64 meets inf · 0.
      if (!Number.isNaN(expected)) expect(got[i]).toBeCloseTo(expected, 6);
    }
    arena.check();
  });

  it('prelu has a slope for each channel', () => {
    for (const [n, channels, inner] of [
      [2, 3, 5],
      [1, 1, 17],
      [3, 2, 8],
      [4, 5, 1],
      [0, 2, 3],
    ] as const) {
      const count = n * channels * inner;
      const x = numbers(count, 1);
      const dy = numbers(count, 2);
      const slope = numbers(channels, 3, 0, 0.5);
      const channel = (i: number) => Math.floor(i / inner) % channels;
      const [px, ps, pdy] = [arena.put(x), arena.put(slope), arena.put(dy)];
      const y = arena.room(count);
      kernels.prelu(n, channels, inner, px, ps, y);
      expectClose(
        arena.read(y, count),
        Array.from(x, (v, i) => (v > 0 ? v : v * slope[channel(i)]!)),
        1e-7,
      );
      for (const acc of [0, 1]) {
        const [dx, ds] = [
          arena.put(new Float32Array(count).fill(1)),
          arena.put(new Float32Array(channels).fill(1)),
        ];
        kernels.preluGrad(n, channels, inner, px, ps, pdy, dx, ds, acc, acc);
        const sums = new Float64Array(channels).fill(acc);
        x.forEach((v, i) => (sums[channel(i)]! += v > 0 ? 0 : v * dy[i]!));
        expectClose(
          arena.read(dx, count),
          Array.from(x, (v, i) => acc + dy[i]! * (v > 0 ? 1 : slope[channel(i)]!)),
          3e-7,
        );
        expectClose(arena.read(ds, channels), sums, 1e-6);
      }
      arena.check();
    }
  });
});
