import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openRun } from '../run/run.js';
import { train } from '../run/train.js';
import { diagnose, type Language } from './diagnose.js';
import type { DiagnosisReport } from './report.js';

const examples = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', 'examples');

async function examine(spec: unknown, language: Language = 'en'): Promise<DiagnosisReport> {
  const run = await openRun(spec);
  for (const _ of train(run));
  return diagnose(run, { language });
}

const example = (name: string) => parse(readFileSync(join(examples, name), 'utf8')) as unknown;

/** A multilayer perceptron on digits, 300 steps of SGD. */
function mlp(model: object, rest: object = {}): object {
  return {
    fuga: 1,
    data: { source: 'digits', batch: 64 },
    model: { type: 'mlp', ...model },
    optimizer: { type: 'sgd', lr: 0.1 },
    steps: 300,
    ...rest,
  };
}

/** A recurrent network that reads digits pixel by pixel: 64 steps. */
function pixels(model: object): object {
  const data = { source: 'sequentialDigits', by: 'pixels', batch: 16 };
  return {
    fuga: 1,
    data,
    model: { type: 'rnn', hidden: 32, ...model },
    optimizer: { type: 'sgd', lr: 0.05 },
    steps: 60,
  };
}

const ids = (report: DiagnosisReport) => report.findings.map(({ id }) => id);

