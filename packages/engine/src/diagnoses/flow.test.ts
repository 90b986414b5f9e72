import { describe, expect, test } from 'vitest';
import { openRun } from '../run/run.js';
import { train } from '../run/train.js';
import { gatherEvidence, type Evidence } from './evidence.js';
import { factorOf } from './factors.js';
import { coverage, predictedGradients, predictSite } from './flow.js';

/** Evidence of a network at its first step, on white noise: what the theory assumes of an input. */
async function atStart(spec: object, seed = 1): Promise<Evidence> {
  const run = await openRun({
    fuga: 1,
    seed,
    data: { source: 'gaussian', features: 64, batch: 32 },
    steps: 1,
    ...spec,
  });
  for (const _ of train(run));
  return gatherEvidence(run)!;
}

const mlp = (depth: number, activation: string, init: unknown, width = 64) => ({
  model: { type: 'mlp', depth, width, activation, init },
});

describe('the gradient’s flow against the theory', () => {
  test.each([
    ['He-ReLU, 20 layers', mlp(20, 'relu', 'heNormal')],
    ['Xavier-ReLU, 20 layers', mlp(20, 'relu', 'xavierNormal')],
    ['tanh at the edge of chaos, 20 layers', mlp(20, 'tanh', 'lecunNormal')],
    ['chaotic tanh, 10 layers', mlp(10, 'tanh', { fn: 'lecunNormal', gain: 2 })],
    ['sigmoid, 10 layers', mlp(10, 'sigmoid', 'lecunNormal')],
    ['SELU, 15 layers', mlp(15, 'selu', 'lecunNormal')],
    ['narrow ReLU, 16 units, 15 layers', mlp(15, 'relu', 'heNormal', 16)],
  ])('%s: the first layer’s gradient lies in the band in at least 9 of 12 draws', async (_, spec) => {
    let within = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const evidence = await atStart(spec, seed);
      const [low, mean, high] = predictedGradients(evidence)[0]!;
      expect(low).toBeLessThan(mean);
      expect(mean).toBeLessThan(high);
      const measured = evidence.sites[0]!.initial.gradientRms;
      if (measured >= low && measured <= high) within++;
    }
    expect(within).toBeGreaterThanOrEqual(9);
  });

  test('a layer’s predicted factor is the measured one within 15 %, in the median over the layers', async () => {
    for (const spec of [
      mlp(12, 'tanh', 'lecunNormal', 128),
      mlp(12, 'gelu', { fn: 'heNormal', gain: 1 }, 128),
    ]) {
      const evidence = await atStart(spec);
      const errors = evidence.chain
        .slice(1)
        .map((site) => Math.abs(predictSite(evidence, site)!.factor / site.initial.totalFactor - 1))
        .sort((a, b) => a - b);
      expect(errors[errors.length >> 1]).toBeLessThan(0.15);
    }
  });

  test('a convolution’s factor counts the taps over the padding', async () => {
    const evidence = await atStart({
      data: { source: 'gaussian', shape: [8, 4, 4], batch: 32 },
      network: [
        { type: 'conv2d', out: 32, activation: 'relu', repeat: 5 },
        { type: 'flatten' },
        { type: 'dense', out: 10 },
      ],
    });
    const convs = evidence.chain.filter(({ info }) => info.type === 'conv2d');
    // Of three taps in a row, 10 of 12 lie over an image of four.
    expect(coverage(convs[1]!)).toBeCloseTo((10 / 12) ** 2, 12);
    expect(coverage(evidence.chain.at(-1)!)).toBe(1);
    for (const conv of convs.slice(1)) {
      const ratio = predictSite(evidence, conv)!.factor / conv.initial.totalFactor;
      expect(ratio).toBeGreaterThan(0.7);
      expect(ratio).toBeLessThan(1.4);
    }
  });

  test('no law is claimed for norms, containers, recurrent layers and equal units', async () => {
    const normed = await atStart({ model: { type: 'mlp', depth: 3, norm: 'layer', skip: true } });
    for (const site of normed.sites) {
      if (site.info.factor !== 'weights') expect(predictSite(normed, site)).toBeNull();
    }
    const equal = await atStart(mlp(3, 'tanh', { constant: 0.1 }));
    expect(predictSite(equal, equal.chain[1]!)).toBeNull();
    const recurrent = await atStart({
      data: { source: 'sequentialDigits', batch: 8 },
      model: { type: 'rnn', hidden: 8 },
    });
    expect(predictSite(recurrent, recurrent.chain[0]!)).toBeNull();
  });
});

describe('factors', () => {
  test.each([
    ['dense', { model: { type: 'mlp', depth: 4, activation: 'tanh' } }],
    ['norms', { model: { type: 'mlp', depth: 4, norm: 'batch' } }],
    ['residual', { model: { type: 'mlp', depth: 4, skip: true, norm: 'layer' } }],
    [
      'scaled residual',
      {
        network: [
          { type: 'dense', out: 32 },
          {
            type: 'residual',
            scale: 0.5,
            body: [
              { type: 'dense', out: 32, activation: 'tanh' },
              { type: 'dense', out: 32 },
            ],
            repeat: 3,
          },
          { type: 'dense', out: 10 },
        ],
      },
    ],
    ['resnet', { data: { source: 'digits', batch: 8 }, model: { type: 'resnet', depth: 8, width: 4 } }],
    ['lstm', { data: { source: 'sequentialDigits', batch: 8 }, model: { type: 'lstm', hidden: 8 } }],
    [
      'transformer',
      {
        data: { source: 'sequentialDigits', batch: 8 },
        model: { type: 'transformer', width: 16, layers: 2 },
      },
    ],
  ])('%s: weights × activation × normalization × skip is the measured total', async (_, spec) => {
    const evidence = await atStart(spec);
    let checked = 0;
    for (const site of evidence.sites) {
      const { total, weights, activation, normalization, skip } = factorOf(evidence, site, 'initial');
      if (total === null) continue;
      expect(weights! * activation! * normalization! * skip!).toBeCloseTo(total, 6);
      checked++;
    }
    expect(checked).toBeGreaterThan(1);
  });

  test('what lies within a residual multiplies the branch’s gradient by just what its parts measure', async () => {
    const body = [
      { type: 'dense', out: 32, activation: 'tanh' },
      { type: 'layerNorm' },
      { type: 'dense', out: 32 },
    ];
    const evidence = await atStart({
      network: [
        { type: 'dense', out: 32 },
        { type: 'residual', scale: 0.5, body, repeat: 3 },
        { type: 'dense', out: 10 },
      ],
    });
    const blocks = evidence.sites.filter(({ info }) => info.type === 'residual');
    expect(blocks.length).toBe(3);
    for (const block of blocks) {
      const { branchIn, branchOut } = evidence.initial.details![block.index]!.parts;
      const { weights, activation, normalization } = factorOf(evidence, block, 'initial');
      expect((weights! * activation! * normalization!) / (branchIn! / branchOut!)).toBeCloseTo(1, 4);
      expect(block.children.length).toBe(3);
    }
  });
});
