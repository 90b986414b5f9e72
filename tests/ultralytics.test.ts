import {
  loadWeights,
  openRun,
  readSafetensors,
  readUltralytics,
  train,
  writeSafetensors,
} from '@fuga/engine';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { EngineError } from '../packages/engine/src/core/errors.js';

/** The syntax of yolov8.yaml and yolo11.yaml, at full length. */
const v8 = `
nc: 80
scales:
  n: [0.33, 0.25, 1024]
  s: [0.33, 0.50, 1024]
  m: [0.67, 0.75, 768]
backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 3, C2f, [128, True]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [-1, 6, C2f, [256, True]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [-1, 6, C2f, [512, True]]
  - [-1, 1, Conv, [1024, 3, 2]]
  - [-1, 3, C2f, [1024, True]]
  - [-1, 1, SPPF, [1024, 5]]
head:
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 3, C2f, [512]]
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 3, C2f, [256]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [[-1, 12], 1, Concat, [1]]
  - [-1, 3, C2f, [512]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [[-1, 9], 1, Concat, [1]]
  - [-1, 3, C2f, [1024]]
  - [[15, 18, 21], 1, Detect, [nc]]
`;

/** YAML as Python writes it: True and None. */
const load = (text: string): unknown =>
  parse(
    text
      .replace(/\bTrue\b/g, 'true')
      .replace(/\bFalse\b/g, 'false')
      .replace(/\bNone\b/g, 'null'),
  );

const spec = (model: ReturnType<typeof readUltralytics>, batch = 2) => ({
  fuga: 1,
  name: 'yolo',
  data: { source: 'shapes', samples: 20, size: 64, batch },
  network: model.network,
  loss: 'detection',
  optimizer: { type: 'sgd', lr: 0.001 },
  steps: 2,
});

describe('Ultralytics’ model files', () => {
  test('yolov8n becomes a network of ours that trains', async () => {
    const model = readUltralytics(load(v8), { scale: 'n', classes: 3 });
    const run = await openRun(spec(model), { exact: true });
    // Ultralytics’ yolov8n has 3,157,200 weights, 897,664 of them in its head; the head here is another.
    const own = run.parameters.trained.filter(({ path }) => !path.includes('.detect'));
    const count = own.reduce((sum, { tensor }) => sum + tensor.shape.reduce((a, b) => a * b, 1), 0);
    expect(count).toBe(3_157_200 - 897_664);
    expect(run.network.output.shape.slice(0, 2)).toEqual([2, 8 * 8 + 4 * 4 + 2 * 2]);
    for (const _ of train(run));
    expect(run.trace.losses.every(Number.isFinite)).toBe(true);
  });

  test('scales multiply depth and width', async () => {
    const counts: number[] = [];
    for (const scale of ['n', 's', 'm']) {
      const run = await openRun(spec(readUltralytics(load(v8), { scale, classes: 3 }), 1), { exact: true });
      counts.push(run.parameters.count);
    }
    expect(counts[1]! / counts[0]!).toBeGreaterThan(3);
    expect(counts[2]!).toBeGreaterThan(counts[1]!);
  });

  test.each([
    [
      'yolo11',
      '- [-1, 1, Conv, [16, 3, 2]]\n  - [-1, 2, C3k2, [32, False, 0.25]]\n  - [-1, 2, C3k2, [32, True]]\n  - [-1, 1, Conv, [32, 3, 2]]\n  - [-1, 1, Conv, [32, 3, 2]]',
    ],
    [
      'yolov5',
      '- [-1, 1, Conv, [16, 6, 2, 2]]\n  - [-1, 3, C3, [32]]\n  - [-1, 1, Conv, [32, 3, 2]]\n  - [-1, 1, DWConv, [32, 3, 2]]\n  - [-1, 1, Bottleneck, [32]]',
    ],
  ])('modules of %s', async (_, backbone) => {
    const file = load(`nc: 3\nbackbone:\n  ${backbone}\nhead:\n  - [[-1], 1, Detect, [nc]]\n`);
    const run = await openRun(spec(readUltralytics(file)), { exact: true });
    for (const _step of train(run));
    expect(run.trace.losses.every(Number.isFinite)).toBe(true);
  });

  const wrong: Readonly<Record<string, [string, RegExp]>> = {
    'an unknown module': [
      'nc: 3\nbackbone:\n  - [-1, 1, C2PSA, [64]]\nhead: []',
      /backbone.0: the module C2PSA is not supported/,
    ],
    'a row that reads what comes later': [
      'nc: 3\nbackbone:\n  - [4, 1, Conv, [64]]\nhead: []',
      /reads row 4, which is not before it/,
    ],
    'channels that are text': [
      'nc: 3\nbackbone:\n  - [-1, 1, Conv, [lots]]\nhead: []',
      /expected a whole number/,
    ],
    'a billion repeats': ['nc: 3\nbackbone:\n  - [-1, 1000000000, Conv, [64]]\nhead: []', /from 1 to 1000/],
    'code for an activation': [
      "nc: 3\nactivation: \"__import__('os').system('rm')\"\nbackbone: []\nhead: []",
      /the activation __import__/,
    ],
    'a scale that is not there': [
      'nc: 3\nscales: { n: [1, 1, 64] }\nbackbone: []\nhead: []',
      /no scale "x"; known: n/,
    ],
  };
  test.each(Object.entries(wrong))('%s is refused with its place', (_, [text, message]) => {
    expect(() => readUltralytics(load(text), text.includes('scales') ? { scale: 'x' } : {})).toThrow(
      EngineError,
    );
    expect(() => readUltralytics(load(text), text.includes('scales') ? { scale: 'x' } : {})).toThrow(message);
  });
});

