import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKernels, type Variant } from '@fuga/core-wasm';
import { describe, expect, test } from 'vitest';
import type { LayerSpec } from '../packages/engine/src/core/layer.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import * as optimizers from '../packages/engine/src/optimizers/index.js';
import type { Optimizer } from '../packages/engine/src/optimizers/optimizer.js';
import { clipByNorm, clipByValue, normOf } from '../packages/engine/src/run/clip.js';
import { openRun, type Run } from '../packages/engine/src/run/run.js';
import { goldenFolder } from './golden.js';

/** One trajectory of PyTorch's: `train/train.json`. */
interface Trajectory {
  readonly id: string;
  readonly problem: string;
  readonly x_shape: readonly number[];
  readonly classes: number;
  readonly optimiser: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly schedule: Readonly<Record<string, unknown>> | null;
  readonly clip: { readonly kind: 'norm' | 'value'; readonly max: number } | null;
  readonly steps: number;
  readonly batches: number;
  readonly seed: number;
  readonly params: readonly (readonly [string, readonly number[]])[];
  readonly first_batch: { readonly x_first: readonly number[]; readonly target: readonly number[] };
  readonly loss: readonly number[];
  readonly lr: readonly number[];
  readonly grad_norm_before_clip: readonly number[];
  readonly loss_err32: readonly number[];
  readonly final: readonly {
    readonly name: string;
    readonly l2: number;
    readonly proj: number;
    readonly err32: number;
    readonly float32_noise?: boolean;
  }[];
}

const { runs } = JSON.parse(readFileSync(join(goldenFolder, 'train', 'train.json'), 'utf8')) as {
  runs: Trajectory[];
};

/** The generator that data and weights were drawn from; see the folder's README. */
class Lcg {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** u in [0, 1), a multiple of 2⁻²⁴. */
  next(): number {
    this.#state = (Math.imul(1664525, this.#state) + 1013904223) >>> 0;
    return (this.#state >>> 8) / 2 ** 24;
  }

  normal(size: number): Float32Array {
    return Float32Array.from({ length: size }, () => {
      let sum = 0;
      for (let i = 0; i < 12; i++) sum += this.next();
      return sum - 6;
    });
  }

  uniform(size: number, low: number, high: number): Float32Array {
    return Float32Array.from({ length: size }, () => low + (high - low) * this.next());
  }

  ints(size: number, below: number): Int32Array {
    return Int32Array.from({ length: size }, () => Math.floor(this.next() * below));
  }
}

const hidden = (fn: string, width: number): LayerSpec => ({ type: 'dense', out: width, activation: fn });

/** The networks, by the file's names for them; their widths are those of the file's parameters. */
function networkOf({ problem, params, classes }: Trajectory): readonly LayerSpec[] {
  const widths = params.flatMap(([, shape]) => (shape.length > 1 ? [shape[0]!] : []));
  const head: LayerSpec = { type: 'dense', out: classes };
  const [kind, fn] = problem.split('_') as [string, string?];
  switch (kind) {
    case 'mlp':
      return [...widths.slice(0, -1).map((width) => hidden(fn!, width)), head];
    case 'lstm':
    case 'gru':
      return [{ type: kind, hidden: params.find(([name]) => name.includes('weight_hh'))![1][1]! }, head];
    case 'cnn':
      return [
        { type: 'conv2d', out: widths[0]!, padding: 1 },
        { type: 'batchNorm' },
        { type: 'activation', fn: 'relu' },
        { type: 'maxPool2d' },
        { type: 'conv2d', out: widths[1]!, padding: 1, activation: 'relu' },
        { type: 'globalAvgPool2d' },
        head,
      ];
    default:
      throw new Error(`no network is mapped to the golden problem "${problem}"`);
  }
}

/** PyTorch's optimizers by the shelf's names and options: `adamw` and `weight_decay` are `adamW` and `weightDecay` here. */
function optimizerOf({ optimiser, options }: Trajectory): Record<string, unknown> {
  const type = Object.keys(optimizers).find((name) => name.toLowerCase() === optimiser);
  if (!type) throw new Error(`no engine optimizer is mapped to ${optimiser}`);
  const renamed: Record<string, unknown> = { type };
  for (const [name, value] of Object.entries(options)) {
    if (name === 'betas') [renamed['beta1'], renamed['beta2']] = value as [number, number];
    else renamed[name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())] = value;
  }
  return renamed;
}

