import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRun, shelves, type DataShape } from '@fuga/engine';
import { Graph } from '../packages/engine/src/core/graph.js';
import type { LayerSpec } from '../packages/engine/src/core/layer.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { Scope } from '../packages/engine/src/core/scope.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import { placeOf } from '../packages/engine/src/core/tape.js';
import { expressions } from '../packages/engine/src/formats/pytorch/activations.js';
import { writers as inits } from '../packages/engine/src/formats/pytorch/inits.js';
import * as layerWriters from '../packages/engine/src/formats/pytorch/layers.js';
import {
  lossWriters,
  optimizerWriters,
  scheduleWriters,
} from '../packages/engine/src/formats/pytorch/training.js';
import { exportPyTorch } from '../packages/engine/src/run/pytorch.js';
import { resolveLayers } from '../packages/engine/src/run/spec.js';

const folder = mkdtempSync(join(tmpdir(), 'fuga-pytorch-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A Python with PyTorch, or null; FUGA_PYTHON names another one. */
const python = [process.env['FUGA_PYTHON'], 'python3', '/usr/bin/python3']
  .filter((each) => each !== undefined)
  .find((each) => spawnSync(each, ['-c', 'import torch']).status === 0);
const anyPython = ['python3', '/usr/bin/python3'].find((each) => spawnSync(each, ['--version']).status === 0);

describe('every item of a shelf is written', () => {
  test.each([
    ['layers', Object.keys(shelves.layers), Object.keys(layerWriters)],
    ['inits', Object.keys(shelves.inits), Object.keys(inits)],
    ['activations', Object.keys(shelves.activations), [...Object.keys(expressions), 'identity', 'prelu']],
    ['optimizers', Object.keys(shelves.optimizers), Object.keys(optimizerWriters)],
    ['schedules', Object.keys(shelves.schedules), [...Object.keys(scheduleWriters), 'constant']],
    ['losses', Object.keys(shelves.losses), [...Object.keys(lossWriters), 'detection']],
  ])('%s', (_, shelf, written) => {
    expect([...written].sort()).toEqual([...shelf].sort());
  });
});

interface Case {
  readonly name: string;
  readonly network: readonly LayerSpec[];
  readonly input: readonly number[];
  readonly ids?: number;
}

/** Numbers between −1 and 1 that no formula is likely to hit. */
const draw = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) + phase) * 0.9);

function outputOf(
  network: readonly LayerSpec[],
  input: readonly number[],
  dtype: 'f32' | 'i32',
): readonly number[] {
  const graph = new Graph();
  const recording = {
    graph,
    parameters: new Parameters(),
    layers: shelves.layers,
    sites: [],
    mode: 'train' as const,
  };
  const x = graph.input('x', input, { dtype, needsGrad: false });
  return new Scope(recording).sequence(resolveLayers(network, []), x).shape;
}

/** Writes the PyTorch module of a case, its weights and what Fuga makes of it. */
async function prepare({ name, network, input, ids }: Case): Promise<void> {
  const dtype = ids === undefined ? 'f32' : 'i32';
  const output = outputOf(network, input, dtype);
  const samples = input[0]!;
  const shape: DataShape = {
    task: 'regression',
    input: { shape: input.slice(1), dtype },
    target: { shape: output.slice(1), dtype: 'f32' },
    outputs: output.at(-1)!,
    samples,
  };
  const x =
    ids === undefined
      ? draw(sizeOf(input), 1)
      : Int32Array.from({ length: sizeOf(input) }, (_, i) => (7 * i + 3) % ids);
  const y = draw(sizeOf(output), 2);
  const train = Int32Array.from({ length: samples }, (_, i) => i);
  const spec = {
    fuga: 1,
    name,
    data: { batch: samples, scale: 'none' },
    network,
    loss: 'meanSquaredError',
    steps: 1,
  };
  const run = await openRun(spec, { data: { shape, samples: { x, y, train, test: train } } });
  const { arena, tape, batches, parameters } = run;
  // The first weights as they are drawn, but for those that are 0: their effect would not be seen.
  parameters.trained.forEach(({ tensor }, i) => {
    const values = arena.read(tensor.data, sizeOf(tensor.shape));
    if (values.every((value) => value === values[0]))
      arena.write(
        tensor.data,
        draw(values.length, i).map((v) => v + 0.1),
      );
  });
  const weights = parameters.all.map(({ path, tensor }) => ({
    path,
    values: Array.from(arena.read(tensor.data, sizeOf(tensor.shape))),
  }));
  batches.take(train, 0, run.network.input.data, run.network.target.data);
  tape.forward();
  const loss = arena.f32[run.network.loss.data >> 2]!;
  const got = Array.from(arena.read(placeOf(run.network.output).data, sizeOf(output)));
  tape.backward();
  const grads = parameters.trained.map(({ path, tensor }) => ({
    path,
    values: Array.from(arena.read(tensor.grad, sizeOf(tensor.shape))),
  }));
  const { input: fed } = run.network;
  const dx = ids === undefined ? Array.from(arena.read(placeOf(fed).grad, x.length)) : null;
  const { code, state } = exportPyTorch(spec, shape);
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'model.py'), code);
  writeFileSync(
    join(place, 'case.json'),
    JSON.stringify({
      input,
      ids: ids !== undefined,
      x: Array.from(x),
      y: Array.from(y),
      output,
      got,
      loss,
      weights,
      grads,
      dx,
      state,
    }),
  );
}

