import { loadKernels } from '@fuga/core-wasm';
import { describe, expect, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { Graph } from '../packages/engine/src/core/graph.js';
import type { Layer, LayerCase } from '../packages/engine/src/core/layer.js';
import type { Bind, Op } from '../packages/engine/src/core/op.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { streamOf } from '../packages/engine/src/core/random.js';
import { Scope } from '../packages/engine/src/core/scope.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import { placeOf, Tape } from '../packages/engine/src/core/tape.js';
import { ownerOf, type Tensor } from '../packages/engine/src/core/tensor.js';
import * as layerShelf from '../packages/engine/src/layers/index.js';
import { resolveLayers } from '../packages/engine/src/run/spec.js';

const layers = layerShelf as unknown as Readonly<Record<string, Layer>>;
const SEED = 7;

/** ⟨y, v⟩ for a fixed v: a scalar that every output entry feeds, so no gradient can hide. */
const against: Op = {
  name: 'against',
  shapes: () => [[1]],
  bind: ({ kernels: k, arena, x: [y, v], y: [out] }) => ({
    forward: () => {
      arena.f32[out!.data >> 2] = k.dot(y!.size, y!.data, v!.data);
    },
    backward: () => {
      if (y!.grad) k.axpy(y!.size, 1, v!.data, y!.grad);
    },
  }),
};

interface Recorded {
  readonly arena: Arena;
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly inputs: readonly Tensor[];
  readonly direction: Tensor;
  readonly loss: Tensor;
}

/** A layer recorded on inputs of a case's shapes, nothing in memory yet. */
async function record(type: string, { inputs: shapes, options, ids }: LayerCase): Promise<Recorded> {
  const arena = new Arena(await loadKernels({ exact: true }));
  const graph = new Graph();
  const parameters = new Parameters();
  const scope = new Scope({ graph, parameters, layers, sites: [], mode: 'train' }, `0.${type}`);
  const dtype = ids === undefined ? 'f32' : 'i32';
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape, { dtype, needsGrad: dtype === 'f32' }));
  const [spec] = resolveLayers([{ type, ...options }], []);
  const output = layers[type]!.forward(inputs, spec as never, scope);
  const direction = graph.input('v', output.shape);
  const loss = scope.apply(against, [output, direction], undefined);
  return { arena, graph, parameters, inputs, direction, loss };
}

/** Draws inputs and the direction; gives every parameter some noise, so that no zero bias hides a mistake. */
function fill({ arena, inputs, direction, parameters }: Recorded, ids: number | undefined): void {
  parameters.initialize(arena, SEED);
  for (const { tensor, path } of parameters.trained) {
    const size = sizeOf(tensor.shape);
    const noise = arena.alloc(4 * size);
    normal(arena, noise, size, `noise/${path}`);
    arena.kernels.axpy(size, 0.1, noise, tensor.data);
  }
  for (const [i, tensor] of [...inputs, direction].entries()) {
    const size = sizeOf(tensor.shape);
    if (tensor.dtype === 'f32') normal(arena, tensor.data, size, `draw/${i}`);
    else for (let at = 0; at < size; at++) arena.i32[(tensor.data >> 2) + at] = (at * 7 + 3) % ids!;
  }
}

function normal(arena: Arena, address: number, size: number, path: string): void {
  const { key, stream } = streamOf(SEED, path);
  arena.kernels.randomNormal(size, address, ...key, ...stream, 0, 0, 1);
}

