import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readActivation } from '../activations/activation.js';
import * as activations from '../activations/index.js';
import {
  chi,
  fixedVariance,
  moments,
  nextCorrelation,
  nonlinearityOf,
  type Nonlinearity,
} from './meanField.js';
import { gaussianMean } from './quadrature.js';

const folder =
  process.env['FUGA_GOLDEN'] ??
  join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', 'tests', 'golden');
const golden = JSON.parse(readFileSync(join(folder, 'theory.json'), 'utf8')) as {
  mean_field: Record<
    string,
    { sw2: number; sb2: number; q: number; chi1?: number; c?: number; xi_grad?: number }[]
  >;
  gains: Record<string, { E_phi2: number; E_dphi2: number; mean: number }>;
  critical_line: Record<string, { q: number; sw2: number; sb2: number }[]>;
};

function named(fn: string, options: Record<string, unknown> = {}): Nonlinearity {
  const read = readActivation(activations, { fn, ...options });
  return nonlinearityOf(read.activation, read.options)!;
}

const close = (actual: number, expected: number, relative: number) =>
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThanOrEqual(
    relative * Math.max(1e-12, Math.abs(expected)),
  );

describe('Gaussian averages', () => {
  test('moments of a Gaussian are exact', () => {
    expect(gaussianMean(() => 1)).toBeCloseTo(1, 14);
    expect(gaussianMean((z) => z ** 4)).toBeCloseTo(3, 12);
    expect(gaussianMean((z) => (z > 0.3 ? 1 : 0), [0.3])).toBeCloseTo(0.3820885778110474, 13);
  });

  const known = { leaky_relu_0_01: 'leakyRelu', hardsigmoid: 'hardSigmoid' } as Record<string, string>;
  test.each(Object.entries(golden.gains))('%s at q = 1 as in the reference', (name, gain) => {
    const fn = known[name] ?? name;
    expect(Object.hasOwn(activations, fn), `${fn} is on the shelf`).toBe(true);
    const at = moments(named(fn), 1);
    close(at.square, gain.E_phi2, 1e-6);
    close(at.slopeSquare, gain.E_dphi2, 1e-6);
    expect(Math.abs(at.mean - gain.mean)).toBeLessThan(1e-7);
  });

  test('ReLU is exact at any scale: E φ² = q/2, E φ′² = E φ′⁴ = 1/2', () => {
    for (const q of [1e-20, 1e-3, 1, 50, 1e6]) {
      const at = moments(named('relu'), q);
      close(at.square, q / 2, 1e-12);
      close(at.slopeSquare, 0.5, 1e-12);
      close(at.slopeFourth, 0.5, 1e-12);
    }
  });

  test('a steep tanh is resolved: E sech⁴(√q z) → (4/3) / √(2πq)', () => {
    close(moments(named('tanh'), 1e6).slopeSquare, 4 / 3 / Math.sqrt(2 * Math.PI * 1e6), 1e-5);
  });
});

describe('mean-field theory against the reference', () => {
  for (const [fn, rows] of Object.entries(golden.mean_field)) {
    test(`${fn}: fixed variance, χ and correlation at ${rows.length} points`, () => {
      const phi = named(fn);
      let compared = 0;
      for (const { sw2, sb2, q, chi1, c } of rows) {
        if (chi1 === undefined) continue; // on the critical line: no fixed point is reached
        if (q > 1e10 || !(q >= 0)) continue;
        if (fn === 'relu' && sw2 >= 2) continue; // any variance, or none, stays
        const star = fixedVariance(phi, { sw2, sb2 });
        expect(star, `sw2 ${sw2}, sb2 ${sb2}`).not.toBeNull();
        if (q === 0) expect(star).toBe(0);
        else close(star!, q, 1e-6);
        close(chi(phi, sw2, star!), chi1, 1e-6);
        if (c === 1 && q > 0) close(nextCorrelation(phi, { sw2, sb2 }, star!, 1), 1, 1e-9);
        compared++;
      }
      expect(compared).toBeGreaterThan(5);
    });
  }

  test('on the critical line χ is 1', () => {
    for (const [fn, points] of Object.entries(golden.critical_line)) {
      for (const { q, sw2 } of points) close(chi(named(fn), sw2, q), 1, 1e-6);
    }
  });

  test('two inputs grow alike under a ReLU: c′ = (√(1−c²) + c (π − arccos c)) / π', () => {
    const phi = named('relu');
    for (const c of [0, 0.3, 0.9]) {
      const law = (Math.sqrt(1 - c * c) + c * (Math.PI - Math.acos(c))) / Math.PI;
      close(nextCorrelation(phi, { sw2: 2, sb2: 0 }, 1, c), law, 1e-9);
    }
  });
});

test('the reference values are there', () => {
  expect(existsSync(join(folder, 'theory.json'))).toBe(true);
});