const runner = `
import importlib.util, json, os, sys, torch
import torch.nn.functional as F
results = {}
for name in sorted(os.listdir(sys.argv[1])):
    place = os.path.join(sys.argv[1], name)
    if not os.path.exists(os.path.join(place, 'case.json')):
        continue
    case = json.load(open(os.path.join(place, 'case.json')))
    try:
        spec = importlib.util.spec_from_file_location('m', os.path.join(place, 'model.py'))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        torch.manual_seed(0)
        network = module.Network()
        fresh = {key: value.clone() for key, value in network.state_dict().items()}
        keys = {each['path']: each['key'] for each in case['state']}
        state = network.state_dict()
        missing = [key for key in state if key not in keys.values() and not key.endswith('num_batches_tracked')]
        for each in case['weights']:
            key = keys[each['path']]
            state[key] = torch.tensor(each['values']).reshape(state[key].shape)
        network.load_state_dict(state)
        network.train()
        x = torch.tensor(case['x']).reshape(case['input'])
        x = x.long() if case['ids'] else x.requires_grad_()
        p = network(x)
        got = torch.tensor(case['got']).reshape(case['output'])
        shape = list(p.shape) == case['output']
        loss = F.mse_loss(p, torch.tensor(case['y']).reshape(p.shape))
        loss.backward()
        worst = [((p - got).abs().max() / got.abs().max().clamp(min=1e-6)).item(), abs(loss.item() / case['loss'] - 1)]
        named = dict(network.named_parameters())
        scale = max([1e-6] + [abs(v) for each in case['grads'] for v in each['values']])
        if case['dx']:
            scale = max([scale] + [abs(v) for v in case['dx']])
            worst.append(((x.grad.flatten() - torch.tensor(case['dx'])).abs().max() / scale).item())
        for each in case['grads']:
            grad = named[keys[each['path']]].grad.flatten()
            worst.append(((grad - torch.tensor(each['values'])).abs().max() / scale).item())
        results[name] = {'worst': max(worst), 'shape': shape, 'missing': missing}
    except Exception as error:
        results[name] = {'error': repr(error)}
print(json.dumps(results))
`;

const layerCases: Case[] = Object.entries(shelves.layers).flatMap(([type, { cases }]) =>
  cases
    .filter(
      ({ inputs, options }) =>
        inputs.length === 1 && !('rate' in options) && options['dropout'] === undefined,
    )
    .filter(() => type !== 'dropout')
    .map(({ inputs, options, ids }, i) => ({
      name: `${type}-${i}`,
      network: [{ type, ...options } as LayerSpec],
      input: inputs[0]!,
      ...(ids === undefined ? {} : { ids }),
    })),
);

const whole: Case[] = [
  {
    name: 'repeats',
    input: [4, 6],
    network: [
      { type: 'dense', out: 5, activation: 'prelu', repeat: 3 },
      {
        type: 'residual',
        body: [{ type: 'dense', out: 5, activation: { fn: 'prelu', perChannel: true } }],
        repeat: 3,
        scale: 0.5,
      },
      { type: 'block', body: [{ type: 'dense', out: 7, activation: 'tanh', repeat: 2 }], repeat: 2 },
      { type: 'activation', fn: 'sigmoid', repeat: 2 },
      { type: 'dense', out: 3 },
    ],
  },
  {
    name: 'dag',
    input: [2, 3, 8, 8],
    network: [
      { type: 'conv2d', out: 4, id: 'a', activation: 'relu' },
      { type: 'conv2d', out: 4, stride: 2, id: 'b' },
      { type: 'upsample', id: 'c' },
      { type: 'concat', inputs: ['a', 'c', 'input'] },
      { type: 'conv2d', out: 4, id: 'd' },
      { type: 'add', inputs: ['d', 'a'] },
      { type: 'multiply', inputs: ['d', 'c'] },
      { type: 'batchNorm' },
      { type: 'globalAvgPool2d' },
    ],
  },
  {
    name: 'nested',
    input: [2, 2, 6, 6],
    network: [
      {
        type: 'residual',
        activation: 'relu',
        body: [
          { type: 'conv2d', out: 4, stride: 2 },
          { type: 'batchNorm' },
          { type: 'residual', body: [{ type: 'conv2d', out: 4 }] },
        ],
        repeat: 2,
      },
      { type: 'flatten' },
      { type: 'reshape', shape: [4, -1] },
      { type: 'rmsNorm' },
      { type: 'globalAvgPool1d' },
    ],
  },
  {
    name: 'detector',
    input: [2, 3, 8, 8],
    network: [
      { type: 'conv2d', out: 6, stride: 2, id: 'near', activation: 'silu' },
      { type: 'conv2d', out: 8, stride: 2, id: 'far', activation: 'silu' },
      { type: 'detect', classes: 3, inputs: ['near', 'far'] },
    ],
  },
  {
    name: 'speaks',
    input: [2, 5],
    ids: 7,
    network: [
      { type: 'embedding', vocab: 7, out: 8 },
      { type: 'positional' },
      { type: 'transformer', heads: 2, hidden: 12, causal: true, repeat: 3 },
      { type: 'layerNorm' },
      { type: 'lstm', hidden: 4, layers: 2, bidirectional: true, returns: 'last' },
      { type: 'dense', out: 7 },
    ],
  },
];

