import { loadKernels } from '@fuga/core-wasm';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { EngineError } from '../packages/engine/src/core/errors.js';
import { Graph } from '../packages/engine/src/core/graph.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { Scope } from '../packages/engine/src/core/scope.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import type { Site } from '../packages/engine/src/core/site.js';
import { placeOf, Tape } from '../packages/engine/src/core/tape.js';
import { ownerOf } from '../packages/engine/src/core/tensor.js';
import { readKeras } from '../packages/engine/src/formats/keras/keras.js';
import { importOnnx } from '../packages/engine/src/formats/onnx/import.js';
import { crossEntropy } from '../packages/engine/src/losses/index.js';
import { backwardThrough } from './gradients.js';
import { Lcg } from './nets.js';

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, '..', 'node_modules');

/** A tfjs layers model of nsfwjs: topology and shards are wrapped as modules of base64 text. */
function wrapped(name: string): { json: unknown; shards: Map<string, Uint8Array> } {
  const folder = join(root, 'nsfwjs', 'dist', 'models', name);
  const json = require(join(folder, 'model.min.js')) as { weightsManifest: { paths: string[] }[] };
  const paths = json.weightsManifest.flatMap(({ paths }) => paths);
  const shards = new Map(
    paths.map((path) => [
      path,
      new Uint8Array(Buffer.from(require(join(folder, `${path}.min.js`)) as string, 'base64')),
    ]),
  );
  return { json, shards };
}

/** inception_v3 for images of 75 pixels instead of 299: its last pooling has one number to look at then, not 8 × 8. */
function smaller(json: unknown): unknown {
  const text = JSON.stringify(json);
  const made = text.replace('[null,299,299,3]', '[null,75,75,3]').replaceAll('[8,8]', '[1,1]');
  expect(text.length - made.length).toBe(2);
  return JSON.parse(made);
}

async function open(
  json: unknown,
  shards: Map<string, Uint8Array>,
  shape?: readonly number[],
  mode: 'train' | 'eval' = 'eval',
) {
  const keras = readKeras(json, { shards });
  const imported = importOnnx(
    { model: keras.model, name: keras.name },
    { ...(shape ? { shape } : {}), reinit: !keras.hasWeights },
  );
  const arena = new Arena(await loadKernels({ variant: 'simd' }));
  const graph = new Graph();
  const parameters = new Parameters();
  const sites: Site[] = [];
  const scope = new Scope({ graph, parameters, layers: {}, sites, mode });
  const isIds = imported.input.kind === 'ids';
  const input = graph.input('input', imported.input.shape, isIds ? { dtype: 'i32' } : { needsGrad: true });
  const { output } = imported.record(input, scope);
  const target = graph.input('target', [imported.input.shape[0]!], { dtype: 'i32' });
  const loss = scope.apply(crossEntropy.op({ labelSmoothing: 0 }, 'train'), [output, target], undefined);
  parameters.allocate(arena);
  parameters.initialize(arena, 1);
  const tape = new Tape(graph, arena, { loss, keep: [output], seed: 1 });
  const draw = new Lcg(5);
  const size = sizeOf(imported.input.shape);
  if (isIds)
    arena.write(
      input.data,
      Int32Array.from({ length: size }, (_, i) => i % 3),
    );
  else
    arena.write(
      input.data,
      Float32Array.from({ length: size }, () => draw.uniform(0, 1)),
    );
  tape.forward();
  const y = () => arena.read(placeOf(output).data, sizeOf(output.shape));
  return { arena, tape, sites, parameters, graph, output, loss, y, imported, input };
}

