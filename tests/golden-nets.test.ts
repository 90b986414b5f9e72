import { loadKernels, type Variant } from '@fuga/core-wasm';
import { describe, expect, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { Graph } from '../packages/engine/src/core/graph.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { Scope } from '../packages/engine/src/core/scope.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import type { Site } from '../packages/engine/src/core/site.js';
import { placeOf, Tape } from '../packages/engine/src/core/tape.js';
import { ownerOf, type Tensor } from '../packages/engine/src/core/tensor.js';
import { importOnnx } from '../packages/engine/src/formats/onnx/import.js';
import type { ImportOptions } from '../packages/engine/src/formats/onnx/ports.js';
import type { RecordedGraph } from '../packages/engine/src/formats/onnx/record.js';
import { readLoss } from '../packages/engine/src/losses/loss.js';
import * as losses from '../packages/engine/src/losses/index.js';
import { addBroadcast } from '../packages/engine/src/ops/broadcast.js';
import { tapsOp } from '../packages/engine/src/ops/taps.js';
import { slice } from '../packages/engine/src/ops/view.js';
import { differences, goldenNet, goldenNetNames, inputOf, statisticsOf, type GoldenNet } from './nets.js';

/** A network on the tape, with its input written. */
interface Loaded {
  readonly arena: Arena;
  readonly tape: Tape;
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly recorded: RecordedGraph;
  readonly loss: Tensor | null;
  readonly input: Tensor;
  readonly sites: readonly Site[];
}

async function load(
  net: GoldenNet,
  file: string,
  variant: Variant,
  trains: boolean,
  options: ImportOptions = {},
): Promise<Loaded> {
  const arena = new Arena(await loadKernels({ variant }));
  const weights = net.read('weights.safetensors')!;
  const imported = importOnnx(
    { model: net.read(file)!, externals: new Map([['weights.safetensors', weights]]) },
    { shape: inputOf(net).shape, ...options },
  );
  const graph = new Graph();
  const parameters = new Parameters();
  const sites: Site[] = [];
  const scope = new Scope({ graph, parameters, layers: {}, sites, mode: trains ? 'train' : 'eval' });
  const x = inputOf(net);
  const isIds = x.data instanceof Int32Array;
  const input = graph.input('input', x.shape, { dtype: isIds ? 'i32' : 'f32', needsGrad: !isIds && trains });
  const recorded = imported.record(input, scope);
  const fed: [Tensor, Float32Array | Int32Array][] = [[input, x.data]];
  const loss = trains ? recordLoss(net, recorded.output, graph, scope, fed) : null;
  parameters.allocate(arena);
  parameters.initialize(arena, 1);
  const kept = net.probe.layers.flatMap((layer) => {
    const tensor = tensorOf(recorded, valueOf(layer));
    return trains && tensor ? [tensor] : [];
  });
  const tape = new Tape(graph, arena, {
    ...(loss ? { loss } : {}),
    keep: [recorded.output, ...kept],
    seed: 1,
  });
  for (const [tensor, data] of fed) arena.write(tensor.data, data);
  return { arena, tape, graph, parameters, recorded, loss, input, sites };
}

/** The tensor that a name of the file became; within a merged pattern, the pattern's output. */
function tensorOf({ values, within }: RecordedGraph, name: string): Tensor | null {
  const value = values.get(name) ?? values.get(within.get(name) ?? '');
  return value && !('kind' in value) ? value : null;
}

/** A layer's value in the file. The golden file gives the second and third call of one module the same name. */
function valueOf({ name, onnx }: GoldenNet['probe']['layers'][number]): string {
  const call = Number(/#(\d+)$/.exec(name)?.[1] ?? 0);
  return call > 1 ? onnx.replace(/_1\/(?=[^/]*$)/, `_${call}/`) : onnx;
}

function recordLoss(
  net: GoldenNet,
  output: Tensor,
  graph: Graph,
  scope: Scope,
  fed: [Tensor, Float32Array | Int32Array][],
): Tensor {
  const { kind } = net.probe.loss_spec;
  const feed = (name: string) => {
    const { shape, data } = net.io.get(name)!;
    const tensor = graph.input(name, shape, { dtype: data instanceof Int32Array ? 'i32' : 'f32' });
    fed.push([tensor, data]);
    return tensor;
  };
  if (kind === 'detect') {
    // Smooth L1 of the boxes of positive anchors, and cross entropy of the classes of all.
    const rows = sizeOf(output.shape.slice(0, 2));
    const classCount = output.shape[2]! - 4;
    const flat = scope.reshape(output, [rows, output.shape[2]!]);
    const positive = net.io.get('pos')!.data;
    const indices = Int32Array.from([...positive.keys()].filter((i) => positive[i] !== 0));
    const pick = (x: Tensor) =>
      scope.apply(tapsOp, [x], { axis: 0, length: indices.length, taps: 1, indices, weights: null });
    const part = (start: number, length: number) => slice(flat, [{ axis: 1, start, length, step: 1 }], scope);
    const box = scope.reshape(feed('box'), [rows, 4]);
    const boxes = scope.apply(
      losses.huber.op({ delta: 1 }, 'train'),
      [pick(part(0, 4)), pick(box)],
      undefined,
    );
    const classes = scope.apply(
      losses.binaryCrossEntropy.op({ positiveWeight: 1 }, 'train'),
      [part(4, classCount), scope.reshape(feed('cls'), [rows, classCount])],
      undefined,
    );
    return scope.apply(addBroadcast, [boxes, classes], undefined);
  }
  const { op } = readLoss(
    losses,
    kind === 'mse' ? 'meanSquaredError' : kind === 'cross_entropy' ? 'crossEntropy' : 'nextToken',
  );
  return scope.apply(op('train'), [output, feed('target')], undefined);
}

function read({ arena }: Loaded, tensor: Tensor, what: 'data' | 'grad' = 'data'): Float32Array {
  return arena.read(placeOf(tensor)[what], sizeOf(tensor.shape));
}

/** Runs backward, reading each layer's gradient at the moment it is complete. */
function layerGradients(loaded: Loaded, net: GoldenNet): ReadonlyMap<string, Float32Array> {
  const { graph, tape, recorded } = loaded;
  const byRecord = new Map<number, { name: string; tensor: Tensor }[]>();
  for (const layer of net.probe.layers) {
    const { name } = layer;
    const tensor = tensorOf(recorded, valueOf(layer));
    if (!tensor) continue;
    const index = graph.records.findIndex(({ outputs }) => outputs.includes(ownerOf(tensor)));
    byRecord.set(index, [...(byRecord.get(index) ?? []), { name, tensor }]);
  }
  const gradients = new Map<string, Float32Array>();
  tape.backward({
    afterForward: () => undefined,
    beforeBackward: (index) => {
      for (const { name, tensor } of byRecord.get(index) ?? [])
        gradients.set(name, read(loaded, tensor, 'grad'));
    },
    afterBackward: () => undefined,
  });
  return gradients;
}

/** Norm over samples and features of each step of [N, T, F] (`samples` N) or [T, N · F] (1). */
function stepNorms(values: Float32Array, samples: number, steps: number): number[] {
  const size = values.length / samples / steps;
  const squares = new Array<number>(steps).fill(0);
  values.forEach((value, i) => {
    squares[Math.floor(i / size) % steps]! += value * value;
  });
  return squares.map(Math.sqrt);
}

/** Gradients along the sequence: they must be right where they have all but vanished, so each step is held by itself. */
function timeDifferences(
  loaded: Loaded,
  { time_x_grad_l2: x, time_h_grad_l2: h }: GoldenNet['probe'],
): string[] {
  const compare = (name: string, actual: readonly number[], expected: readonly number[]) =>
    expected.flatMap((value, t) =>
      Math.abs(actual[t]! - value) <= 1e-4 * value ? [] : [`${name}[${t}]: ${actual[t]}, expected ${value}`],
    );
  const wrong: string[] = [];
  if (x) {
    const [N, T] = loaded.input.shape as readonly [number, number];
    wrong.push(...compare('x over time', stepNorms(read(loaded, loaded.input, 'grad'), N, T), x));
  }
  if (h) {
    const [tap] = loaded.sites.flatMap(({ time }) => time);
    const kept = loaded.arena.read(tap!.record.keep[tap!.gradient]!, tap!.steps * tap!.size);
    wrong.push(...compare('h over time', stepNorms(kept, 1, tap!.steps), h));
  }
  return wrong;
}

/** Running statistics after the step. */
function stateDifferences(
  loaded: Loaded,
  { buffers_after: states = {}, output }: GoldenNet['probe'],
): string[] {
  return Object.entries(states).flatMap(([name, { l2, sum }]) => {
    const found = loaded.parameters.get(name);
    if (!found) return [`no state ${name}`];
    const values = read(loaded, found.tensor);
    const own = { l2: statisticsOf(values).l2, sum: values.reduce((total, value) => total + value, 0) };
    // A mean of what is normalised already is rounding noise: a tenth (the momentum) of values near 1 bounds it.
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0.1);
    const entry = (8 * output.err32 + 4 * 2 ** -23) * largest;
    const within = (a: number, b: number) =>
      Math.abs(a - b) <= Math.sqrt(values.length) * entry + 1e-7 * Math.abs(b);
    return within(own.l2, l2) && within(own.sum, sum)
      ? []
      : [`${name}: l2 ${own.l2} and sum ${own.sum}, expected ${l2} and ${sum}`];
  });
}

describe.each(['relaxed', 'simd'] as const)('golden networks on %s', (variant) => {
  test.each(goldenNetNames())('%s', async (name) => {
    const net = goldenNet(name);
    const { probe } = net;
    const loaded = await load(net, 'train.onnx', variant, true);
    const { tape, arena, recorded, parameters, loss, input } = loaded;
    tape.forward();
    const wrong = differences('output', read(loaded, recorded.output), probe.output, probe.output.err32);
    const value = arena.f32[loss!.data >> 2]!;
    const limit = (8 * probe.loss.rel_err32 + 4 * 2 ** -23) * Math.abs(probe.loss.ref);
    if (!(Math.abs(value - probe.loss.ref) <= limit)) wrong.push(`loss ${value}, expected ${probe.loss.ref}`);
    for (const layer of probe.layers) {
      const tensor = tensorOf(recorded, valueOf(layer));
      if (!tensor) wrong.push(`${layer.name}: no value ${layer.onnx}`);
      else wrong.push(...differences(`${layer.name}.act`, read(loaded, tensor), layer.act, layer.err32));
    }
    const gradients = layerGradients(loaded, net);
    for (const layer of probe.layers) {
      const grad = gradients.get(layer.name);
      if (!grad) wrong.push(`${layer.name}: no gradient`);
      else if (!layer.float32_noise)
        wrong.push(...differences(`${layer.name}.grad`, grad, layer.grad, layer.err32));
    }
    for (const parameter of probe.params) {
      const found = parameters.get(parameter.name);
      if (!found) wrong.push(`no parameter ${parameter.name}`);
      else if (parameter.float32_noise) {
        // Only rounding is left of it: as small as PyTorch's own, not the same.
        const { l2: norm } = statisticsOf(read(loaded, found.tensor, 'grad'));
        if (!(norm <= 10 * parameter.f32_l2!))
          wrong.push(`${parameter.name}: norm ${norm}, noise is ${parameter.f32_l2}`);
      } else
        wrong.push(
          ...differences(parameter.name, read(loaded, found.tensor, 'grad'), parameter.grad, parameter.err32),
        );
    }
    expect(parameters.trained.length, 'parameters').toBe(probe.params.length);
    if (probe.x_grad)
      wrong.push(...differences('x', read(loaded, input, 'grad'), probe.x_grad, probe.x_grad_err32!));
    wrong.push(...timeDifferences(loaded, probe), ...stateDifferences(loaded, probe));
    expect(wrong).toEqual([]);
  });
});

describe('exports for inference', () => {
  for (const name of goldenNetNames()) {
    for (const kind of ['eval', 'dynamo'] as const) {
      const net = goldenNet(name);
      const expected = net.read(`${kind}_y.safetensors`) ? net.tensors(`${kind}_y.safetensors`) : null;
      if (!expected || !net.read(`${kind}.onnx`)) continue;
      test(`${name}, ${kind} export`, async () => {
        const loaded = await load(net, `${kind}.onnx`, 'simd', false);
        loaded.tape.forward();
        const [y] = [...expected.values()];
        const actual = read(loaded, loaded.recorded.output);
        const scale = Math.max(...Array.from(y!.data, Math.abs));
        let worst = 0;
        y!.data.forEach((value, i) => (worst = Math.max(worst, Math.abs(value - actual[i]!) / scale)));
        expect(actual.length).toBe(y!.data.length);
        expect(worst).toBeLessThan(2e-5);
      });
    }
  }
});