/** A run of the trajectory's network on its data, weights drawn as the file says. */
async function open(trajectory: Trajectory, variant: Variant): Promise<Run> {
  const { x_shape: shape, classes, seed, params, batches } = trajectory;
  const network = networkOf(trajectory);
  const [batch] = shape as readonly [number];
  const samples = batch * batches;
  const run = await openRun(
    { fuga: 1, data: { batch }, network, loss: 'crossEntropy', optimizer: optimizerOf(trajectory) },
    {
      kernels: await loadKernels({ variant }),
      data: {
        shape: {
          task: 'classification',
          input: { shape: shape.slice(1), dtype: 'f32' },
          target: { shape: [], dtype: 'i32' },
          outputs: classes,
          samples,
        },
        samples: {
          x: new Float32Array(samples * sizeOf(shape.slice(1))),
          y: new Int32Array(samples),
          train: Int32Array.from({ length: samples }, (_, i) => i),
          test: new Int32Array(),
        },
      },
    },
  );
  const draw = new Lcg(seed);
  const tensors = pair(run, params);
  for (const [name, dims] of params) {
    const size = sizeOf(dims);
    const kernel = sizeOf(dims.slice(2));
    const bound = Math.sqrt(6 / (kernel * ((dims[0] ?? 0) + (dims[1] ?? 0))));
    // Matrices are drawn; of the vectors, norms' scales are 1 and everything else 0.
    const isScale = trajectory.problem === 'cnn_bn' && name === '1.weight';
    const values =
      dims.length > 1 ? draw.uniform(size, -bound, bound) : new Float32Array(size).fill(isScale ? 1 : 0);
    run.arena.write(tensors.get(name)!.data, values);
  }
  return run;
}

/** The file's parameters and the run's, paired layer by layer: both list layers in order. */
function pair(run: Run, params: Trajectory['params']) {
  const layerOf = (name: string) => name.slice(0, name.lastIndexOf('.'));
  const theirs = [...new Set(params.map(([name]) => layerOf(name)))];
  const ours = [...new Set(run.parameters.trained.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))];
  expect(ours.length).toBe(theirs.length);
  return new Map(
    params.map(([name, shape]) => {
      const layer = ours[theirs.indexOf(layerOf(name))]!;
      const parameter = run.parameters.get(`${layer}/${name.slice(name.lastIndexOf('.') + 1)}`);
      if (!parameter) throw new Error(`${layer} has no parameter for ${name}`);
      expect(parameter.tensor.shape, name).toEqual(shape);
      return [name, parameter.tensor];
    }),
  );
}

/**
 * The updates of all parameters at a step. PyTorch's OneCycleLR moves the momentum (β₁ of Adam) against the learning
 * rate, from 0.95 down to 0.85 and back, so there they are made ready anew at every step, on the same buffers.
 */
function updatesOf(
  run: Run,
  golden: Trajectory,
): (step: number) => readonly ((lr: number, step: number) => void)[] {
  const { type, ...options } = run.spec.optimizer;
  const optimizer = (optimizers as unknown as Record<string, Optimizer>)[type]!;
  const buffers = optimizer.buffers(options as never);
  const slots = run.parameters.trained.map(({ tensor }) => {
    const size = sizeOf(tensor.shape);
    return {
      size,
      value: tensor.data,
      grad: tensor.grad,
      buffers: Array.from({ length: buffers }, () => {
        const address = run.arena.alloc(4 * size);
        run.arena.kernels.fill(size, address, 0);
        return address;
      }),
    };
  });
  const prepare = (own: Readonly<Record<string, unknown>>) =>
    slots.map((slot) => optimizer.prepare(run.arena.kernels, slot, own as never));
  if (golden.schedule?.['kind'] !== 'onecycle') {
    const updates = prepare(options);
    return () => updates;
  }
  const peak = 0.3 * golden.steps - 1;
  const momentum = 'beta1' in options ? 'beta1' : 'momentum';
  return (step) => {
    const along = step <= peak ? step / peak : 1 - (step - peak) / (golden.steps - 1 - peak);
    return prepare({ ...options, [momentum]: 0.85 + (0.1 * (1 + Math.cos(Math.PI * along))) / 2 });
  };
}