/** Binds every op to memory of its own, nothing shared and every gradient added to: the plan's oracle. */
function bindApart({ arena, graph, parameters }: Recorded): { binds: Bind[]; tensors: Tensor[] } {
  const tensors = new Set<Tensor>();
  for (const { inputs, outputs } of graph.records)
    for (const t of [...inputs, ...outputs]) tensors.add(ownerOf(t));
  const own = [...tensors].filter(({ role }) => role !== 'parameter' && role !== 'state');
  if (parameters.all.length > 0 && parameters.all[0]!.tensor.data === 0) parameters.allocate(arena);
  for (const tensor of own) {
    tensor.data = arena.alloc(4 * sizeOf(tensor.shape));
    tensor.grad = arena.alloc(4 * sizeOf(tensor.shape));
  }
  const binds = graph.records.map((r) => {
    if (r.op.sharesData) ownerOf(r.outputs[0]!).data = ownerOf(r.inputs[0]!).data;
    const shapes = r.inputs.map(({ shape }) => shape);
    const keep = Object.fromEntries(
      Object.entries(r.op.keeps?.(shapes, r.attributes) ?? {}).map(([name, words]) => [
        name,
        arena.alloc(4 * words),
      ]),
    );
    const { key, stream } = streamOf(SEED, r.path);
    return r.op.bind(
      {
        kernels: arena.kernels,
        arena,
        x: r.inputs.map(placeOf),
        y: r.outputs.map(placeOf),
        keep,
        scratch: arena.alloc(r.op.scratch?.(shapes, r.attributes, arena.kernels) ?? 0),
        accumulate: r.inputs.map(() => 1 as const),
        clock: { step: 0 },
        stream: [(key[0] ^ stream[0]) >>> 0, (key[1] ^ stream[1]) >>> 0],
      },
      r.attributes,
    );
  });
  return { binds, tensors: [...tensors] };
}

const cases = Object.entries(layers).flatMap(([type, { cases }]) =>
  cases.map((layerCase, i) => ({
    name: `${type} ${i + 1} ${JSON.stringify(layerCase.options)}`,
    type,
    layerCase,
  })),
);

describe.each(cases)('$name', ({ type, layerCase }) => {
  test('gradients agree with finite differences', async () => {
    const recorded = await record(type, layerCase);
    const { arena, graph, loss, inputs, parameters } = recorded;
    parameters.allocate(arena);
    const tape = new Tape(graph, arena, { loss, seed: SEED });
    fill(recorded, layerCase.ids);
    tape.forward();
    tape.backward();
    const wanted = [...inputs, ...parameters.trained.map(({ tensor }) => tensor)].filter(
      ({ needsGrad }) => needsGrad,
    );
    const gradients = wanted.map((tensor) => arena.read(tensor.grad, sizeOf(tensor.shape)));
    const { binds } = bindApart(recorded);
    fill(recorded, layerCase.ids);
    wanted.forEach((tensor, t) => {
      const size = sizeOf(tensor.shape);
      const scale = Math.max(1, ...gradients[t]!.map(Math.abs));
      for (let i = 0; i < size; i += Math.max(1, Math.floor(size / 40))) {
        const numeric = slope(recorded, binds, tensor, i);
        const analytic = gradients[t]![i]!;
        expect(
          Math.abs(numeric - analytic),
          `∂/∂${tensor.name}[${i}]: ${analytic}, by differences ${numeric}`,
        ).toBeLessThan(2e-3 * scale);
      }
    });
  });

  test('backward adds to the gradients, and the plan changes nothing', async () => {
    const recorded = await record(type, layerCase);
    const { arena, graph, loss, inputs, parameters } = recorded;
    const { binds, tensors } = bindApart(recorded);
    fill(recorded, layerCase.ids);
    for (const { forward } of binds) forward();
    const zeroed = sweepBack(0);
    for (let i = binds.length - 1; i >= 0; i--) {
      // The law, op by op: from gradients of 1 instead of 0 at the inputs, the result is larger by exactly 1.
      const targets = [...new Set(graph.records[i]!.inputs.map(ownerOf))].filter(
        ({ needsGrad }) => needsGrad,
      );
      const from = (start: number) => {
        for (const tensor of targets) arena.kernels.fill(sizeOf(tensor.shape), tensor.grad, start);
        binds[i]!.backward?.();
        return targets.map((tensor) => arena.read(tensor.grad, sizeOf(tensor.shape)));
      };
      const outputs = new Set(graph.records[i]!.outputs.map(ownerOf));
      if (targets.some((tensor) => outputs.has(tensor))) continue;
      const [zero, one] = [from(0), from(1)];
      zero.forEach((values, t) => {
        values.forEach((value, at) => {
          const off = Math.abs(one[t]![at]! - value - 1);
          expect(off, `${graph.records[i]!.op.name} into ${targets[t]!.name}[${at}]`).toBeLessThanOrEqual(
            2 ** -20 * (1 + Math.abs(value)),
          );
        });
      });
      // Leave the true gradients behind for the op before.
      for (const tensor of targets) arena.write(tensor.grad, zeroed.get(tensor)!);
    }
    const wanted = [...inputs, ...parameters.trained.map(({ tensor }) => tensor)].filter(
      ({ needsGrad }) => needsGrad,
    );
    const apart = wanted.map((tensor) => zeroed.get(tensor)!);
    const tape = new Tape(graph, arena, { loss, seed: SEED });
    fill(recorded, layerCase.ids);
    tape.forward();
    tape.backward();
    wanted.forEach((tensor, t) => {
      const planned = arena.read(tensor.grad, sizeOf(tensor.shape));
      const scale = Math.max(1e-30, ...planned.map(Math.abs));
      planned.forEach((value, at) => {
        expect(Math.abs(value - apart[t]![at]!), `${tensor.name}[${at}]`).toBeLessThanOrEqual(1e-5 * scale);
      });
    });

    function sweepBack(start: number): Map<Tensor, Float32Array> {
      for (const tensor of tensors) {
        if (tensor.grad) arena.kernels.fill(sizeOf(tensor.shape), tensor.grad, start);
      }
      arena.f32[loss.grad >> 2] = 1;
      for (let i = binds.length - 1; i >= 0; i--) binds[i]!.backward?.();
      return new Map(tensors.filter(({ grad }) => grad).map((t) => [t, arena.read(t.grad, sizeOf(t.shape))]));
    }
  });
});

