import { loadKernels } from '@fuga/core-wasm';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { Graph } from '../packages/engine/src/core/graph.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { Scope } from '../packages/engine/src/core/scope.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import { Tape } from '../packages/engine/src/core/tape.js';
import { importOnnx, type OnnxFiles } from '../packages/engine/src/formats/onnx/import.js';
import { readConstant } from '../packages/engine/src/formats/onnx/constant.js';
import { readModel, type NodeProto, type TensorProto } from '../packages/engine/src/formats/onnx/proto.js';
import { crossEntropyOp } from '../packages/engine/src/ops/crossEntropy.js';

// Exporters store equal tensors once: norms that have not been trained would share one scale.

async function gradients(
  files: OnnxFiles,
  x: ArrayLike<number>,
  shape: readonly number[],
  target: Int32Array,
) {
  const arena = new Arena(await loadKernels({ variant: 'simd' }));
  const graph = new Graph();
  const parameters = new Parameters();
  const scope = new Scope({ graph, parameters, layers: {}, sites: [], mode: 'train' });
  const input = graph.input('input', shape, { needsGrad: true });
  const { output } = importOnnx(files).record(input, scope);
  const ids = graph.input('target', [target.length], { dtype: 'i32' });
  const attributes = { reduction: 'mean', smoothing: 0, ignore: -100, axis: 1 } as const;
  const loss = scope.apply(crossEntropyOp, [output, ids], attributes);
  parameters.allocate(arena);
  parameters.initialize(arena, 1);
  const tape = new Tape(graph, arena, { loss, keep: [output], seed: 1 });
  arena.write(input.data, Float32Array.from(x));
  arena.write(ids.data, target);
  tape.forward();
  tape.backward();
  return new Map(
    parameters.trained.map(({ path, tensor }) => [path, arena.read(tensor.grad, sizeOf(tensor.shape))]),
  );
}

const tensor = (name: string, dims: number[], values: readonly number[]): TensorProto => ({
  name,
  dims,
  dataType: 1,
  raw: new Uint8Array(Float32Array.from(values).buffer),
  numbers: [],
  external: new Map(),
  isExternal: false,
  strings: 0,
});

const node = (opType: string, inputs: string[], output: string, scope?: string): NodeProto => ({
  name: `${opType} ${output}`,
  opType,
  domain: '',
  inputs,
  outputs: [output],
  attributes: new Map(),
  ...(scope === undefined ? {} : { scope }),
});

const model = (nodes: NodeProto[], initializers: TensorProto[]): OnnxFiles => ({
  model: {
    irVersion: 8,
    producer: 'pytorch',
    opsets: new Map([['', 17]]),
    functions: [],
    graph: {
      name: 'g',
      nodes,
      initializers,
      inputs: [{ name: 'x', elementType: 1, dims: [2, 3] }],
      outputs: [{ name: 'y', elementType: 1, dims: [2, 3] }],
      sparse: 0,
    },
  },
});

const x = [1, 2, -1, 0.5, 0, 2];
const w = tensor('a.weight', [3, 3], [1, 0.5, 0, 0, 1, -0.5, 0.2, 0, 1]);
const zeros = tensor('a.bias', [3], [0, 0, 0]);