describe('safetensors onto a spec', () => {
  const mlp = (seed: number) => ({
    fuga: 1,
    name: 'm',
    seed,
    data: { source: 'spirals', batch: 8 },
    model: { type: 'mlp', depth: 2, width: 4 },
    steps: 1,
  });
  const tensorsOf = (run: Awaited<ReturnType<typeof openRun>>, rename = (name: string) => name) =>
    run.parameters.all.map(({ path, tensor }) => ({
      name: rename(path),
      shape: tensor.shape,
      values: run.arena.read(
        tensor.data,
        tensor.shape.reduce((a, b) => a * b, 1),
      ),
    }));

  test('by name, and in order where the names are another program’s', async () => {
    const [from, to] = [await openRun(mlp(1), { exact: true }), await openRun(mlp(2), { exact: true })];
    expect(tensorsOf(to)[0]!.values).not.toEqual(tensorsOf(from)[0]!.values);
    const file = readSafetensors(writeSafetensors(tensorsOf(from)));
    expect(loadWeights(to, file).missing).toEqual([]);
    expect(tensorsOf(to).map(({ values }) => values)).toEqual(tensorsOf(from).map(({ values }) => values));
    const third = await openRun(mlp(3), { exact: true });
    const renamed = readSafetensors(writeSafetensors(tensorsOf(from, (name) => `net.${name}`)));
    expect(loadWeights(third, renamed).loaded.length).toBe(third.parameters.trained.length);
    expect(tensorsOf(third).map(({ values }) => values)).toEqual(tensorsOf(from).map(({ values }) => values));
  });

  test('what does not fit is an error with both names', async () => {
    const run = await openRun(mlp(1), { exact: true });
    const [first] = tensorsOf(run);
    const other = readSafetensors(writeSafetensors([{ ...first!, shape: [first!.values.length] }]));
    expect(() => loadWeights(run, other)).toThrow(/is \[4, 2\], the file's .* \[8\]/);
    const strange = readSafetensors(writeSafetensors([{ ...first!, name: 'w' }]));
    expect(() => loadWeights(run, strange)).toThrow(/no tensor of the file has the name/);
  });
});
