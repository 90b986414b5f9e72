import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { erf } from '../../../tests/reference/activations.js';
import { arenaOf, variants } from './testing.js';

/** The distance to the exact value in units of the last place of f32 there (subnormals have their own). */
function ulps(actual: number, exact: number): number {
  if (Object.is(actual, Math.fround(exact)) || (Number.isNaN(actual) && Number.isNaN(exact))) return 0;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

/** Every 4099th f32 of either sign: a prime step, so all exponents and mantissas are met. */
function samples(): Float32Array {
  const bits = new Uint32Array(Math.ceil(2 ** 32 / 4099));
  for (let i = 0; i < bits.length; i++) bits[i] = i * 4099;
  return new Float32Array(bits.buffer);
}

const functions: Record<string, { exact: (x: number) => number; bound: number; limit?: number }> = {
  exp: { exact: Math.exp, bound: 1 },
  log: { exact: Math.log, bound: 1 },
  tanh: { exact: Math.tanh, bound: 0.51 },
  sigmoid: { exact: (x) => 1 / (1 + Math.exp(-x)), bound: 0.51 },
  erf: { exact: erf, bound: 2 },
  sin: { exact: Math.sin, bound: 2, limit: 1000 },
  cos: { exact: Math.cos, bound: 2, limit: 1000 },
};

describe.each(variants)('accuracy on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  const x = samples();
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  it.each(Object.keys(functions))('%s', (name) => {
    const { exact, bound, limit = Infinity } = functions[name]!;
    const y = arena.room(x.length);
    kernels[name as 'exp'](x.length, arena.put(x), y, 0, 0);
    const got = arena.read(y, x.length);
    let worst = 0;
    let at = 0;
    for (let i = 0; i < x.length; i++) {
      if (Math.abs(x[i]!) > limit) continue;
      const error = ulps(got[i]!, exact(x[i]!));
      if (!(error <= worst)) [worst, at] = [error, x[i]!];
    }
    if (process.env.FUGA_VERBOSE) console.log(`${variant} ${name}: ${worst.toFixed(3)} ulp at ${at}`);
    expect(worst, `worst at ${at}`).toBeLessThanOrEqual(bound);
    arena.check();
  });

  it('scalar functions for JavaScript', () => {
    for (let v = -30; v < 30; v += 0.37) {
      const close = (a: number, b: number) =>
        expect(Math.abs(a - b)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(b)));
      close(kernels.mathExp(v), Math.exp(v));
      close(kernels.mathTanh(v), Math.tanh(v));
      close(kernels.mathSin(v), Math.sin(v));
      close(kernels.mathCos(v), Math.cos(v));
      close(kernels.mathErf(v), erf(v));
      if (v > 0) close(kernels.mathLog(v), Math.log(v));
      if (v > 0) close(kernels.mathPow(v, 1.7), v ** 1.7);
    }
    // Published values.
    expect(kernels.mathErf(0.5)).toBeCloseTo(0.5204998778130465, 15);
    expect(kernels.mathErf(-2)).toBeCloseTo(-0.9953222650189527, 15);
    expect(kernels.mathErf(3)).toBeCloseTo(0.9999779095030014, 15);
    expect(kernels.mathErf(NaN)).toBeNaN();
    expect(kernels.mathErf(Infinity)).toBe(1);
  });
});