describe.each([
  ['mobilenet_v2', 52 + 35 + 17 + 35],
  ['inception_v3', 94 * 3],
] as const)('nsfwjs’s %s (Keras layers)', (name, atLeast) => {
  test('loads, answers with probabilities, and has a gradient at every site', async () => {
    const { json, shards } = wrapped(name);
    const { y, sites, tape, arena, parameters } = await open(json, shards);
    expect(y().length).toBe(5);
    expect(y().reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    expect(Math.max(...y())).toBeGreaterThan(0.25);
    expect(sites.length).toBeGreaterThanOrEqual(atLeast);
    expect(parameters.count).toBeGreaterThan(2_000_000);
    const { dead } = backwardThrough(tape, arena, sites);
    expect(dead).toEqual([]);
  });
});

test.each([
  ['mobilenet_v2', (json: unknown) => json],
  ['inception_v3', smaller],
] as const)('finite differences of 20 weights of %s agree with its gradients', async (name, change) => {
  const { json, shards } = wrapped(name);
  const { tape, arena, parameters, loss } = await open(change(json), shards);
  tape.backward();
  const draw = new Lcg(13);
  const wrong: string[] = [];
  for (let i = 0; i < 20; i++) {
    const { tensor, path } = parameters.trained[Math.floor(draw.next() * parameters.trained.length)]!;
    const grads = arena.read(tensor.grad, sizeOf(tensor.shape));
    const at = grads.reduce((best, value, j) => (Math.abs(value) > Math.abs(grads[best]!) ? j : best), 0);
    const index = (tensor.data >> 2) + at;
    const start = arena.f32[index]!;
    const value = (x: number) => {
      arena.f32[index] = x;
      tape.forward();
      const result = [arena.f32[loss.data >> 2]!, arena.f32[index]!] as const;
      arena.f32[index] = start;
      return result;
    };
    const agrees = [0.01, 0.002].some((relative) => {
      const h = relative * Math.max(Math.abs(start), 0.05);
      const [[high, up], [low, down]] = [value(start + h), value(start - h)];
      // The loss is a float32 near 1: it carries 2⁻²⁴, and 200 layers of it.
      return Math.abs((high - low) / (up - down) - grads[at]!) <= 0.03 * Math.abs(grads[at]!) + 3e-6 / h;
    });
    if (!agrees) wrong.push(`${path}[${at}]: ${grads[at]}`);
  }
  expect(wrong).toEqual([]);
});

describe('Keras layers one by one', () => {
  const sequential = (layers: unknown[]) => ({ class_name: 'Sequential', config: { name: 's', layers } });
  const layer = (class_name: string, config: Record<string, unknown>) => ({
    class_name,
    config: { name: class_name.toLowerCase(), ...config },
  });
  const manifest = (weights: Record<string, { shape: number[]; data: number[] }>) => {
    const all = Object.entries(weights);
    const bytes = new Uint8Array(Float32Array.from(all.flatMap(([, { data }]) => data)).buffer);
    return {
      manifest: [
        { paths: ['w'], weights: all.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' })) },
      ],
      shards: new Map([['w', bytes]]),
    };
  };
  const count = (n: number, from = 0) => Array.from({ length: n }, (_, i) => Math.sin(1 + i + from));

  test('a convolution and a dense layer read channels last, as Keras computes them', async () => {
    const { manifest: weightsManifest, shards } = manifest({
      'conv2d/kernel': { shape: [2, 2, 2, 3], data: count(24) },
      'conv2d/bias': { shape: [3], data: count(3, 40) },
      'dense/kernel': { shape: [12, 2], data: count(24, 80) },
      'dense/bias': { shape: [2], data: count(2, 90) },
    });
    const topology = sequential([
      layer('Conv2D', {
        batch_input_shape: [null, 3, 3, 2],
        filters: 3,
        kernel_size: [2, 2],
        activation: 'relu',
      }),
      layer('Flatten', {}),
      layer('Dense', { units: 2 }),
    ]);
    const { y, arena, input } = await open({ modelTopology: topology, weightsManifest }, shards);
    // The same in loops, in float64 and Keras' own order.
    const x = arena.read(input.data, 18);
    const [k, kb, w, wb] = [count(24), count(3, 40), count(24, 80), count(2, 90)];
    const hidden: number[] = [];
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 2; j++)
        for (let o = 0; o < 3; o++) {
          let sum = kb[o]!;
          for (let a = 0; a < 2; a++)
            for (let b = 0; b < 2; b++)
              for (let c = 0; c < 2; c++)
                sum += x[((i + a) * 3 + j + b) * 2 + c]! * k[((a * 2 + b) * 2 + c) * 3 + o]!;
          hidden.push(Math.max(0, sum));
        }
    const expected = [0, 1].map((o) => hidden.reduce((sum, value, i) => sum + value * w[i * 2 + o]!, wb[o]!));
    y().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  test('an LSTM’s gates are Keras’ i, f, c, o', async () => {
    const [I, H, T] = [2, 3, 4];
    const { manifest: weightsManifest, shards } = manifest({
      'lstm/kernel': { shape: [I, 4 * H], data: count(I * 4 * H) },
      'lstm/recurrent_kernel': { shape: [H, 4 * H], data: count(H * 4 * H, 30) },
      'lstm/bias': { shape: [4 * H], data: count(4 * H, 70) },
    });
    const { y, arena, input } = await open(
      {
        modelTopology: sequential([layer('LSTM', { batch_input_shape: [null, T, I], units: H })]),
        weightsManifest,
      },
      shards,
    );
    const x = arena.read(input.data, T * I);
    const [k, r, b] = [count(I * 4 * H), count(H * 4 * H, 30), count(4 * H, 70)];
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    let [h, c] = [new Array<number>(H).fill(0), new Array<number>(H).fill(0)];
    for (let t = 0; t < T; t++) {
      const z = b.map((bias, g) => {
        let sum = bias;
        for (let i = 0; i < I; i++) sum += x[t * I + i]! * k[i * 4 * H + g]!;
        for (let i = 0; i < H; i++) sum += h[i]! * r[i * 4 * H + g]!;
        return sum;
      });
      c = c.map((cell, u) => sigmoid(z[H + u]!) * cell + sigmoid(z[u]!) * Math.tanh(z[2 * H + u]!));
      h = c.map((cell, u) => sigmoid(z[3 * H + u]!) * Math.tanh(cell));
    }
    y().forEach((value, i) => expect(value).toBeCloseTo(h[i]!, 5));
  });

  test('a topology without weights is drawn anew, and trains', async () => {
    const topology = sequential([
      layer('Embedding', { batch_input_shape: [null, 6], dtype: 'int32', input_dim: 11, output_dim: 4 }),
      layer('GRU', { units: 5, return_sequences: true, reset_after: true, name: 'g1' }),
      layer('SimpleRNN', { units: 4, name: 'g2' }),
      layer('Dense', { units: 3, activation: 'softmax' }),
    ]);
    const { tape, parameters, arena, sites } = await open(topology, new Map(), [2, 6], 'train');
    tape.backward();
    for (const { tensor } of parameters.trained)
      expect(arena.kernels.sumSquares(sizeOf(tensor.shape), tensor.grad)).toBeGreaterThan(0);
    expect(sites.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['embedding', 'gru', 'rnn', 'dense', 'activation']),
    );
  });

  test.each(['sigmoid', 'hard_sigmoid'])(
    'the gradient at a recurrent layer of which the last state alone is read (gates: %s)',
    async (recurrent_activation) => {
      const topology = sequential([
        layer('LSTM', { batch_input_shape: [null, 5, 3], units: 4, recurrent_activation }),
        layer('Dense', { units: 2 }),
      ]);
      const { tape, sites, arena, parameters } = await open(topology, new Map(), [3, 5, 3], 'train');
      // Memory as after a step: what nobody writes is not zero.
      tape.backward();
      tape.forward();
      const gradients = new Map<string, Float32Array>();
      tape.backward({
        afterForward: () => undefined,
        beforeBackward: (index) => {
          for (const output of tape.graph.records[index]!.outputs)
            for (const site of sites)
              if (ownerOf(site.output) === output)
                gradients.set(
                  site.name,
                  Float32Array.from(arena.read(placeOf(output).grad, placeOf(output).size)),
                );
        },
        afterBackward: () => undefined,
      });
      const kernel = parameters.trained.find(({ path }) => path === 'dense/kernel')!;
      const w = arena.read(kernel.tensor.data, 8);
      const g = gradients.get('dense')!;
      const expected = Array.from({ length: 12 }, (_, i) => {
        const [n, unit] = [Math.floor(i / 4), i % 4];
        return w[unit * 2]! * g[n * 2]! + w[unit * 2 + 1]! * g[n * 2 + 1]!;
      });
      const found = [...gradients.get('lstm')!];
      expect(found).toHaveLength(12);
      found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
    },
  );

  test('Keras 3’s links are followed: a residual', async () => {
    const tensor = (name: string) => ({
      class_name: '__keras_tensor__',
      config: { keras_history: [name, 0, 0] },
    });
    const topology = {
      class_name: 'Functional',
      config: {
        name: 'f',
        layers: [
          {
            class_name: 'InputLayer',
            name: 'in',
            config: { batch_shape: [null, 4], name: 'in' },
            inbound_nodes: [],
          },
          {
            class_name: 'Add',
            name: 'add',
            config: { name: 'add' },
            inbound_nodes: [{ args: [[tensor('in'), tensor('d')]], kwargs: {} }],
          },
          {
            class_name: 'Dense',
            name: 'd',
            config: { name: 'd', units: 4, activation: 'tanh' },
            inbound_nodes: [{ args: [tensor('in')], kwargs: {} }],
          },
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [['add', 0, 0]],
      },
    };
    const { sites, y } = await open(topology, new Map(), [3, 4], 'train');
    expect(y().length).toBe(12);
    expect(sites.map(({ name }) => name)).toEqual(['d', 'd/tanh', 'add']);
  });

  const refusals: Readonly<Record<string, [unknown, RegExp]>> = {
    'a Lambda': [
      sequential([layer('Lambda', { batch_input_shape: [null, 3], function: ['aGVsbG8=', null, null] })]),
      /holds code, which is never run/,
    ],
    'an unknown layer': [
      sequential([layer('Conv7D', { batch_input_shape: [null, 3] })]),
      /"conv7d" is a Conv7D, which is not supported/,
    ],
    'a list': [[], /not a Keras model/],
    'a model of nothing': [{}, /not a Keras model/],
    'a cycle': [
      {
        class_name: 'Functional',
        config: {
          layers: [
            { class_name: 'ReLU', name: 'a', config: { name: 'a' }, inbound_nodes: [[['b', 0, 0, {}]]] },
            { class_name: 'ReLU', name: 'b', config: { name: 'b' }, inbound_nodes: [[['a', 0, 0, {}]]] },
          ],
          output_layers: [['b', 0, 0]],
        },
      },
      /cycle or lack an input/,
    ],
  };
  test.each(Object.entries(refusals))('%s is refused with a reason', (_, [json, message]) => {
    expect(() => readKeras(json)).toThrow(EngineError);
    expect(() => readKeras(json)).toThrow(message);
  });

  test('a TensorFlow graph model is refused with the list of its operators', () => {
    const json: unknown = JSON.parse(
      readFileSync(join(root, '@vscode', 'vscode-languagedetection', 'model', 'model.json'), 'utf8'),
    );
    expect(() => readKeras(json)).toThrow(/StringToHashBucketFast/);
    expect(() => readKeras(json)).toThrow(/export to ONNX/);
  });
});
