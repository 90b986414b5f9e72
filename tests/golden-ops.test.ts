import { loadKernels, type Variant } from '@fuga/core-wasm';
import { describe, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { Graph } from '../packages/engine/src/core/graph.js';
import type { Op } from '../packages/engine/src/core/op.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { Scope } from '../packages/engine/src/core/scope.js';
import { Tape, placeOf } from '../packages/engine/src/core/tape.js';
import type { Tensor } from '../packages/engine/src/core/tensor.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import * as layers from '../packages/engine/src/layers/index.js';
import { expectWithin, goldenCases, goldenTensor, type GoldenCase, type GoldenTensor } from './golden.js';
import { mappings } from './ops/index.js';
import type { Mapping } from './ops/mapping.js';

/** Σ ⟨yᵢ, gᵢ⟩ over pairs of inputs: a scalar whose gradient at each yᵢ is the given upstream gradient gᵢ. */
const pairing: Op = {
  name: 'pairing',
  shapes: () => [[1]],
  bind: ({ kernels: k, arena, x, y: [y] }) => ({
    forward: () => {
      let sum = 0;
      for (let i = 0; i < x.length; i += 2) sum += k.dot(x[i]!.size, x[i]!.data, x[i + 1]!.data);
      arena.f32[y!.data >> 2] = sum;
    },
    backward: () => {
      for (let i = 0; i < x.length; i += 2) if (x[i]!.grad) k.axpy(x[i]!.size, 1, x[i + 1]!.data, x[i]!.grad);
    },
  }),
};

describe.each(['relaxed', 'simd'] as const)('golden ops on %s', (variant) => {
  for (const golden of goldenCases()) {
    test(`${golden.id} (${golden.tier})`, async () => {
      const mapping = mappings[golden.op];
      if (!mapping)
        throw new Error(`no engine op is mapped to golden op "${golden.op}"; add it to tests/ops`);
      await check(golden, mapping, variant);
    });
  }
});

async function check(golden: GoldenCase, mapping: Mapping, variant: Variant): Promise<void> {
  const arena = new Arena(await loadKernels({ variant }));
  const read = (name: string) => goldenTensor(golden.file, golden.id, name);
  const given: Record<string, GoldenTensor> = {};
  for (const name of [...golden.inputs, ...golden.params]) given[name] = read(name);
  if ('direct' in mapping) {
    const results = mapping.direct(given, golden.attrs, arena);
    for (const name of golden.state) compare(name, results[name.replace(/^y_/, '')]);
    return;
  }

  const graph = new Graph();
  const parameters = new Parameters();
  const scope = new Scope(
    { graph, parameters, layers: layers as never, sites: [], mode: 'train' },
    golden.id,
  );
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape, data }] of Object.entries(given)) {
    const integer = data instanceof Int32Array;
    tensors[name] = mapping.states?.includes(name)
      ? scope.state(name, shape, { fill: () => undefined })
      : graph.input(name, shape, { dtype: integer ? 'i32' : 'f32', needsGrad: !integer });
  }
  const outputs = mapping.record(tensors, golden.attrs, scope);
  const pairs = golden.upstream.map((name): [Tensor, Tensor, GoldenTensor] => {
    const upstream = read(name);
    return [outputs[name.replace(/^g_/, '')]!, graph.input(name, upstream.shape), upstream];
  });
  const loss =
    pairs.length > 0
      ? scope.apply(
          pairing,
          pairs.flatMap(([output, upstream]) => [output, upstream]),
          undefined,
        )
      : null;
  parameters.allocate(arena);
  const keep = Object.values(outputs);
  const tape = new Tape(graph, arena, { ...(loss ? { loss } : {}), keep, seed: 1 });
  for (const [name, { data }] of Object.entries(given)) arena.write(tensors[name]!.data, data);
  for (const [, tensor, { data }] of pairs) arena.write(tensor.data, data);
  tape.forward();
  for (const name of golden.outputs) compare(name, numbers(outputs[name.replace(/^y_/, '')]!));
  if (loss) tape.backward();
  for (const name of golden.grads) {
    const { grad } = placeOf(tensors[name.replace(/^d_/, '')]!);
    compare(name, arena.read(grad, sizeOf(read(name).shape)));
  }
  for (const name of golden.state) {
    const state = tensors[name.replace(/^y_/, '')] ?? outputs[name.replace(/^y_/, '')]!;
    compare(name, numbers(state));
  }

  function numbers(tensor: Tensor): Float32Array {
    return arena.read(placeOf(tensor).data, sizeOf(tensor.shape));
  }

  function compare(name: string, actual: ArrayLike<number> | undefined): void {
    if (!actual) throw new Error(`${golden.id}: the mapping gives no ${name}`);
    expectWithin(`${golden.id}.${name}`, actual, read(name).data, golden.tol[name]!.atol);
  }
}
