import { loadKernels } from '@fuga/core-wasm';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { Graph } from '../packages/engine/src/core/graph.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { Scope } from '../packages/engine/src/core/scope.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import type { Site } from '../packages/engine/src/core/site.js';
import { placeOf, Tape } from '../packages/engine/src/core/tape.js';
import { readNetworkFile, type NetworkFile } from '../packages/engine/src/formats/network.js';
import type { ModelProto } from '../packages/engine/src/formats/onnx/proto.js';
import { importOnnx } from '../packages/engine/src/formats/onnx/import.js';
import { meanSquaredError } from '../packages/engine/src/losses/index.js';
import { backwardThrough } from './gradients.js';

const folder = join(import.meta.dirname, 'golden', 'keras');
const bytesOf = (name: string) => new Uint8Array(readFileSync(join(folder, name)));

interface Tensor {
  readonly shape: number[];
  readonly data: number[];
}

interface Expected {
  readonly models: Readonly<
    Record<
      string,
      { files: string[]; x: Tensor; y: Tensor; weights: Record<string, { sum: number; squares: number }> }
    >
  >;
}

const { models } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
const cases = Object.entries(models).flatMap(([name, model]) =>
  model.files.map((file) => [file, { ...model, name }] as const),
);

/** A fixture as a front end would give it: a `.json` with the weights beside it. */
function given(file: string): NetworkFile {
  if (!file.endsWith('.json')) return { name: file, bytes: bytesOf(file) };
  const weights = file.replace('.json', '.weights.h5');
  return { name: file, bytes: bytesOf(file), beside: new Map([[weights, bytesOf(weights)]]) };
}

async function run(file: NetworkFile, x: Tensor) {
  const source = readNetworkFile(file);
  expect(source.hasWeights).toBe(true);
  const imported = importOnnx(source, { shape: x.shape });
  const arena = new Arena(await loadKernels({ variant: 'simd' }));
  const graph = new Graph();
  const parameters = new Parameters();
  const sites: Site[] = [];
  const scope = new Scope({ graph, parameters, layers: {}, sites, mode: 'eval' });
  const isIds = imported.input.kind === 'ids';
  const input = graph.input('input', x.shape, isIds ? { dtype: 'i32' } : { needsGrad: true });
  const { output } = imported.record(input, scope);
  const target = graph.input('target', [...output.shape], {});
  const made = scope.apply(meanSquaredError.op({}, 'train'), [output, target], undefined);
  parameters.allocate(arena);
  parameters.initialize(arena, 1);
  const tape = new Tape(graph, arena, { loss: made, keep: [output], seed: 1 });
  arena.write(input.data, isIds ? Int32Array.from(x.data) : Float32Array.from(x.data));
  arena.write(
    target.data,
    Float32Array.from({ length: sizeOf(output.shape) }, (_, i) => Math.sin(i) - 2),
  );
  tape.forward();
  const y = arena.read(placeOf(output).data, sizeOf(output.shape));
  return { arena, tape, sites, y: Float32Array.from(y) };
}

describe.each(cases)('%s', (file, { x, y: expected, weights }) => {
  test('answers as Keras does, with a gradient at every site', async () => {
    const { arena, tape, sites, y } = await run(given(file), x);
    const largest = Math.max(...expected.data.map(Math.abs));
    const worst = Math.max(...expected.data.map((value, i) => Math.abs(value - y[i]!))) / largest;
    expect(y.length).toBe(expected.data.length);
    expect(worst).toBeLessThanOrEqual(1e-4);
    const { dead, seen } = backwardThrough(tape, arena, sites);
    expect(dead).toEqual([]);
    expect(seen).toBeGreaterThan(1);
  });

  test('has each weight under Keras’ name', () => {
    const { model } = readNetworkFile(given(file));
    const graph = (model as ModelProto).graph!;
    const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor.raw]));
    for (const [path, { sum, squares }] of Object.entries(weights)) {
      const raw = stored.get(path);
      expect(raw, path).toBeDefined();
      const numbers = Array.from(new Float32Array(raw!.slice().buffer));
      const scale = Math.max(1e-9, squares);
      expect(Math.abs(numbers.reduce((a, b) => a + b, 0) - sum), path).toBeLessThan(
        1e-5 * (1 + Math.abs(sum)),
      );
      expect(Math.abs(numbers.reduce((a, b) => a + b * b, 0) - squares) / scale, path).toBeLessThan(1e-5);
    }
  });
});

