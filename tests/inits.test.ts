import { loadKernels } from '@fuga/core-wasm';
import { describe, expect, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import { placeOf } from '../packages/engine/src/core/tape.js';
import * as inits from '../packages/engine/src/inits/index.js';
import { fillBy, type InitSpec } from '../packages/engine/src/inits/init.js';
import { openRun } from '../packages/engine/src/run/run.js';
import { profile } from '../packages/engine/src/run/trace.js';
import { train } from '../packages/engine/src/run/train.js';

/** A weight of `shape`, drawn by `spec`. */
async function draw(shape: readonly number[], spec: InitSpec): Promise<Float32Array> {
  const arena = new Arena(await loadKernels({ exact: true }));
  const parameters = new Parameters();
  const taps = sizeOf(shape.slice(2));
  const fans = { fanIn: shape[1]! * taps, fanOut: shape[0]! * taps };
  const tensor = parameters.ask('w', shape, 'parameter', { fill: fillBy(inits, spec), ...fans });
  parameters.allocate(arena);
  parameters.initialize(arena, 3);
  return arena.read(tensor.data, sizeOf(shape));
}

/** Largest deviation of the rows' (or columns') scalar products from gain² · identity. */
function deviation(w: Float32Array, rows: number, cols: number, gain: number): number {
  const byRows = rows <= cols;
  const count = Math.min(rows, cols);
  const at = (i: number, k: number) => (byRows ? w[i * cols + k]! : w[k * cols + i]!);
  let worst = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < Math.max(rows, cols); k++) sum += at(i, k) * at(j, k);
      worst = Math.max(worst, Math.abs(sum - (i === j ? gain * gain : 0)));
    }
  }
  return worst;
}

describe('orthogonal', () => {
  test.each([
    [[64, 64], 1],
    [[7, 19], 1],
    [[19, 7], 1.5],
    [[6, 2, 3, 3], 2],
    [[1, 5], 1],
  ] as const)('%j keeps lengths times %d', async (shape, gain) => {
    const w = await draw(shape, { fn: 'orthogonal', gain });
    expect(deviation(w, shape[0], sizeOf(shape.slice(1)), gain)).toBeLessThan(1e-6 * gain * gain);
  });

  test('is uniform: the first entry has variance 1 / n and either sign', async () => {
    const w = await draw([32, 32], 'orthogonal');
    const positive = w.filter((value) => value > 0).length;
    expect(Math.abs(positive / w.length - 0.5)).toBeLessThan(0.06); // 4 σ of a fair coin
  });
});

describe('deltaOrthogonal', () => {
  test.each([
    [[16, 16, 3, 3], 4],
    [[8, 4, 3, 3], 4],
    [[4, 9, 5], 2],
    [[6, 6, 4, 4], 5],
    [[5, 5], 0],
  ] as const)('%j is orthogonal at tap %d and 0 elsewhere', async (shape, middle) => {
    const w = await draw(shape, 'deltaOrthogonal');
    const taps = sizeOf(shape.slice(2));
    const matrix = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => w[i * taps + middle]!);
    expect(deviation(matrix, shape[0], shape[1], 1)).toBeLessThan(1e-6);
    expect(w.filter((value, i) => i % taps !== middle && value !== 0)).toHaveLength(0);
  });
});

describe('lsuv', () => {
  test('gives every layer unit variance on the first batch, through activations that shrink the signal', async () => {
    const run = await openRun(
      {
        fuga: 1,
        data: { source: 'digits', batch: 64 },
        network: [
          { type: 'conv2d', out: 8, activation: 'sigmoid', init: 'lsuv' },
          { type: 'maxPool2d' },
          { type: 'dense', out: 32, activation: 'tanh', init: 'lsuv', repeat: 6 },
          { type: 'dense', out: 10, init: 'lsuv' },
        ],
      },
      { exact: true },
    );
    const { tape, network, batches, samples, arena } = run;
    batches.take(samples.train, 0, network.input.data, network.target.data);
    const deviations: number[] = [];
    tape.forward({
      afterForward: (index) => {
        const record = tape.graph.records[index]!;
        if (!record.inputs.some(({ role }) => role === 'parameter')) return;
        const { data, size } = placeOf(record.outputs[0]!);
        const mean = arena.kernels.sum(size, data) / size;
        deviations.push(Math.sqrt(arena.kernels.sumSquares(size, data) / size - mean * mean));
      },
      beforeBackward: () => undefined,
      afterBackward: () => undefined,
    });
    expect(deviations).toHaveLength(8);
    for (const std of deviations) expect(Math.abs(std - 1)).toBeLessThan(0.025);
  });
});

