import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '@fuga/engine';
import { EngineError } from '../packages/engine/src/core/errors.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import { FLOAT } from '../packages/engine/src/formats/onnx/constant.js';
import { writeOnnxAsPyTorch, writtenOps } from '../packages/engine/src/formats/onnx/python/module.js';
import { readModel } from '../packages/engine/src/formats/onnx/proto.js';
import { goldenNet, goldenNetNames, inputOf } from './nets.js';
import { onnxCases } from './onnxCases.js';

const folder = mkdtempSync(join(tmpdir(), 'fuga-onnx-pytorch-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A Python with PyTorch, or null; FUGA_PYTHON names another one. */
const python = [process.env['FUGA_PYTHON'], 'python3', '/usr/bin/python3']
  .filter((each) => each !== undefined)
  .find((each) => spawnSync(each, ['-c', 'import torch']).status === 0);

/** Runs each case's module on its input; a result is a list of numbers, or what went wrong. */
const runner = `
import json, os, sys, torch
torch.set_num_threads(1)
root = sys.argv[1]
for name in sorted(os.listdir(root)):
    case = os.path.join(root, name)
    if not os.path.isdir(case):
        continue
    try:
        space = {'__name__': 'case'}
        exec(compile(open(os.path.join(case, 'model.py')).read(), name, 'exec'), space)
        network = space['load'](space['Network'](), os.path.join(case, 'weights.safetensors'))
        given = json.load(open(os.path.join(case, 'input.json')))
        network.train(given['train'])
        x = torch.tensor(given['data'], dtype=torch.long if given['ids'] else torch.float32)
        y = network(x.reshape(given['shape']))
        result = {'shape': list(y.shape), 'data': [float(v) for v in y.detach().reshape(-1)]}
    except Exception as error:
        result = {'error': type(error).__name__ + ': ' + str(error)}
    json.dump(result, open(os.path.join(case, 'result.json'), 'w'))
`;

interface Input {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

function prepare(
  group: string,
  name: string,
  made: ReturnType<typeof writeOnnxAsPyTorch>,
  x: Input,
  train: boolean,
) {
  const at = join(folder, group, name);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'model.py'), made.code);
  writeFileSync(join(at, 'weights.safetensors'), writeSafetensors(made.tensors));
  const ids = x.data instanceof Int32Array;
  // Python's reader knows NaN and Infinity, JSON's writer here does not.
  const data = `[${Array.from(x.data, String).join(', ')}]`;
  const rest = JSON.stringify({ shape: x.shape, ids, train });
  writeFileSync(join(at, 'input.json'), `${rest.slice(0, -1)}, "data": ${data}}`);
}

function run(group: string): void {
  const script = join(folder, 'run.py');
  writeFileSync(script, runner);
  const { status, stderr } = spawnSync(python!, [script, join(folder, group)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

interface Result {
  readonly error?: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

function resultOf(group: string, name: string): Result {
  const text = readFileSync(join(folder, group, name, 'result.json'), 'utf8');
  return JSON.parse(
    text.replaceAll('NaN', 'null').replaceAll('-Infinity', '-1e999').replaceAll('Infinity', '1e999'),
  ) as Result;
}

/** Cases that PyTorch answers otherwise by design: random masks, statistics of the batch, bits of bfloat16. */
const others = /training_dropout|batchnorm_.*training_mode|BFLOAT16/;

const read = (net: ReturnType<typeof goldenNet>, file: string) => ({
  model: net.read(file)!,
  name: `${net.name}.onnx`,
  externals: new Map([['weights.safetensors', net.read('weights.safetensors')!]]),
});

describe('a network from a file as a PyTorch module', () => {
  test('is one line a node, with the names of the file', () => {
    const { code, tensors } = writeOnnxAsPyTorch(read(goldenNet('mlp5_relu_he'), 'train.onnx'));
    expect(code).toContain('self.fc1_weight = nn.Parameter(torch.zeros((16, 12)))');
    expect(code).toMatch(/ = F\.linear\(x, self\.fc1_weight, self\.fc1_bias\)\n/);
    expect(code).toMatch(/ = F\.relu\(\w+\)\n/);
    expect(tensors.map(({ name, shape }) => [name, shape.join()])[0]).toEqual(['fc1_weight', '16,12']);
    expect(code).not.toMatch(/[^\x20-\x7e\n]/);
  });

  test('names from the file become identifiers and nothing more', () => {
    const model = readModel(goldenNet('mlp5_relu_he').read('train.onnx')!);
    const odd = `import os"""\n';os.system('x')#\u202e`;
    const rename = (name: string) => (name === 'fc1.weight' ? odd : name);
    const graph = {
      ...model.graph!,
      name: odd,
      initializers: model.graph!.initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
      nodes: model.graph!.nodes.map((node) => ({ ...node, name: odd, inputs: node.inputs.map(rename) })),
    };
    const externals = new Map([
      ['weights.safetensors', goldenNet('mlp5_relu_he').read('weights.safetensors')!],
    ]);
    const { code } = writeOnnxAsPyTorch({ model: { ...model, graph }, name: odd, externals });
    for (const line of code.split('\n').slice(1)) expect(line).not.toMatch(/os\.system|"""\n|;|#/);
  });

  const names = goldenNetNames();
  const made = names.map((name) => {
    const net = goldenNet(name);
    return { name, net, module: writeOnnxAsPyTorch(read(net, 'train.onnx')) };
  });
  test('every golden network is written', () => {
    for (const { module, net } of made) {
      const trained = module.tensors.filter(({ name }) =>
        module.code.includes(`self.${name} = nn.Parameter(`),
      );
      const count = trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
      expect(count, net.name).toBeGreaterThan(300);
      expect(trained.length, net.name).toBe(net.probe.params.length);
    }
  });

  describe.runIf(python)('run by PyTorch', () => {
    beforeAll(() => {
      for (const { name, net, module } of made) prepare('nets', name, module, inputOf(net), true);
      run('nets');
    }, 300_000);

    test.each(names)('%s', (name) => {
      const { error, data } = resultOf('nets', name);
      expect(error).toBeUndefined();
      const { output } = goldenNet(name).probe;
      const l2 = Math.hypot(...data);
      expect(Math.abs(l2 / output.l2 - 1)).toBeLessThan(1e-5);
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(Math.abs(largest / output.max_abs - 1)).toBeLessThan(2e-5);
    });

    test('ONNX’s own tests of one op', () => {
      const refused: string[] = [];
      const cases = ['node', 'pytorch-operator', 'pytorch-converted']
        .flatMap(onnxCases)
        .filter(({ name, ops, inputs, outputs }) => {
          const [x] = inputs;
          return (
            ops.every((op) => writtenOps.includes(op) || op === 'Constant') &&
            x &&
            x.type === FLOAT &&
            !others.test(name) &&
            outputs[0]
          );
        });
      const written = cases.flatMap((item) => {
        const names = readModel(item.model).graph!.inputs.map(({ name }) => name);
        const rest = item.inputs
          .slice(1)
          .flatMap((value, i) => (value ? [[names[i + 1]!, value] as const] : []));
        try {
          const x = item.inputs[0]!;
          const module = writeOnnxAsPyTorch(
            { model: item.model },
            { shape: x.shape, inputs: Object.fromEntries(rest) },
          );
          prepare('cases', item.name, module, { shape: x.shape, data: Float32Array.from(x.data) }, false);
          return [item];
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
          refused.push(`${item.name}: ${error.message.slice(0, 150)}`);
          return [];
        }
      });
      run('cases');
      const wrong = written.flatMap(({ name, outputs }) => {
        const { error, data, shape } = resultOf('cases', name);
        if (error !== undefined) return [`${name}: ${error}`];
        const expected = outputs[0]!;
        if (shape.join() !== expected.shape.join())
          return [`${name}: shape ${shape.join()}, expected ${expected.shape.join()}`];
        const off = data.findIndex((value, i) => {
          const want = expected.data[i]!;
          return !(
            Math.abs(value - want) <= 1e-5 + 1e-3 * Math.abs(want) ||
            value === want ||
            (value === null && Number.isNaN(want))
          );
        });
        return off < 0 ? [] : [`${name}[${off}]: ${data[off]}, expected ${expected.data[off]}`];
      });
      expect(wrong).toEqual([]);
      expect(written.length / cases.length).toBeGreaterThan(0.9);
    }, 300_000);
  });
});
