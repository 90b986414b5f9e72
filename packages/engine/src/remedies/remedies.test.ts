import { describe, expect, test } from 'vitest';
import { describeData, resolveSpec, type RunSpec } from '../run/spec.js';
import { recordNetwork } from '../run/run.js';
import { wordsIn, factsIn, type RemedyId } from '../diagnoses/words/words.js';
import * as remedies from './index.js';
import { isRefusal, type Remedy } from './remedy.js';

const digits = { source: 'digits', batch: 16 };
const families: Record<string, object> = {
  mlp: { data: digits, model: { type: 'mlp', activation: 'sigmoid', depth: 6 } },
  'mlp as layers': {
    data: digits,
    network: [
      { type: 'dense', out: 32, activation: 'tanh', init: { normal: 0.01 }, repeat: 5 },
      { type: 'dense', out: 10 },
    ],
  },
  cnn: { data: digits, model: { type: 'cnn', activation: 'sigmoid', depth: 4 } },
  'cnn as layers': {
    data: digits,
    network: [
      { type: 'conv2d', out: 8, activation: 'sigmoid', repeat: 4 },
      { type: 'globalAvgPool2d' },
      { type: 'dense', out: 10 },
    ],
  },
  resnet: { data: digits, model: { type: 'resnet', depth: 14, norm: 'none' } },
  'residual mlp': { data: digits, model: { type: 'mlp', depth: 10, skip: true } },
  rnn: { data: { source: 'sequentialDigits', batch: 16 }, model: { type: 'rnn', hidden: 16 } },
  'rnn as layers': {
    data: { source: 'adding', length: 20, batch: 16 },
    network: [
      { type: 'rnn', hidden: 16 },
      { type: 'dense', out: 1 },
    ],
  },
  lstm: {
    data: { source: 'adding', length: 30, batch: 16 },
    model: { type: 'lstm', hidden: 16, forgetBias: 0 },
  },
  gru: { data: { source: 'sentiment', batch: 16 }, model: { type: 'gru', hidden: 16 } },
  transformer: {
    data: { source: 'sentiment', batch: 16 },
    model: { type: 'transformer', norm: 'post', width: 16, heads: 2 },
  },
  gpt: { data: { source: 'text', length: 16, batch: 4 }, model: { type: 'gpt', width: 16, heads: 2 } },
  unet: { data: { source: 'phantoms', target: 'segmentation', batch: 4 }, model: { type: 'unet', width: 4 } },
  'unet without skips': {
    data: { source: 'phantoms', target: 'segmentation', batch: 4 },
    model: { type: 'unet', width: 4, skip: false, norm: 'none', activation: 'sigmoid' },
  },
  yolo: { data: { source: 'shapes', batch: 4 }, model: { type: 'yolo' } },
};

const patients = Object.entries(families).map(
  ([name, family]) => [name, resolveSpec({ fuga: 1, ...family })] as const,
);
const all = Object.entries(remedies) as [RemedyId, Remedy][];

function apply(id: RemedyId, spec: RunSpec) {
  const data = describeData(spec.data);
  const result = remedies[id].apply(spec, { data });
  return isRefusal(result) ? result : resolveSpec(result);
}

const layersOf = (spec: RunSpec) => recordNetwork(spec, describeData(spec.data), 'train').sites;