describe('a written module computes what Fuga computes', () => {
  let results: Record<string, { worst: number; shape: boolean; missing: string[]; error?: string }> = {};
  beforeAll(async () => {
    for (const each of [...layerCases, ...whole]) await prepare(each);
    if (!python) return;
    writeFileSync(join(folder, 'runner.py'), runner);
    const { stdout, stderr } = spawnSync(python, [join(folder, 'runner.py'), folder], { encoding: 'utf8' });
    if (stdout === '') throw new Error(stderr);
    results = JSON.parse(stdout) as typeof results;
  }, 180_000);

  test.each([...layerCases, ...whole].map(({ name }) => name))('%s', (name) => {
    const code = readFileSync(join(folder, name, 'model.py'), 'utf8');
    expect(code).toMatch(/^class Network\(nn\.Module\):$/m);
    const { state, weights } = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as {
      state: { path: string; key: string }[];
      weights: { path: string }[];
    };
    // Every tensor has exactly one place, with or without PyTorch at hand to load it.
    expect(state.map(({ path }) => path).sort()).toEqual(weights.map(({ path }) => path).sort());
    expect(new Set(state.map(({ key }) => key)).size).toBe(state.length);
    if (!python) return;
    expect(results[name]).toMatchObject({ shape: true, missing: [] });
    expect(results[name]!.worst).toBeLessThan(2e-4);
  });
});

describe('files', () => {
  const specs = [
    ['mlp', { data: 'digits', model: { type: 'mlp', depth: 20, activation: 'sigmoid' } }],
    [
      'resnet',
      {
        data: 'digits',
        model: { type: 'resnet' },
        optimizer: { type: 'adamW', lr: 0.01 },
        schedule: { type: 'cosine', warmup: 10 },
      },
    ],
    [
      'gpt',
      {
        data: { source: 'text' },
        model: { type: 'gpt', layers: 2 },
        clip: { norm: 1 },
        schedule: 'linearWarmup',
      },
    ],
    [
      'unet',
      {
        data: { source: 'phantoms', target: 'segmentation' },
        model: { type: 'unet' },
        loss: 'binaryCrossEntropy',
      },
    ],
    [
      'lstm',
      {
        data: { source: 'adding', length: 10 },
        model: { type: 'lstm' },
        optimizer: { type: 'rmsprop', lr: 0.01 },
        schedule: { type: 'step', every: 2 },
      },
    ],
    ['yolo', { data: 'shapes', model: { type: 'yolo' } }],
    ['lsuv', { data: 'digits', model: { type: 'mlp', init: 'lsuv' }, optimizer: 'nadam' }],
    [
      'fixup',
      {
        data: 'digits',
        model: { type: 'resnet', init: 'fixup', norm: 'none' },
        optimizer: { type: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
      },
    ],
    [
      'delta',
      {
        data: 'digits',
        network: [
          { type: 'conv2d', out: 4, init: 'deltaOrthogonal', repeat: 3 },
          { type: 'flatten' },
          { type: 'dense', out: 10 },
        ],
      },
    ],
  ] as const;

  test.each(specs)('%s compiles, and runs its few training lines where PyTorch is', (name, rest) => {
    const { code } = exportPyTorch({ fuga: 1, name, seed: 3, steps: 3, ...rest, data: sized(rest.data) });
    const path = join(folder, `${name}.py`);
    writeFileSync(path, code);
    if (anyPython) {
      const { status, stderr } = spawnSync(anyPython, ['-m', 'py_compile', path], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    }
    if (!python) return;
    const { status, stdout, stderr } = spawnSync(python, [path], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\(8, /);
  });

  function sized(data: string | Readonly<Record<string, unknown>>): Record<string, unknown> {
    return { ...(typeof data === 'string' ? { source: data } : data), batch: 8 };
  }

  test('a name cannot leave its comment', () => {
    const { code } = exportPyTorch({
      fuga: 1,
      name: 'x\nimport os\u2028os.system("rm")"""',
      data: 'digits',
      network: [{ type: 'dense', out: 10 }],
    });
    expect(code.split('\n')[0]).toContain('import os');
    expect(code).not.toMatch(/^import os/m);
  });
});