/** Central difference of the loss in one entry, the loss summed in float64 from the output. */
function slope(
  { arena, graph, direction }: Recorded,
  binds: readonly Bind[],
  tensor: Tensor,
  i: number,
): number {
  const at = (tensor.data >> 2) + i;
  const h = 1e-2;
  const value = arena.f32[at]!;
  const output = ownerOf(graph.records.at(-1)!.inputs[0]!);
  const evaluate = (x: number) => {
    arena.f32[at] = x;
    for (const { forward } of binds) forward();
    return arena.kernels.dot(sizeOf(output.shape), output.data, direction.data);
  };
  const [up, down] = [evaluate(value + h), evaluate(value - h)];
  const used = Math.fround(value + h) - Math.fround(value - h);
  arena.f32[at] = value;
  return (up - down) / used;
}

test('a backward for parameters alone gives the same gradients of parameters', async () => {
  const recorded = await record('block', {
    inputs: [[3, 4]],
    options: {
      body: [
        { type: 'flatten' },
        { type: 'residual', body: [{ type: 'dense', out: 4, activation: 'tanh' }] },
      ],
    },
  });
  const { arena, graph, loss, parameters } = recorded;
  parameters.allocate(arena);
  const tape = new Tape(graph, arena, { loss, seed: SEED });
  fill(recorded, undefined);
  const gradients = () =>
    parameters.trained.map(({ tensor }) => arena.read(tensor.grad, sizeOf(tensor.shape)));
  tape.forward();
  tape.backward();
  const full = gradients();
  for (const { tensor } of parameters.trained) arena.kernels.fill(sizeOf(tensor.shape), tensor.grad, NaN);
  tape.forward();
  tape.backwardParameters();
  expect(gradients()).toEqual(full);
  expect(full[0]!.some((value) => value !== 0)).toBe(true);
});
