import { describe, expect, test } from 'vitest';
import { openRun } from '../run/run.js';
import { train } from '../run/train.js';
import { symmetricEigenvalues, singularValues } from './eigenvalues.js';
import * as measures from './index.js';

const gaussian = { source: 'gaussian', features: 8, classes: 8, samples: 200, batch: 32 };
const linear = (gain: number, more = {}) => ({
  type: 'dense',
  out: 8,
  bias: false,
  init: { fn: 'orthogonal', gain },
  ...more,
});

async function run(network: readonly Record<string, unknown>[], data: Record<string, unknown> = gaussian) {
  return openRun(
    {
      fuga: 1,
      data,
      network: [...network],
      ...(data['source'] === 'gaussian' ? { loss: 'crossEntropy' } : {}),
    },
    { exact: true },
  );
}

describe('eigenvalues', () => {
  test('of a matrix with known ones', () => {
    // Second difference matrix: 2 − 2 cos(kπ / (n + 1)).
    const n = 12;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      matrix[i * n + i] = 2;
      if (i > 0) matrix[i * n + i - 1] = matrix[(i - 1) * n + i] = -1;
    }
    const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)));
    symmetricEigenvalues(matrix, n).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
  });

  test('singular values agree for a matrix and its transpose', () => {
    const rows = Float64Array.from({ length: 15 }, (_, i) => Math.sin(i * i + 1));
    const transposed = Float64Array.from({ length: 15 }, (_, i) => rows[(i % 3) * 5 + Math.floor(i / 3)]!);
    const [a, b] = [singularValues(rows, 3, 5), singularValues(transposed, 5, 3)];
    a.forEach((value, i) => expect(value).toBeCloseTo(b[i]!, 12));
  });
});

describe('jacobian', () => {
  test('of a linear orthogonal network: every singular value is the product of the gains', async () => {
    const { numbers, series } = measures.jacobian.take(await run([linear(0.5, { repeat: 3 })]), {
      samples: 2,
    });
    expect(series['singularValues']).toHaveLength(8);
    for (const value of series['singularValues']!) expect(value).toBeCloseTo(0.125, 6);
    expect(numbers['rms']).toBeCloseTo(0.125, 6);
  });

  test('leaves the run as it was', async () => {
    const network = [linear(1), { type: 'dense', out: 10 }];
    const [plain, measured] = [await run(network), await run(network)];
    const losses = [plain, measured].map((each, i) => {
      const steps: number[] = [];
      for (const { loss } of train(each)) {
        steps.push(loss);
        if (i === 1) {
          measures.jacobian.take(each, { samples: 1 });
          measures.gradientNoise.take(each, { batches: 3 });
        }
        if (steps.length === 12) break; // a batch of every epoch boundary lies within
      }
      return steps;
    });
    expect(losses[1]).toEqual(losses[0]);
  });
});

describe('lyapunov', () => {
  test.each([0.9, 1, 1.1])('of a linearised orthogonal rnn is ln of its gain (%d)', async (gain) => {
    // Without input the state stays 0, where tanh has slope 1: every step multiplies by gain · Q.
    const cell = { type: 'rnn', hidden: 8, init: 'zeros', recurrentInit: { fn: 'orthogonal', gain } };
    const patient = await run([cell, { type: 'dense', out: 1 }], {
      source: 'adding',
      length: 40,
      samples: 100,
      batch: 10,
    }).catch((error: unknown) => error as Error);
    if (patient instanceof Error) throw patient;
    const { numbers } = measures.lyapunov.take(patient, { samples: 4 });
    expect(numbers['exponent']).toBeCloseTo(Math.log(gain), 5);
    expect(numbers['factorPerStep']).toBeCloseTo(gain, 5);
  });

  test('asks for a recurrent layer', async () => {
    const patient = await run([{ type: 'dense', out: 10 }]);
    expect(() => measures.lyapunov.take(patient, { samples: 2 })).toThrow('no recurrent layer');
  });
});

test('gradientNoise: the ratio grows with the batch, as 1/variance does', async () => {
  const network = [{ type: 'dense', out: 10 }];
  const snr = async (batch: number) =>
    measures.gradientNoise.take(await run(network, { ...gaussian, samples: 4000, batch }), { batches: 60 })
      .numbers['noiseScale']!;
  const [small, large] = [await snr(8), await snr(128)];
  // Noise scale is a property of the data and weights, not of the batch.
  expect(small / large).toBeGreaterThan(0.5);
  expect(small / large).toBeLessThan(2);
});

test('effectiveRank: a bottleneck of one unit leaves one direction', async () => {
  const patient = await run([linear(1), { type: 'dense', out: 1 }, { type: 'dense', out: 10 }]);
  const ranks = measures.effectiveRank.take(patient, {}).series['effectiveRank']!;
  expect(ranks[0]).toBeGreaterThan(6);
  expect(ranks[1]).toBeCloseTo(1, 4);
  expect(ranks[2]).toBeCloseTo(1, 4); // float32's rounding is all that is left
});

test('gradientAutocorrelation: skips keep neighbouring gradients alike where a plain network shatters them', async () => {
  const layer = { type: 'dense', out: 64, activation: 'relu', init: 'heNormal' };
  const plain = await run([
    { ...layer, repeat: 24 },
    { type: 'dense', out: 10 },
  ]);
  const skips = await run([
    layer,
    { type: 'residual', body: [layer], scale: 0.3, repeat: 23 },
    { type: 'dense', out: 10 },
  ]);
  const [a, b] = [plain, skips].map((each) => {
    const { autocorrelation } = measures.gradientAutocorrelation.take(each, { points: 256, lags: 8 }).series;
    expect(autocorrelation![0]).toBe(1);
    return autocorrelation![4]!;
  });
  expect(b!).toBeGreaterThan(a! + 0.1);
});

describe('pathLength', () => {
  test('of linear residuals with branches of gain a: n a / (1 + a)', async () => {
    const a = 0.5;
    const block = { type: 'residual', body: [linear(1)], scale: a, repeat: 6 };
    const { numbers, series } = measures.pathLength.take(await run([block]), { samples: 4, paths: 2 });
    series['norm']!.forEach((norm, k) => expect(norm / series['norm']![0]!).toBeCloseTo(a ** k, 5));
    expect(numbers['effective']).toBeCloseTo((6 * a) / (1 + a), 4);
    expect(numbers['branches']).toBe(6);
  });

  test('of branches that give nothing is 0', async () => {
    const block = { type: 'residual', body: [{ ...linear(1), init: 'zeros' }], repeat: 3 };
    expect(measures.pathLength.take(await run([block]), { samples: 2, paths: 2 }).numbers['effective']).toBe(
      0,
    );
  });
});