describe('parameters that an exporter stored once', () => {
  test('an Identity with a name of its own is a parameter of its own', async () => {
    const files = model(
      [
        node('Identity', ['a.bias'], 'b.bias'),
        node('Identity', ['a.weight'], 'b.weight'),
        node('Gemm', ['x', 'a.weight', 'a.bias'], 'h'),
        node('Relu', ['h'], 'r'),
        node('Gemm', ['r', 'b.weight', 'b.bias'], 'y'),
      ],
      [w, zeros],
    );
    const found = await gradients(files, x, [2, 3], Int32Array.of(0, 2));
    expect([...found.keys()].sort()).toEqual(['a.bias', 'a.weight', 'b.bias', 'b.weight']);
    // Of the last layer: Σ softmax − onehot, whose entries sum to 0; of the first: through weights and ReLU.
    expect(found.get('b.bias')!.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
    expect(found.get('a.bias')).not.toEqual(found.get('b.bias'));
  });

  test('copies of one layer are parameters of their own, weights tied on purpose stay tied', async () => {
    const files = model(
      [
        node('MatMul', ['x', 'layers.0.fc.weight'], 'h', 'layers.0.fc'),
        node('MatMul', ['h', 'layers.0.fc.weight'], 'g', 'layers.1.fc'),
        node('MatMul', ['g', 'layers.0.fc.weight'], 'y', 'head'),
      ],
      [{ ...w, name: 'layers.0.fc.weight' }],
    );
    const found = await gradients(files, x, [2, 3], Int32Array.of(0, 2));
    expect([...found.keys()].sort()).toEqual(['layers.0.fc.weight', 'layers.1.fc.weight']);
  });

  test('a small file cannot ask for much memory', () => {
    const big = tensor('a.weight', [3, 2 ** 20], new Array<number>(3 * 2 ** 20).fill(0.5));
    const names = Array.from({ length: 50 }, (_, i) => `b${i}`);
    const files = model(
      [
        ...names.map((name) => node('Identity', ['a.weight'], name)),
        ...names.map((name, i) => node('MatMul', ['x', name], i === 0 ? 'y' : `y${i}`)),
      ],
      [big],
    );
    expect(importOnnx(files).source.nodes.filter(({ opType }) => opType === 'Identity').length).toBe(50);
  });

  test('nodes of different modules have parameters of their own, calls of one module share its', async () => {
    const norm = (input: string, output: string, scope: string) =>
      node('LayerNormalization', [input, 'a.scale'], output, scope);
    const files = model(
      [
        norm('x', 'h', 'a'),
        norm('h', 'g', 'a'),
        norm('g', 'f', 'b'),
        node('Mul', ['f', 'a.weight'], 'y', 'c'),
      ],
      [tensor('a.scale', [3], [1, 1, 1]), tensor('a.weight', [3], [1, 2, 3])],
    );
    const found = await gradients(files, x, [2, 3], Int32Array.of(0, 2));
    expect([...found.keys()].sort()).toEqual(['a.scale', 'a.weight', 'b.scale']);
  });

  test('a single number is a parameter where its name is one', async () => {
    const scalar = (name: string): TensorProto => ({ ...tensor(name, [], [0.5]) });
    const scaled = (name: string) =>
      model([node('MatMul', ['x', 'a.weight'], 'h'), node('Mul', ['h', name], 'y')], [w, scalar(name)]);
    const names = [
      'logit_scale',
      'head.scale',
      'val_3',
      'onnx::Mul_7',
      'scalar_tensor_default',
      'min_val_cast',
    ];
    const found = [];
    for (const name of names)
      if ((await gradients(scaled(name), x, [2, 3], Int32Array.of(0, 2))).has(name)) found.push(name);
    expect(found).toEqual(['logit_scale', 'head.scale']);
  });

  // torch.onnx.export(dynamo=True) of two blocks x + tanh(fc(norm(x))) and a norm, seed 1; PyTorch's own gradients.
  test('the norms of an untrained network that PyTorch exported have each its own gradient', async () => {
    const expected: Readonly<Record<string, readonly number[]>> = {
      '0.norm.weight': [-0.05440025, 0.25828477, -0.14893159],
      '0.norm.bias': [-0.15182505, 0.02300583, 0.22265769],
      '0.fc.bias': [-0.829463, 0.36641389, 0.03674915],
      '1.norm.weight': [0.07135209, 0.15186815, 0.06639129],
      '1.norm.bias': [-0.08130885, 0.20895444, -0.00842603],
      '1.fc.bias': [-0.57598564, 0.63677385, 0.14512355],
      '2.weight': [-0.05701722, 0.46775557, -0.22570563],
      '2.bias': [-0.35829404, 0.50277548, -0.14448144],
    };
    const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, 'fixtures', 'untrained-norms.onnx')));
    const found = await gradients({ model: bytes }, x, [2, 3], Int32Array.of(0, 2));
    for (const [name, values] of Object.entries(expected)) {
      values.forEach((value, i) => expect(found.get(name)?.[i], `${name}[${i}]`).toBeCloseTo(value, 6));
    }
    expect(found.size).toBe(10);
  });

  test('they are written back under names of their own', () => {
    const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, 'fixtures', 'untrained-norms.onnx')));
    const scale = { shape: [3], data: Float32Array.of(2, 3, 4) };
    const written = readModel(importOnnx({ model: bytes }).write(new Map([['1.norm.weight', scale]])));
    const named = new Map(
      written.graph!.initializers.map((made) => [made.name, readConstant(made, new Map())]),
    );
    expect([...named.get('1.norm.weight')!.data]).toEqual([2, 3, 4]);
    expect([...named.get('0.norm.weight')!.data]).toEqual([1, 1, 1]);
  });
});

test('dropout in training mode, whose mask is declared and never read, drops', async () => {
  const dropout: NodeProto = { ...node('Dropout', ['h', 'ratio', 'training'], 'd'), outputs: ['d', 'mask'] };
  const files = model(
    [node('Gemm', ['x', 'a.weight', 'a.bias'], 'h'), dropout, node('Add', ['d', 'd'], 'y')],
    [
      w,
      zeros,
      tensor('ratio', [], [0.5]),
      { ...tensor('training', [], []), dataType: 9, raw: Uint8Array.of(1) },
    ],
  );
  // What is dropped has no gradient: with half of 6 numbers gone, some unit's bias differs from the full sum.
  const dropped = await gradients(files, x, [2, 3], Int32Array.of(0, 2));
  const full = await gradients(
    model([node('Gemm', ['x', 'a.weight', 'a.bias'], 'h'), node('Add', ['h', 'h'], 'y')], [w, zeros]),
    x,
    [2, 3],
    Int32Array.of(0, 2),
  );
  expect([...dropped.keys()]).toEqual([...full.keys()]);
  expect(dropped.get('a.bias')).not.toEqual(full.get('a.bias'));
});
