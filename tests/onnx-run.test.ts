import {
  diagnose,
  evaluate,
  fix,
  importedRun,
  oneByOne,
  openRun,
  train,
  type ImportedSettings,
} from '@fuga/engine';
import { describe, expect, test } from 'vitest';
import { goldenNet, inputOf } from './nets.js';

/** A golden network as a subject, with the data it was exported with. */
function subject(name: string, settings: ImportedSettings = {}) {
  const net = goldenNet(name);
  const target = net.io.get('target')!;
  return importedRun(
    {
      model: net.read('train.onnx')!,
      name: `${name}.onnx`,
      externals: new Map([['weights.safetensors', net.read('weights.safetensors')!]]),
    },
    { x: inputOf(net), y: target, steps: 3, ...settings },
  );
}

describe('an imported network is a full citizen', () => {
  test('sites carry the names of the file, and their gradients are PyTorch’s', async () => {
    const { probe } = goldenNet('resnet20');
    const { spec, options } = await subject('resnet20');
    const run = await openRun(spec, { ...options, exact: true, every: 1 });
    for (const frame of train(run)) if (frame.step === 1) break;
    const { sites } = diagnose(run);
    for (const layer of probe.layers) {
      // Only activations, norms, weights and joins are sites; a golden layer's value is named after its node.
      if (layer.onnx === 'y' || layer.type === 'Flat') continue;
      const site = sites.find((each) => each.site === layer.onnx.replace(/_output_0$/, ''));
      expect(site, layer.onnx).toBeDefined();
      expect(site!.gradient.norm! / layer.grad.l2).toBeCloseTo(1, 4);
      expect(
        site!.activation.rms! / (layer.act.l2 / Math.sqrt(layer.shape.reduce((a, b) => a * b, 1))),
      ).toBeCloseTo(1, 4);
    }
    expect(run.trace.losses[0]).toBeCloseTo(probe.loss.ref, 5);
  });

  test('it trains, is evaluated, and finds the disease of a deep sigmoid network', async () => {
    const { spec, options } = await subject('mlp50_sigmoid_xavier', { steps: 30 });
    const run = await openRun(spec, { ...options, exact: true });
    for (const _ of train(run));
    expect(run.trace.steps).toBe(30);
    expect(evaluate(run).loss).toBeGreaterThan(0);
    const report = diagnose(run);
    expect(report.verdict).toBe('unhealthy');
    expect(report.findings[0]!.id).toBe('vanishing');
  });

  test('remedies turn the graph: another activation, norms, skips, new weights', async () => {
    const { spec, options } = await subject('mlp20_sigmoid_xavier', { steps: 40 });
    const open = async (change: Record<string, unknown>) =>
      openRun({ ...spec, model: { ...(spec['model'] as object), ...change } }, { ...options, exact: true });
    const types = async (change: Record<string, unknown>) => {
      const { sites } = await open(change);
      return sites.map(({ type, activation }) => activation?.fn ?? type);
    };
    expect((await types({})).filter((type) => type === 'sigmoid').length).toBe(19);
    const relu = await types({ activation: 'relu', init: 'heNormal' });
    expect(relu.filter((type) => type === 'relu').length).toBe(19);
    expect(relu).not.toContain('sigmoid');
    expect((await types({ norm: 'batch' })).filter((type) => type === 'batchNorm').length).toBe(19);
    expect((await types({ skip: true })).filter((type) => type === 'add').length).toBe(18);
    const fromFile = await open({});
    const drawn = await open({ init: 'heNormal' });
    const first = (run: Awaited<ReturnType<typeof open>>) => {
      const { tensor } = run.parameters.get('fc1.weight')!;
      return Array.from(run.arena.read(tensor.data, 4));
    };
    expect(first(fromFile)).not.toEqual(first(drawn));
  });

  test('fix finds a cure for it', async () => {
    const { spec, options } = await subject('mlp20_sigmoid_xavier', { steps: 60 });
    const report = await fix(spec, {
      data: options.data.shape,
      runTrial: oneByOne({ ...options, exact: true }),
      seeds: 3,
      most: 4,
      pairs: false,
      underAdam: false,
    });
    expect(report.before.verdict).toBe('unhealthy');
    expect(report.trials.length).toBeGreaterThan(0);
    expect(report.spec.model?.type).toBe('imported');
    expect(report.best.length).toBeGreaterThan(0);
  });

  test('without data it is fed with noise', async () => {
    const net = goldenNet('vgg_bn');
    const weights = new Map([['weights.safetensors', net.read('weights.safetensors')!]]);
    const { spec, options } = await importedRun(
      { model: net.read('train.onnx')!, name: 'vgg.onnx', externals: weights },
      { steps: 2 },
    );
    const run = await openRun(spec, { ...options, exact: true });
    for (const _ of train(run));
    expect(run.trace.losses.every(Number.isFinite)).toBe(true);
    expect(run.spec.loss).toBe('crossEntropy');
  });

  test('data that does not fit is an error that says so', async () => {
    const x = { shape: [16, 7], data: new Float32Array(16 * 7) };
    await expect(subject('mlp5_relu_he', { x })).rejects.toThrow(/\[16, 12\].*got \[16, 7\]/);
  });
});