describe('fixup', () => {
  const spec = (depth: number) => ({
    fuga: 1,
    data: { source: 'digits', batch: 32 },
    model: { type: 'resnet', depth, norm: 'none', init: 'fixup' },
    optimizer: { type: 'sgd', lr: 0.05, momentum: 0.9 },
    steps: 40,
  });

  test('scales the first weight of each branch by L^(-1/2) and zeroes the last', async () => {
    const { parameters, arena } = await openRun(spec(20), { exact: true });
    const weights = parameters.trained.filter(({ path }) => path.endsWith('/weight'));
    const rms = (path: string) => {
      const { tensor } = parameters.get(path)!;
      return Math.sqrt(arena.kernels.sumSquares(sizeOf(tensor.shape), tensor.data) / sizeOf(tensor.shape));
    };
    const branches = 9;
    for (const { path, branch, fanIn } of weights) {
      if (branch === null) continue;
      if (path.includes('/0.conv2d')) {
        const expected = Math.sqrt(2 / fanIn) * branches ** -0.5;
        expect(Math.abs(rms(path) / expected - 1)).toBeLessThan(0.05);
      } else expect(rms(path)).toBe(0);
    }
    expect(weights.filter(({ branch }) => branch !== null)).toHaveLength(2 * branches);
    expect(rms(weights.at(-1)!.path)).toBe(0);
    expect(rms(weights[0]!.path)).toBeGreaterThan(0.1);
  });

  test('trains a residual network of 38 layers without norms', async () => {
    const run = await openRun(spec(38), { exact: true });
    let last = NaN;
    for (const { loss } of train(run)) last = loss;
    expect(run.trace.losses[0]).toBeCloseTo(Math.log(10), 5); // all logits are 0 at the start
    expect(last).toBeLessThan(1.5);
  });
});

test('a linear network of 10,000 delta-orthogonal convolutions passes signal and gradient on, in linear memory', async () => {
  const deep = (depth: number) =>
    openRun(
      {
        fuga: 1,
        data: { source: 'digits', batch: 4 },
        model: {
          type: 'cnn',
          depth,
          width: 16,
          activation: 'identity',
          init: 'deltaOrthogonal',
          pools: 0,
          head: 'mean',
        },
        steps: 1,
        optimizer: { type: 'sgd', lr: 1e-9 },
      },
      { exact: true, every: 1 },
    );
  const run = await deep(10_000);
  for (const { loss } of train(run)) expect(Number.isFinite(loss)).toBe(true);
  const { trace, arena } = run;
  const rms = profile(trace, 'activationRms', trace.records[0]!);
  const gradient = profile(trace, 'gradientRms', trace.records[0]!);
  const sites = trace.sites.length;
  expect(rms[9_999]! / rms[0]!).toBeGreaterThan(0.99);
  expect(rms[9_999]! / rms[0]!).toBeLessThan(1.01);
  expect(gradient[0]! / gradient[9_999]!).toBeGreaterThan(0.99);
  expect(gradient[0]! / gradient[9_999]!).toBeLessThan(1.01);
  expect(sites).toBe(10_002);
  const half = await deep(5_000);
  expect(run.memory.total / half.memory.total).toBeGreaterThan(1.9);
  expect(run.memory.total / half.memory.total).toBeLessThan(2.05);
  expect(arena.bytes).toBeLessThan(1.5 * 2 ** 30);
});