describe('diagnose', () => {
  test('a deep sigmoid network vanishes, by its activation, from its first layers on', async () => {
    const report = await examine(example('deep-sigmoid.fuga.yaml'));
    expect(report.verdict).toBe('unhealthy');
    const [finding] = report.findings;
    expect(finding).toMatchObject({ id: 'vanishing', cause: { factor: 'activation' }, consequenceOf: null });
    expect(finding!.sites[0]).toBe('0.dense');
    expect(finding!.evidence['decades']).toBeLessThan(-10);
    expect(finding!.severity).toBeGreaterThan(0.9);
    expect(finding!.remedies).toContain('reluHe');
  });

  test('a sound network has no finding', async () => {
    const report = await examine(example('healthy.fuga.yaml'));
    expect(report.findings).toEqual([]);
    expect(report.verdict).toBe('healthy');
  });

  test('a loss that fell by far and settled where a linear network must is no fault of the steps', async () => {
    const report = await examine({
      fuga: 1,
      data: { source: 'adding', length: 5, batch: 64 },
      network: [{ type: 'flatten' }, { type: 'dense', out: 1 }],
      loss: 'meanSquaredError',
      optimizer: { type: 'sgd', lr: 0.05 },
      seed: 11,
      steps: 300,
    });
    expect(report.loss.last).toBeLessThan(0.1 * report.loss.first);
    expect(report.findings).toEqual([]);
  });

  test('one sample a batch says nothing of how alike samples are', async () => {
    const spec = mlp({ depth: 2, width: 16 }, { data: { source: 'digits', batch: 1 }, steps: 30 });
    expect(ids(await examine(spec))).not.toContain('rankCollapse');
  });

  test.each([
    ['relu', 100, 'nonFinite'],
    ['tanh', 30, 'exploding'],
  ])('what a learning rate did to %s is told after it', async (activation, lr, effect) => {
    const report = await examine(mlp({ depth: 4, activation }, { optimizer: { type: 'sgd', lr } }));
    expect(ids(report)).toEqual(['learningRateTooHigh', effect]);
    expect(report.findings[1]!.consequenceOf).toBe('learningRateTooHigh');
  });

  test('ReLU with Xavier loses the signal first, and the weights are to blame', async () => {
    const report = await examine(mlp({ depth: 30, activation: 'relu', init: 'xavierUniform' }));
    expect(ids(report)[0]).toBe('forwardDecay');
    expect(report.findings[0]!.cause.factor).toBe('weights');
    expect(report.findings[1]).toMatchObject({ id: 'vanishing', consequenceOf: 'forwardDecay' });
  });

  test('the first gradient of fifty sigmoid layers is a number, and lies where the theory says', async () => {
    const report = await examine(mlp({ depth: 50, activation: 'sigmoid' }));
    const [first] = report.sites;
    expect(first!.gradient.rms).toBeGreaterThan(1e-36);
    expect(first!.gradient.rms).toBeLessThan(1e-30);
    const [low, , high] = first!.theory!.gradRms;
    expect(first!.gradient.rms).toBeGreaterThan(low);
    expect(first!.gradient.rms).toBeLessThan(high);
  });

  test.each([
    [
      'a chaotic tanh network',
      mlp({ depth: 10, activation: 'tanh', init: { fn: 'xavierUniform', gain: 3 } }),
      'exploding',
      'weights',
    ],
    ['large ReLU weights', mlp({ depth: 4, init: { normal: 1 } }), 'exploding', 'weights'],
    ['unscaled residual branches', mlp({ depth: 20, skip: true }), 'exploding', 'skip'],
    [
      'a learning rate of 100',
      mlp({ depth: 6 }, { optimizer: { type: 'sgd', lr: 100 } }),
      'learningRateTooHigh',
      'optimizer',
    ],
    [
      'a learning rate of 100 on tanh',
      mlp({ depth: 4, activation: 'tanh' }, { optimizer: { type: 'sgd', lr: 100 } }),
      'learningRateTooHigh',
      'optimizer',
    ],
    [
      'a learning rate of 3 on tanh',
      mlp({ depth: 4, activation: 'tanh' }, { optimizer: { type: 'sgd', lr: 3 } }),
      'learningRateTooHigh',
      'optimizer',
    ],
    [
      'Adam with 0.1',
      mlp({ depth: 6 }, { optimizer: { type: 'adam', lr: 0.1 } }),
      'learningRateTooHigh',
      'optimizer',
    ],
    [
      'a learning rate of 10⁻⁴',
      mlp({ depth: 6 }, { optimizer: { type: 'sgd', lr: 1e-4 } }),
      'learningRateTooLow',
      'optimizer',
    ],
    ['weights of 0', mlp({ init: 'zeros' }), 'symmetry', 'weights'],
    ['equal weights', mlp({ activation: 'tanh', init: { constant: 0.1 } }), 'symmetry', 'weights'],
    ['tiny weights', mlp({ activation: 'tanh', init: { normal: 0.01 } }), 'forwardDecay', 'weights'],
    ['huge weights into tanh', mlp({ activation: 'tanh', init: { normal: 1 } }), 'saturation', 'weights'],
    ['a ReLU network two units wide', mlp({ depth: 20, width: 2 }), 'deadUnits', 'architecture'],
    ['a ReLU network four units wide', mlp({ depth: 20, width: 4 }), 'forwardDecay', 'architecture'],
    [
      'unscaled pixels',
      mlp({ depth: 6 }, { data: { source: 'digits', scale: 'none', batch: 64 } }),
      'unscaledInput',
      'data',
    ],
    [
      'softmax before cross entropy',
      {
        ...mlp({}),
        model: undefined,
        network: [
          { type: 'dense', out: 32, activation: 'relu' },
          { type: 'dense', out: 10, activation: 'softmax' },
        ],
      },
      'lossMismatch',
      'loss',
    ],
    [
      'steps that overshoot',
      mlp({ depth: 6 }, { optimizer: { type: 'sgd', lr: 0.5 }, seed: 4 }),
      'oscillation',
      'optimizer',
    ],
    [
      'a plain ReLU network of 60 layers',
      mlp({ depth: 60, width: 96 }, { optimizer: { type: 'sgd', lr: 0.02 }, steps: 120 }),
      'shattered',
      'architecture',
    ],
    [
      'a network that has learnt to ignore its input',
      mlp({ depth: 40, norm: 'layer' }, { steps: 200 }),
      'rankCollapse',
      'architecture',
    ],
    [
      'a recurrent network that forgets',
      pixels({ recurrentInit: { fn: 'orthogonal', gain: 0.4 } }),
      'vanishing',
      'recurrence',
    ],
    [
      'a recurrent network in chaos',
      pixels({ recurrentInit: { fn: 'orthogonal', gain: 3 } }),
      'exploding',
      'recurrence',
    ],
    [
      'a deep sigmoid convolutional network',
      {
        ...mlp({}),
        data: { source: 'digits', batch: 16 },
        model: { type: 'cnn', depth: 6, width: 8, activation: 'sigmoid' },
        steps: 40,
      },
      'vanishing',
      'activation',
    ],
    [
      'convolutions mostly over padding',
      {
        ...mlp({}),
        data: { source: 'digits', batch: 16 },
        model: { type: 'resnet', depth: 32, width: 4, skip: false, norm: 'none' },
        steps: 20,
      },
      'forwardDecay',
      'architecture',
    ],
  ])('%s: %s', async (_, spec, id, factor) => {
    const report = await examine(spec);
    expect(ids(report)[0]).toBe(id);
    expect(report.findings[0]!.cause.factor).toBe(factor);
  });

  test.each([
    ['He-ReLU, 15 layers', mlp({ depth: 15 }, { optimizer: { type: 'sgd', lr: 0.03 } })],
    ['tanh, 30 layers', mlp({ depth: 30, activation: 'tanh' }, { optimizer: { type: 'sgd', lr: 0.05 } })],
    ['two sigmoid layers', mlp({ depth: 2, activation: 'sigmoid' }, { optimizer: { type: 'sgd', lr: 0.3 } })],
    ['five residual layers', mlp({ depth: 5, skip: true })],
    ['Adam', mlp({ depth: 6 }, { optimizer: { type: 'adam', lr: 0.001 } })],
  ])('%s: healthy', async (_, spec) => {
    expect(ids(await examine(spec))).toEqual([]);
  });

  test.each([1, 5, 30])('a sound network is not accused after %i steps', async (steps) => {
    for (const rest of [
      {},
      { optimizer: { type: 'adam', lr: 0.005 } },
      { optimizer: { type: 'sgd', lr: 0.3 } },
    ]) {
      expect(ids(await examine(mlp({ depth: 3 }, { steps, ...rest })))).toEqual([]);
    }
    const fixup = {
      data: { source: 'digits', batch: 16 },
      model: { type: 'resnet', depth: 8, width: 4, norm: 'none', init: 'fixup' },
    };
    expect(ids(await examine(mlp({}, { ...fixup, steps })))).toEqual([]);
  });

  test('broken data is told from a broken network', async () => {
    const shape = {
      task: 'regression',
      input: { shape: [2], dtype: 'f32' },
      target: { shape: [1], dtype: 'f32' },
      outputs: 1,
      samples: 64,
    } as const;
    const x = Float32Array.from({ length: 128 }, (_, i) => ((i * 37) % 64) / 20 - 1.6);
    const y = Float32Array.from({ length: 64 }, (_, i) => x[2 * i]! - x[2 * i + 1]!);
    x[5] = NaN;
    const rows = Int32Array.from({ length: 64 }, (_, i) => i);
    const spec = { fuga: 1, data: { batch: 16 }, model: { type: 'mlp', depth: 2, width: 8 }, steps: 20 };
    const run = await openRun(spec, { data: { shape, samples: { x, y, train: rows, test: rows } } });
    for (const _ of train(run));
    const [finding, ...others] = diagnose(run).findings;
    expect(finding).toMatchObject({ id: 'nonFinite', cause: { factor: 'data' }, evidence: { broken: 1 } });
    expect(others).toEqual([]);
  });

  test('one bad layer is named before it has healed', async () => {
    const good = { type: 'dense', out: 64, activation: 'tanh' };
    const report = await examine({
      ...mlp({}, { steps: 20, optimizer: { type: 'sgd', lr: 0.01 } }),
      model: undefined,
      network: [
        { ...good, repeat: 3 },
        { ...good, init: { normal: 0.00001 } },
        { ...good, repeat: 3 },
        { type: 'dense', out: 10 },
      ],
    });
    expect(report.findings[0]!.sites[0]).toBe('3.dense');
    expect(report.findings[0]!.cause.factor).toBe('weights');
  });

  test('factors multiply to the total, in layers and in residual blocks', async () => {
    for (const skip of [false, true]) {
      const report = await examine(mlp({ depth: 5, activation: 'tanh', skip }, { steps: 20 }));
      for (const { factor, site } of report.sites) {
        const product = factor.weights! * factor.activation! * factor.normalization! * factor.skip!;
        expect(Math.abs(product / factor.total! - 1), site).toBeLessThan(0.05);
      }
    }
  });

  test('every sentence is filled in, in both languages, and the report is plain JSON', async () => {
    for (const language of ['en', 'pt-BR'] as const) {
      for (const spec of [
        mlp({ depth: 12, activation: 'sigmoid' }),
        mlp({ depth: 10, skip: true }),
        mlp({ init: 'zeros' }),
        mlp({ depth: 6 }, { optimizer: { type: 'sgd', lr: 100 } }),
      ]) {
        const report = await examine(spec, language);
        expect(report.findings.length).toBeGreaterThan(0);
        for (const { message, advice, cause, title, evidence } of report.findings) {
          for (const words of [message, advice, cause.detail, title]) {
            expect(words).not.toMatch(/undefined|NaN|null|–/);
            expect(words.length).toBeGreaterThan(5);
          }
          expect(Object.values(evidence).every(Number.isFinite)).toBe(true);
        }
        expect(JSON.parse(JSON.stringify(report.findings))).toEqual(report.findings);
        expect(JSON.parse(JSON.stringify(report.sites))).toEqual(report.sites);
      }
    }
  });
});
