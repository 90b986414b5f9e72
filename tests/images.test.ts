import { loadKernels } from '@fuga/core-wasm';
import { describe, expect, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { placeOf } from '../packages/engine/src/core/tape.js';
import { breastCancer, phantoms, shapes } from '../packages/engine/src/datasets/index.js';
import { drawFor } from '../packages/engine/src/run/data.js';
import { evaluate } from '../packages/engine/src/run/evaluate.js';
import { openRun, recordNetwork } from '../packages/engine/src/run/run.js';
import { describeData, networkOf, resolveSpec } from '../packages/engine/src/run/spec.js';
import { train } from '../packages/engine/src/run/train.js';

const draw = async (seed: number) => drawFor(new Arena(await loadKernels({ exact: true })), seed, 'data');

describe('phantoms', () => {
  const options = {
    samples: 60,
    size: 32,
    target: 'segmentation',
    contrast: 0.6,
    radius: 2,
    noise: 0.1,
    blur: 1,
  } as const;

  test('every second slice has a lesion of the stated size, inside the body and no other pixel', async () => {
    const { x, y } = await phantoms.load(options, await draw(1));
    for (let i = 0; i < 60; i++) {
      let area = 0;
      for (let p = 0; p < 1024; p++) area += y[i * 1024 + p]!;
      if (i % 2 === 0) expect(area).toBe(0);
      else {
        expect(area).toBeGreaterThanOrEqual(6); // π (0.85 · 2)² = 9, less where it falls between pixels
        expect(area).toBeLessThanOrEqual(21); // π (1.15 · 2)² = 17
      }
      const image = x.subarray(i * 1024, (i + 1) * 1024);
      expect(Math.abs(image[0]!)).toBeLessThan(0.6); // air in the corner: 0, six deviations of noise
      expect(image.every(Number.isFinite)).toBe(true);
    }
  });

  test('the lesion is as bright as stated: the same slice without noise and blur, with and without it', async () => {
    const plain = { ...options, noise: 0, blur: 0 };
    const sick = await phantoms.load(plain, await draw(1));
    const well = await phantoms.load({ ...plain, contrast: 0 }, await draw(1));
    const masked = new Set<number>();
    sick.y.forEach((value, i) => value === 1 && masked.add(i));
    sick.x.forEach((value, i) => expect(value - well.x[i]!).toBeCloseTo(masked.has(i) ? 0.6 : 0, 5));
  });

  test('the same seed draws the same slices, another one others; targets agree', async () => {
    const one = await phantoms.load(options, await draw(1));
    const again = await phantoms.load({ ...options, target: 'classification' }, await draw(1));
    const other = await phantoms.load(options, await draw(2));
    expect(again.x).toEqual(one.x);
    expect(other.x).not.toEqual(one.x);
    again.y.forEach((label, i) => expect(label).toBe(Math.max(...one.y.subarray(i * 1024, (i + 1) * 1024))));
  });
});

test('shapes: boxes are tight, within the image, and do not share pixels', async () => {
  const options = { samples: 40, size: 64, objects: 4, noise: 0 };
  const { x, y, names } = await shapes.load(options, await draw(3));
  const counts = new Map<number, number>();
  for (let i = 0; i < 40; i++) {
    let objects = 0;
    for (let object = 0; object < 4; object++) {
      const [kind, cx, cy, w, h] = y.subarray((i * 4 + object) * 5) as unknown as [
        number,
        number,
        number,
        number,
        number,
      ];
      if (kind < 0) continue;
      objects++;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      expect(Math.min(cx - w / 2, cy - h / 2)).toBeGreaterThanOrEqual(-1e-6);
      expect(Math.max(cx + w / 2, cy + h / 2)).toBeLessThanOrEqual(1 + 1e-6);
      // The middle of a figure is brighter than any ground (0.3 at most), whatever its colour.
      const middle = Math.floor(cy * 64) * 64 + Math.floor(cx * 64);
      const brightest = Math.max(...[0, 1, 2].map((c) => x[(3 * i + c) * 4096 + middle]!));
      expect(brightest).toBeGreaterThan(0.4);
    }
    expect(objects).toBeGreaterThanOrEqual(1);
  }
  expect([...counts.keys()].sort()).toEqual([0, 1, 2]);
  expect(names).toEqual(['circle', 'square', 'triangle']);
});

test('breastCancer: 569 samples, 212 malignant, as published', async () => {
  const { x, y } = await breastCancer.load({}, await draw(1));
  expect(x).toHaveLength(569 * 30);
  expect(x[0]).toBe(Math.fround(17.99));
  expect(y.filter((label) => label === 0)).toHaveLength(212);
});

describe('binaryCrossEntropy', () => {
  const spec = (more: object) => ({ fuga: 1, loss: 'binaryCrossEntropy', ...more });

  test('sees two classes as one logit, and learns to tell them apart', async () => {
    const run = await openRun(
      spec({
        data: { source: 'breastCancer', batch: 64 },
        model: { type: 'mlp', depth: 1, width: 16 },
        steps: 80,
      }),
      { exact: true },
    );
    expect(run.network.output.shape).toEqual([64, 1]);
    for (const _ of train(run)) void _;
    expect(run.trace.metric.id).toBe('auc');
    expect(evaluate(run).metric).toBeGreaterThan(0.98);
  });

  test('says what to do where there are more classes', async () => {
    await expect(openRun(spec({ data: 'digits', network: [{ type: 'dense', out: 1 }] }))).rejects.toThrow(
      'loss: binaryCrossEntropy expects data with two classes, this has 10; use crossEntropy',
    );
  });
});

describe('dropout in a run', () => {
  test('draws anew at every step, the same again for the same seed, and does nothing in evaluation', async () => {
    const open = () =>
      openRun(
        {
          fuga: 1,
          data: { source: 'digits', batch: 16 },
          network: [{ type: 'flatten' }, { type: 'dropout', rate: 0.5 }, { type: 'dense', out: 10 }],
          steps: 2,
        },
        { exact: true },
      );
    const zeros = (run: Awaited<ReturnType<typeof open>>) => {
      const record = run.tape.graph.records.find(({ op }) => op.name === 'dropping')!;
      const { data, size } = placeOf(record.outputs[0]!);
      const input = placeOf(record.inputs[0]!);
      const x = run.arena.read(input.data, size);
      return Array.from(run.arena.read(data, size), (value, i) => value === 0 && x[i] !== 0);
    };
    const [run, twin] = [await open(), await open()];
    const masks = [run, twin].map((each) => {
      const { tape, batches, network, samples } = each;
      batches.take(samples.train, 0, network.input.data, network.target.data);
      tape.forward();
      const first = zeros(each);
      tape.clock.step = 1;
      tape.forward();
      return { first, second: zeros(each) };
    });
    expect(masks[0]).toEqual(masks[1]);
    expect(masks[0]!.first).not.toEqual(masks[0]!.second);
    const evaluated = recordNetwork(run.spec, run.data, 'eval', run.parameters);
    expect(evaluated.graph.records.some(({ op }) => op.name === 'dropping')).toBe(false);
  });
});

test('batch norm in evaluation uses running statistics, and one sample goes through as in any batch', async () => {
  const spec = {
    fuga: 1,
    data: { source: 'digits', batch: 32 },
    network: [
      { type: 'conv2d', out: 4, bias: false },
      { type: 'batchNorm' },
      { type: 'globalAvgPool2d' },
      { type: 'dense', out: 10 },
    ],
    steps: 60,
  };
  const run = await openRun(spec, { exact: true });
  for (const _ of train(run)) void _;
  const { arena, parameters, samples, batches } = run;
  const state = (name: string) => arena.read(parameters.get(`1.batchNorm/${name}`)!.tensor.data, 4);
  expect(state('mean').some((value) => Math.abs(value) > 1e-3)).toBe(true);
  expect(state('variance').every((value) => value > 0 && value !== 1)).toBe(true);
  const { tape, network } = run.evaluation;
  const outputs = (from: number) => {
    batches.take(samples.test, from, network.input.data, network.target.data);
    tape.forward();
    return arena.read(network.output.data, 320);
  };
  const [ahead, alone] = [outputs(3), outputs(0)];
  expect(Array.from(ahead.subarray(0, 10))).toEqual(Array.from(alone.subarray(30, 40)));
});

describe('image models', () => {
  const layersOf = (model: object, data: object = { source: 'digits' }) => {
    const spec = resolveSpec({ fuga: 1, data, model });
    return { spec, record: () => networkOf(spec, describeData(spec.data)) };
  };

  test('a ResNet and its plain twin have the same weights, but for projections', async () => {
    const count = async (more: object) =>
      (
        await openRun({
          fuga: 1,
          data: 'digits',
          model: { type: 'resnet', depth: 14, width: 4, ...more },
          steps: 1,
        })
      ).parameters.count;
    const projections = 4 * 8 + 8 * 16;
    expect((await count({})) - (await count({ skip: false }))).toBe(projections);
    expect(await count({ preactivation: true })).toBeGreaterThan(0);
  });

  test('ResNet-20 for 3 × 32 × 32 has 0.27 million parameters, as He et al. 2015, table 6', async () => {
    const shape = {
      task: 'classification',
      input: { shape: [3, 32, 32], dtype: 'f32' },
      target: { shape: [], dtype: 'i32' },
      outputs: 10,
      samples: 4,
    } as const;
    const spec = resolveSpec(
      { fuga: 1, data: { source: 'file', batch: 2 }, model: { type: 'resnet' } },
      shape,
    );
    const { parameters, output } = recordNetwork(spec, shape, 'train');
    expect(output.shape).toEqual([2, 10]);
    expect(parameters.count / 1e6).toBeCloseTo(0.27, 2);
  });

  test('names the depths that fit, and the sizes that fit', () => {
    expect(() => layersOf({ type: 'resnet', depth: 18 })).toThrow('nearest: 20');
    const slices = { source: 'phantoms', target: 'segmentation', size: 24 };
    expect(() => layersOf({ type: 'unet', depth: 4 }, slices).record()).toThrow(
      'sides 16 divides, got 24 × 24',
    );
    expect(() => layersOf({ type: 'unet' }).record()).toThrow('expects data with a mask for each image');
    expect(() => layersOf({ type: 'yolo' }).record()).toThrow('sides 32 divides, got 8 × 8');
    expect(() => layersOf({ type: 'cnn' }, { source: 'spirals' }).record()).toThrow('cnn expects images');
  });

  test.each([
    { type: 'cnn', norm: 'batch' },
    { type: 'cnn', depth: 7, skip: true, pools: 2, norm: 'group' },
    { type: 'resnet', depth: 8, width: 4, norm: 'layer', preactivation: true },
    { type: 'resnet', depth: 8, width: 4, norm: 'none', init: 'lsuv', scale: 0.5 },
  ])('%o learns digits', async (model) => {
    const run = await openRun(
      {
        fuga: 1,
        data: { source: 'digits', batch: 32 },
        model,
        optimizer: { type: 'adam', lr: 0.003 },
        steps: 120,
      },
      { exact: true },
    );
    for (const _ of train(run)) void _;
    expect(evaluate(run).metric).toBeGreaterThan(0.85);
  });
});
