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
import { ownerOf } from '../packages/engine/src/core/tensor.js';
import { readNetworkFile, type NetworkFile } from '../packages/engine/src/formats/network.js';
import type { ModelProto } from '../packages/engine/src/formats/onnx/proto.js';
import { importOnnx } from '../packages/engine/src/formats/onnx/import.js';
import { meanSquaredError } from '../packages/engine/src/losses/index.js';

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
    const dead: string[] = [];
    let seen = 0;
    tape.backward({
      afterForward: () => undefined,
      beforeBackward: (index) => {
        for (const output of tape.graph.records[index]!.outputs) {
          for (const site of sites) {
            if (ownerOf(site.output) !== output) continue;
            seen++;
            const { grad, size } = placeOf(output);
            if (!(arena.kernels.sumSquares(size, grad) > 0)) dead.push(site.name);
          }
        }
      },
      afterBackward: () => undefined,
    });
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