describe.each(['relaxed', 'simd'] as const)('golden training on %s', (variant) => {
  test.each(runs.map((run) => ({ ...run, label: `${run.id} ${run.problem} ${run.optimiser}` })))(
    '$label',
    async (golden) => {
      const run = await open(golden, variant);
      const { arena, tape, network } = run;
      const updates = updatesOf(run, golden);
      const { kernels } = arena;
      const { x_shape: shape, classes, seed, batches, clip } = golden;
      const tensors = pair(run, golden.params);
      const data = Array.from({ length: batches }, (_, b) => {
        const draw = new Lcg(seed * 1000 + b);
        return { x: draw.normal(sizeOf(shape)), target: draw.ints(shape[0]!, classes) };
      });
      expect([...data[0]!.target]).toEqual(golden.first_batch.target);
      golden.first_batch.x_first.forEach((value, i) => expect(data[0]!.x[i]).toBeCloseTo(value, 6));
      const grads = run.parameters.trained.map(({ tensor }) => ({
        size: sizeOf(tensor.shape),
        grad: tensor.grad,
      }));
      const losses: number[] = [];
      const norms: number[] = [];
      for (let step = 0; step < golden.steps; step++) {
        const { x, target } = data[step % batches]!;
        arena.write(network.input.data, x);
        arena.write(network.target.data, target);
        tape.forward();
        tape.backward();
        losses.push(arena.f32[network.loss.data >> 2]!);
        const norm = normOf(arena, grads);
        norms.push(norm);
        if (clip?.kind === 'norm') clipByNorm(kernels, grads, clip.max, norm);
        if (clip?.kind === 'value') clipByValue(kernels, grads, clip.max);
        for (const update of updates(step)) update(golden.lr[step]!, step + 1);
        tape.clock.step++;
      }
      // The file's rule for tensors, with the losses as one: 8 · max |f32 − f64| + 4 · 2⁻²³ · max |f64|.
      const atol = 8 * Math.max(...golden.loss_err32) + 4 * 2 ** -23 * Math.max(...golden.loss);
      losses.forEach((loss, step) => {
        expect(Math.abs(loss - golden.loss[step]!), `loss of step ${step}: ${loss}`).toBeLessThanOrEqual(
          atol,
        );
      });
      norms.forEach((norm, step) => {
        const expected = golden.grad_norm_before_clip[step]!;
        expect(Math.abs(norm - expected), `gradient norm of step ${step}`).toBeLessThanOrEqual(
          2e-5 * Math.max(1, expected),
        );
      });
      for (const { name, l2, proj, err32, float32_noise: isNoise } of golden.final) {
        if (isNoise) continue;
        const tensor = tensors.get(name)!;
        const size = sizeOf(tensor.shape);
        const values = arena.read(tensor.data, size);
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        // Errors of single entries add up like a random walk, in the norm and in the projection.
        const bound = Math.sqrt(size) * (8 * err32 + 4 * 2 ** -23 * largest);
        const signs = new Lcg(12345).uniform(size, -1, 1);
        let [squares, sum] = [0, 0];
        values.forEach((value, i) => {
          squares += value * value;
          sum += value * signs[i]!;
        });
        expect(
          Math.abs(Math.sqrt(squares) - l2),
          `${name}: l2 ${Math.sqrt(squares)}, expected ${l2}`,
        ).toBeLessThanOrEqual(bound);
        expect(Math.abs(sum - proj), `${name}: proj ${sum}, expected ${proj}`).toBeLessThanOrEqual(bound);
      }
    },
  );
});
