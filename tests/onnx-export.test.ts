import { exportImported, importedRun, openRun, train, type Run } from '@fuga/engine';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import { placeOf } from '../packages/engine/src/core/tape.js';
import { importOnnx } from '../packages/engine/src/formats/onnx/import.js';
import { readModel } from '../packages/engine/src/formats/onnx/proto.js';
import { writeModel } from '../packages/engine/src/formats/onnx/write.js';
import { goldenNet, goldenNetNames, inputOf } from './nets.js';
import { resnet50 } from './resnet50.js';

ort.env.wasm.numThreads = 1;

/** The evaluation tape's output on a golden network's own input, and onnxruntime's of an exported file. */
async function both(
  run: Run,
  bytes: Uint8Array,
  x: Float32Array,
  shape: readonly number[],
  inputName: string,
) {
  const { tape, network } = run.evaluation;
  run.arena.write(network.input.data, x);
  tape.forward();
  const own = run.arena.read(placeOf(network.output).data, sizeOf(network.output.shape));
  const session = await ort.InferenceSession.create(bytes);
  const results = await session.run({ [inputName]: new ort.Tensor('float32', x, shape) });
  const other = results[session.outputNames[0]!]!.data as Float32Array;
  await session.release();
  const scale = Math.max(...Array.from(own, Math.abs));
  return Math.max(...Array.from(own, (value, i) => Math.abs(value - other[i]!))) / scale;
}

describe('export back to ONNX', () => {
  test.each([
    ['mlp20_sigmoid_xavier', {}],
    ['mlp20_sigmoid_xavier', { activation: 'relu', init: 'heNormal' }],
    ['mlp20_sigmoid_xavier', { norm: 'batch', skip: true }],
    ['mlp20_tanh_xavier', { norm: 'layer', activation: 'gelu' }],
    ['mlp15_gelu_he', { activation: 'leakyRelu' }],
    ['resnet20', {}],
    ['plaincnn14_xavier', { norm: 'batch', skip: true }],
  ] as const)('%s with %o gives onnxruntime what it gives here', async (name, change) => {
    const net = goldenNet(name);
    const x = inputOf(net);
    const { spec, options, network } = await importedRun(
      {
        model: net.read('train.onnx')!,
        name,
        externals: new Map([['weights.safetensors', net.read('weights.safetensors')!]]),
      },
      { x, y: net.io.get('target')!, steps: 5, optimizer: { type: 'sgd', lr: 0.01 } },
    );
    const run = await openRun(
      { ...spec, model: { ...(spec['model'] as object), ...change } },
      { ...options, exact: true },
    );
    for (const _ of train(run));
    const bytes = exportImported(run, network);
    const inference = withoutTraining(bytes);
    expect(await both(run, inference, x.data as Float32Array, x.shape, network.input.name)).toBeLessThan(
      1e-4,
    );
    // What was written is read again, with the weights that training left.
    const again = importOnnx({ model: bytes });
    expect(again.input.shape).toEqual(network.input.shape);
  });

  test('every golden network survives writing and reading', () => {
    for (const name of goldenNetNames()) {
      const model = readModel(goldenNet(name).read('train.onnx')!);
      const again = readModel(writeModel(model));
      expect(again.graph!.nodes.map(({ opType, inputs, outputs }) => [opType, inputs, outputs])).toEqual(
        model.graph!.nodes.map(({ opType, inputs, outputs }) => [opType, inputs, outputs]),
      );
      expect(again.graph!.initializers.map(({ name: tensor, dims }) => [tensor, dims])).toEqual(
        model.graph!.initializers.map(({ name: tensor, dims }) => [tensor, dims]),
      );
    }
  });
});

/** Batch norms of a training-mode export set to inference, as onnxruntime's inference build expects them. */
function withoutTraining(bytes: Uint8Array): Uint8Array {
  const model = readModel(bytes);
  const nodes = model.graph!.nodes.map((node) => {
    if (node.opType !== 'BatchNormalization') return node;
    const attributes = new Map([...node.attributes].filter(([name]) => name !== 'training_mode'));
    return { ...node, attributes, outputs: node.outputs.slice(0, 1) };
  });
  return writeModel({ ...model, graph: { ...model.graph!, nodes } });
}

test('a network of ResNet-50’s size at 64 pixels takes less than a minute and 2 GiB', async () => {
  const bytes = resnet50();
  expect(bytes.length).toBeGreaterThan(100e6);
  const start = performance.now();
  const { spec, options } = await importedRun(
    { model: bytes, name: 'resnet50' },
    { shape: [8, 3, 64, 64], steps: 3 },
  );
  const run = await openRun(spec, { ...options, every: 1 });
  for (const _ of train(run));
  const seconds = (performance.now() - start) / 1000;
  console.info(
    `${seconds.toFixed(1)} s, ${run.trace.timing.stepMs.toFixed(0)} ms a step, ${(run.arena.bytes / 2 ** 20).toFixed(0)} MiB`,
  );
  expect(run.trace.parameters).toBeGreaterThan(25e6);
  expect(run.sites.filter(({ type }) => type === 'conv2d').length).toBe(53);
  expect(run.arena.bytes).toBeLessThan(2 * 2 ** 30 - bytes.length);
  expect(seconds).toBeLessThan(60);
});