describe('remedies', () => {
  test('every remedy of the contract is on the shelf, with words in both languages', () => {
    expect(all.map(([id]) => id).sort()).toEqual(Object.keys(wordsIn('en').remedies).sort());
    for (const [id, remedy] of all) {
      expect(remedy.id).toBe(id);
      expect(remedy.about.source!.length).toBeGreaterThan(5);
      expect(wordsIn('pt-BR').remedies[id].why).not.toBe(wordsIn('en').remedies[id].why);
    }
  });

  for (const [name, spec] of patients) {
    test(`${name}: each remedy gives a network that builds and differs, or says why not`, () => {
      let applied = 0;
      for (const [id] of all) {
        const result = apply(id, spec);
        if (isRefusal(result)) {
          const because = wordsIn('en').refusals[result.reason](factsIn('en', {}, result.names));
          expect(because, id).not.toMatch(/undefined|what\b.*\(what\)/);
          continue;
        }
        applied++;
        expect(layersOf(result).length, id).toBeGreaterThan(0);
        expect({ ...result, name: '' }, id).not.toEqual({ ...spec, name: '' });
        expect(result.seed, id).toBe(spec.seed);
        expect(result.data.batch, id).toBe(spec.data.batch);
      }
      expect(applied).toBeGreaterThan(4);
    });
  }

  test('skips go around layers that keep their shape, in a model and in a list of layers', () => {
    for (const [name, skips] of [
      ['mlp', 5],
      ['mlp as layers', 4],
      ['cnn as layers', 3],
    ] as const) {
      const treated = apply('residual', patients.find(([each]) => each === name)![1]);
      if (isRefusal(treated)) throw new Error(treated.reason);
      expect(layersOf(treated).filter(({ factor }) => factor === 'skip').length, name).toBe(skips);
    }
  });

  test('norms stand between weights and activation', () => {
    const treated = apply('batchNorm', patients[1]![1]);
    if (isRefusal(treated)) throw new Error(treated.reason);
    expect(
      layersOf(treated)
        .map(({ type }) => type)
        .slice(0, 4),
    ).toEqual(['dense', 'batchNorm', 'activation', 'dense']);
    expect(layersOf(treated).at(-1)!.type).toBe('dense');
  });

  test('an init set on the hidden layers reaches a last layer that was as sick', () => {
    const spec = resolveSpec({
      fuga: 1,
      data: digits,
      network: [
        { type: 'dense', out: 8, activation: 'relu', init: 'zeros' },
        { type: 'dense', out: 10, init: 'zeros' },
      ],
    });
    const treated = apply('heInit', spec);
    if (isRefusal(treated)) throw new Error(treated.reason);
    expect(treated.network!.map((layer) => layer['init'])).toEqual(['heNormal', 'xavierUniform']);
  });

  test('the branches of a residual network are scaled by one over the root of their number', () => {
    const treated = apply('scaledResidual', patients.find(([name]) => name === 'residual mlp')![1]);
    if (isRefusal(treated)) throw new Error(treated.reason);
    const scales = layersOf(treated)
      .filter(({ factor }) => factor === 'skip')
      .map(({ options }) => options['scale']);
    expect(new Set(scales)).toEqual(new Set([0.333]));
  });

  test('cells are swapped and keep their size', () => {
    const treated = apply('lstm', patients.find(([name]) => name === 'rnn as layers')![1]);
    if (isRefusal(treated)) throw new Error(treated.reason);
    expect(treated.network![0]).toMatchObject({ type: 'lstm', hidden: 16, forgetBias: 1 });
  });

  test('a bare loss gets bare logits', () => {
    const spec = resolveSpec({
      fuga: 1,
      data: digits,
      network: [{ type: 'dense', out: 10, activation: 'softmax' }],
      loss: 'crossEntropy',
    });
    const treated = apply('fixLoss', spec);
    if (isRefusal(treated)) throw new Error(treated.reason);
    expect(treated.network![0]!['activation']).toBe('identity');
    expect(apply('fixLoss', treated)).toMatchObject({ reason: 'lossFits' });
  });

  test('a learning rate follows the finding', () => {
    const [, spec] = patients[0]!;
    const finding = { evidence: { suggested: 0.02 } } as never;
    const treated = remedies.lowerLearningRate.apply(spec, { data: describeData(spec.data), finding });
    expect((treated as RunSpec).optimizer.lr).toBe(spec.optimizer.lr > 0.02 ? 0.02 : spec.optimizer.lr / 10);
  });
});