describe('what does not fit is told', () => {
  const utf8 = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const text = JSON.parse(readFileSync(join(folder, 'text.json'), 'utf8')) as {
    config: { layers: { class_name: string; config: Record<string, unknown> }[] };
  };
  const weights = bytesOf('text.weights.h5');
  const open = (json: unknown, beside: Record<string, Uint8Array> = { 'text.weights.h5': weights }) =>
    readNetworkFile({ name: 'text.json', bytes: utf8(json), beside: new Map(Object.entries(beside)) });
  const changed = (kind: string, config: Record<string, unknown>) => {
    const copy = structuredClone(text);
    const layer = copy.config.layers.find(({ class_name }) => class_name === kind)!;
    Object.assign(layer.config, config);
    return copy;
  };

  test('a shape: file, dataset, layer, both shapes, what to do', () => {
    expect(() => open(changed('Dense', { units: 9 }))).toThrow(
      /^text\.weights\.h5: the dataset "layers\/dense\/vars\/0" has the shape \[3, 2\], the layer "dense\w*" needs \[3, 9\] for its kernel; save the architecture and the weights of one model$/,
    );
  });

  test('a weight that is not there', () => {
    const copy = structuredClone(text);
    copy.config.layers.push(structuredClone(copy.config.layers.at(-1)!));
    copy.config.layers.at(-1)!.config['name'] = 'second';
    expect(() => open(copy)).toThrow(
      /^text\.weights\.h5 has for the layer "second" no dataset "layers\/dense_1\/vars\/0" for its kernel; layers has .*dense/,
    );
  });

  test('files beside: the one of the same name, the only one, or a question', () => {
    expect(open(text).hasWeights).toBe(true);
    expect(open(text, { 'other.h5': weights }).hasWeights).toBe(true);
    expect(open(text, { 'text.weights.h5': weights, 'other.h5': weights }).hasWeights).toBe(true);
    expect(open(text, {}).hasWeights).toBe(false);
    expect(() => open(text, { 'a.h5': weights, 'b.h5': weights })).toThrow(
      /2 files beside text\.json .*\(a\.h5, b\.h5\); name the right one text\.weights\.h5/,
    );
    expect(() => readNetworkFile({ name: 'text.weights.h5', bytes: weights })).toThrow(
      /weights without an architecture; .*model\.to_json\(\)/,
    );
    expect(() => open(text, { 'text.weights.h5': bytesOf('hdf5/v108.h5') })).toThrow(
      /holds no weights of a Keras model: it has .*types.*; expected "layers" or "model_weights"/,
    );
  });

  test('steps of padding that would be left out', () => {
    expect(() => open(changed('Embedding', { mask_zero: true }))).toThrow(/build it with mask_zero=False/);
  });

  test('layers of one’s own, and those of Keras that are not read', () => {
    const layer = (more: Record<string, unknown>) => ({
      class_name: 'Sequential',
      config: { name: 's', layers: [{ config: { name: 'x', batch_input_shape: [null, 4] }, ...more }] },
    });
    const own = layer({ class_name: 'Swirl', module: 'mine', registered_name: 'Mine>Swirl' });
    expect(() => open(own, {})).toThrow(/"x" is a Swirl, a layer of your own \(Mine>Swirl\), .* to ONNX/);
    const unread = layer({ class_name: 'ConvLSTM2D', module: 'keras.layers', registered_name: null });
    expect(() => open(unread, {})).toThrow(/"x" is a ConvLSTM2D, which is not supported; .* to ONNX/);
  });
});

test('the hard sigmoid rises by 0.2 until Keras 2, by a sixth from Keras 3 on', () => {
  const slope = (keras_version: string) => {
    const layer = { class_name: 'Activation', config: { name: 'a', activation: 'hard_sigmoid' } };
    Object.assign(layer.config, { batch_input_shape: [null, 4] });
    const json = { class_name: 'Sequential', keras_version, config: { name: 's', layers: [layer] } };
    const { model } = readNetworkFile({
      name: 'a.json',
      bytes: new TextEncoder().encode(JSON.stringify(json)),
    });
    return (model as ModelProto).graph!.nodes[0]!.attributes.get('alpha')!.float;
  };
  expect(slope('2.15.0')).toBe(0.2);
  expect(slope('3.15.1')).toBe(1 / 6);
});
