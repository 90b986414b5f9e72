import { describe, expect, test } from 'vitest';
import { EngineError } from '../core/errors.js';
import { openRun } from './run.js';
import { resolveSpec } from './spec.js';

const healthy = {
  fuga: 1,
  data: { source: 'digits' },
  network: [
    { type: 'dense', out: 8, activation: 'relu' },
    { type: 'dense', out: 10 },
  ],
};

function errorOf(action: () => unknown): EngineError {
  try {
    action();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('expected an EngineError, nothing was thrown');
}

describe('resolveSpec', () => {
  test('fills in every default', () => {
    const spec = resolveSpec(healthy);
    expect(spec).toMatchObject({
      seed: 1,
      steps: 300,
      loss: 'crossEntropy',
      data: { source: 'digits', batch: 64, scale: 'standard' },
      optimizer: { type: 'sgd', lr: 0.1, momentum: 0 },
      schedule: { type: 'constant' },
    });
    expect(spec.network![0]).toMatchObject({ bias: true, init: 'heNormal' });
    expect(spec.network![1]).toMatchObject({ activation: 'identity', init: 'xavierUniform' });
  });

  test('takes none for an activation that does nothing', () => {
    const network = [
      { type: 'dense', out: 4, activation: 'none' },
      { type: 'residual', body: [], activation: 'none' },
    ];
    expect(resolveSpec({ ...healthy, network }).network).toMatchObject([
      { activation: 'identity' },
      { activation: 'identity' },
    ]);
  });

  test('reads the init’s name as fn or, as everywhere else, as type', () => {
    const init = (name: object) =>
      resolveSpec({ ...healthy, network: [{ type: 'dense', out: 4, init: name }] });
    expect(() => init({ type: 'orthogonal', gain: 2 })).not.toThrow();
    expect(() => init({ fn: 'orthogonal', gain: 2 })).not.toThrow();
    expect(() => init({ type: 'orthogonl' })).toThrow(/did you mean "orthogonal"/);
  });

  test('is the identity on what it has resolved', () => {
    const spec = resolveSpec(healthy);
    expect(resolveSpec(structuredClone(spec))).toEqual(spec);
  });

  test.each([
    ['an unknown layer', { network: [{ type: 'desne', out: 3 }] }, 'network.0.type', 'did you mean "dense"?'],
    ['a negative width', { network: [{ type: 'dense', out: -3 }] }, 'network.0.out', 'at least 1, got -3'],
    [
      'a width that is text',
      { network: [{ type: 'dense', out: 'ten' }] },
      'network.0.out',
      'a number, got "ten"',
    ],
    [
      'an unknown key',
      { network: [{ type: 'dense', out: 3, activatoin: 'relu' }] },
      'network.0.activatoin',
      'did you mean "activation"?',
    ],
    ['a missing key', { network: [{ type: 'dense' }] }, 'network.0.out', 'got nothing'],
    [
      'an unknown activation',
      { network: [{ type: 'dense', out: 3, activation: 'rleu' }] },
      'network.0.activation',
      'did you mean "relu"?',
    ],
    [
      'an unknown init',
      { network: [{ type: 'dense', out: 3, init: 'heNormla' }] },
      'network.0.init',
      'did you mean "heNormal"?',
    ],
    [
      'a fault in a body',
      { network: [{ type: 'residual', body: [{ type: 'dense', out: 0 }] }] },
      'network.0.body.0.out',
      'at least 1',
    ],
    ['an unknown source', { data: { source: 'digit' } }, 'data.source', 'did you mean "digits"?'],
    ['an unknown data option', { data: { source: 'digits', bacth: 3 } }, 'data.bacth', 'did you mean'],
    ['an unknown optimizer', { optimizer: { type: 'sdg' } }, 'optimizer.type', 'did you mean "sgd"?'],
    ['a negative rate', { optimizer: { type: 'sgd', lr: -1 } }, 'optimizer.lr', 'more than 0, got -1'],
    ['an unknown top key', { optimiser: { type: 'sgd' } }, 'optimiser', 'did you mean "optimizer"?'],
    ['a wrong version', { fuga: 2 }, 'fuga', 'got 2'],
    [
      'half a name',
      { network: [{ type: 'dense', out: 3, init: 'xavier' }] },
      'network.0.init',
      'did you mean "xavierNormal"?',
    ],
    [
      'a key like no other',
      { network: [{ type: 'dense', out: 3, zzzz: 1 }] },
      'network.0.zzzz',
      'unknown key "zzzz"; known keys: ',
    ],
    [
      'inputs of nothing',
      { network: [{ type: 'concat', inputs: [] }] },
      'network.0.inputs',
      'at least 1 entries, got a list',
    ],
    ['a clip of nothing', { clip: {} }, 'clip', '{ norm: 1 }'],
    [
      'Nesterov without momentum',
      { optimizer: { type: 'sgd', nesterov: true } },
      'optimizer',
      'momentum above 0',
    ],
    ['a loss that is no name', { loss: 3 }, 'loss', 'expected text or a mapping, got 3'],
    [
      'a word that is not among words and numbers',
      { network: [{ type: 'conv2d', out: 3, padding: 'smae' }] },
      'network.0.padding',
      'expected same, valid, a number or a list, got "smae"; did you mean "same"?',
    ],
  ])('%s: one error at its place', (_, change, path, reason) => {
    const error = errorOf(() => resolveSpec({ ...healthy, ...change }));
    expect(error.path.join('.')).toBe(path);
    expect(error.reason).toContain(reason);
  });

  test('neither network nor model is an error', () => {
    const { network: _, ...bare } = healthy;
    expect(errorOf(() => resolveSpec(bare)).reason).toContain('either network');
  });
});

describe('openRun', () => {
  test.each<[string, object, string, string]>([
    [
      'fewer logits than classes',
      { network: [{ type: 'dense', out: 4 }] },
      'loss',
      '4 logits, the data has 10 classes',
    ],
    [
      'fewer logits than classes in a mask',
      {
        data: { source: 'phantoms', samples: 20, target: 'segmentation' },
        network: [{ type: 'conv2d', out: 1 }],
      },
      'loss',
      '1 logits, the data has 2 classes',
    ],
    [
      'a vocabulary that is too small',
      {
        data: { source: 'sentiment', samples: 20 },
        network: [
          { type: 'embedding', vocab: 5, out: 3 },
          { type: 'gru', hidden: 3 },
          { type: 'dense', out: 2 },
        ],
      },
      'network.0',
      'expected a vocab of at least',
    ],
    [
      'an id that is there twice',
      {
        network: [
          { type: 'dense', out: 10, id: 'a' },
          { type: 'dense', out: 10, id: 'a' },
        ],
      },
      'network.1.id',
      'the id "a" is there twice',
    ],
    ['a family for other data', { network: undefined, model: { type: 'gpt' } }, 'model', 'gpt expects ids'],
    [
      'masks of data that have none',
      { data: { source: 'phantoms', samples: 20 }, network: undefined, model: { type: 'unet' } },
      'model',
      'target: segmentation',
    ],
    [
      'a loss for another task',
      {
        data: { source: 'text', length: 8 },
        network: undefined,
        model: { type: 'gru', hidden: 4 },
        loss: 'crossEntropy',
      },
      'loss',
      'the data is for language: use nextToken',
    ],
  ])('%s: refused at its place', async (_, change, path, reason) => {
    const error: unknown = await openRun({ ...healthy, ...change }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).path.join('.')).toBe(path);
    expect((error as EngineError).reason).toContain(reason);
  });

  test('a shape that does not fit names the site and its place', async () => {
    const spec = {
      ...healthy,
      network: [
        { type: 'residual', shortcut: 'identity', body: [{ type: 'dense', out: 7 }] },
        { type: 'dense', out: 10 },
      ],
    };
    await expect(openRun(spec)).rejects.toThrow(/network\.0: at 0\.residual: .*must keep the shape/);
  });

  test('a network of 10⁹ parameters is refused with its estimate, before anything is allocated', async () => {
    const spec = {
      ...healthy,
      network: [
        { type: 'dense', out: 31_623, repeat: 2 },
        { type: 'dense', out: 10 },
      ],
    };
    const start = performance.now();
    await expect(openRun(spec)).rejects.toThrow(/about \d+(\.\d)? GiB \(1,00\d,\d+,\d+ parameters/);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
