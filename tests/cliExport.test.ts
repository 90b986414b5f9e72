import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { readSafetensors, type DiagnosisReport } from '@fuga/engine';
import { goldenNet } from './nets.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const binary = join(root, 'packages', 'cli', 'dist', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'fuga-cli-export-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function fuga(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { FORCE_COLOR: _forced, ...env } = process.env;
  return spawnSync(process.execPath, [binary, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, LC_ALL: 'C.UTF-8', FUGA_DATA: join(folder, 'data') },
  });
}

function write(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const table = `a,b,answer\n${Array.from({ length: 60 }, (_, i) => `${(i * 37) % 60},${(i * 17) % 60},${i % 3}`).join('\n')}\n`;
const spec = (data: string, rest = 'steps: 6') =>
  `fuga: 1\nname: A table\ndata: ${data}\nnetwork: [{ type: dense, out: 8, activation: prelu }, { type: dense, out: 3 }]\n${rest}\n`;

describe('a run on a table', () => {
  write('table.csv', table);
  write('net.fuga.yaml', spec('{ csv: table.csv, batch: 16 }'));

  test('is exported to PyTorch with its weights, from its folder alone', () => {
    expect(fuga('train', 'net.fuga.yaml', '--out', 'run').status).toBe(0);
    const { status, stdout, stderr } = fuga('export', 'run', '--to', 'pytorch', '--json');
    expect(status, stderr).toBe(0);
    const { paths } = JSON.parse(stdout) as { paths: string[] };
    expect(paths.map((path) => path.split(/[\\/]/).at(-1))).toEqual(['model.py', 'weights.safetensors']);
    const code = readFileSync(join(folder, paths[0]!), 'utf8');
    expect(code).toContain('self.dense0 = nn.Linear(2, 8)');
    const { tensors } = readSafetensors(new Uint8Array(readFileSync(join(folder, paths[1]!))));
    expect(Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))).toEqual({
      'dense0.weight': [8, 2],
      'dense0.bias': [8],
      'dense0_act.weight': [1],
      'dense1.weight': [3, 8],
      'dense1.bias': [3],
    });
  });

  test('goes on from its weights', () => {
    const loss = (...args: string[]) =>
      (
        JSON.parse(
          fuga('diagnose', 'net.fuga.yaml', '--init-only', '--json', ...args).stdout,
        ) as DiagnosisReport
      ).loss.first;
    expect(fuga('train', 'net.fuga.yaml', '--out', 'longer', '--steps', '200').status).toBe(0);
    expect(loss('--weights', 'longer/weights.safetensors')).toBeLessThan(loss());
    const { status, stderr } = fuga('diagnose', 'net.fuga.yaml', '--weights', 'table.csv');
    expect(status).toBe(2);
    expect(stderr).toMatch(/safetensors/);
  });

  test('a spec is written to standard output; other formats want a folder', () => {
    expect(fuga('export', 'net.fuga.yaml', '--to', 'pytorch').stdout).toMatch(/^# A table/);
    const refused = fuga('export', 'net.fuga.yaml', '--to', 'csv');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/folder/);
    expect(fuga('export', 'nowhere', '--to', 'pytorch').status).toBe(2);
  });

  test('a folder with something else is left alone, a run only overwritten when asked', () => {
    mkdirSync(join(folder, 'mine'));
    write(join('mine', 'thesis.txt'), 'precious');
    const refused = fuga('train', 'net.fuga.yaml', '--out', 'mine', '--overwrite');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('thesis.txt');
    expect(readFileSync(join(folder, 'mine', 'thesis.txt'), 'utf8')).toBe('precious');
    expect(fuga('train', 'net.fuga.yaml', '--out', 'run').status).toBe(2);
    expect(fuga('train', 'net.fuga.yaml', '--out', 'run', '--overwrite').status).toBe(0);
  });

  test('progress is one event a line where it is asked for, and nothing where it is not', () => {
    const { stderr } = fuga('diagnose', 'net.fuga.yaml', '--progress', 'json');
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; step: number });
    expect(events.at(-1)).toMatchObject({ event: 'step', step: 6, steps: 6 });
    expect(fuga('diagnose', 'net.fuga.yaml').stderr).toBe('');
  });
});

describe('broken data files are one sentence with exit code 2', () => {
  test.each([
    [
      'a word in a column of numbers',
      '{ csv: bad.csv }',
      'a,b\n1,2\nx,3\n',
      /bad\.csv:3: expected a number in column "a", got "x"/,
    ],
    [
      'a row that is too short',
      '{ csv: bad.csv }',
      'a,b\n1,2\n3\n',
      /bad\.csv:3: 1 cells, the head line has 2/,
    ],
    [
      'a target that is not there',
      '{ csv: bad.csv, target: prize }',
      'a,b\n1,2\n',
      /no column "prize"; there are a, b/,
    ],
    ['a table without rows', '{ csv: bad.csv }', 'a,b\n', /at least one row/],
    ['no zip', '{ npz: bad.npz }', 'PK?', /bad\.npz: .*zip/i],
    ['no IDX file', '{ idx: bad.csv, labels: bad.csv }', 'hello', /IDX/],
    ['no NIfTI volume', '{ nifti: bad.csv, labels: bad.csv }', 'hello', /NIfTI/],
    ['a missing file', '{ csv: none.csv }', '', /none\.csv: there is no such file/],
    ['a set that is not installed', 'fashionMnist', '', /fuga data install fashionMnist/],
  ])('%s', (_, data, file, message) => {
    write('bad.csv', file);
    write('bad.npz', file);
    const { status, stderr, stdout } = fuga('diagnose', write('broken.fuga.yaml', spec(data)));
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

describe('networks of other programs', () => {
  test('a YOLO model file, by its scale', () => {
    const model = write(
      'yolov8n.yaml',
      `nc: 80
scales: { n: [0.33, 0.25, 1024], s: [0.33, 0.50, 1024] }
backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 3, C2f, [128, True]]
head:
  - [[2], 1, Detect, [nc]]
`,
    );
    const width = (...args: string[]) =>
      JSON.parse(fuga('describe', model, '--json', ...args).stdout) as {
        name: string;
        network: { body: { out: number }[] }[];
      };
    expect(width().name).toBe('yolov8n.yaml, scale n');
    expect(width().network[0]!.body[0]!.out).toBe(16);
    const { report, status } = diagnosis(model, '--steps', '2');
    expect(status === 0 || status === 4).toBe(true);
    expect(report.sites.length).toBeGreaterThan(8);
  });

  test('an ONNX file becomes a PyTorch module, its weights beside it', () => {
    const net = goldenNet('cnn_sigmoid_lenet');
    write('lenet.onnx', net.read('train.onnx')!);
    write('weights.safetensors', net.read('weights.safetensors')!);
    const { status, stdout, stderr } = fuga('export', 'lenet.onnx', '--to', 'pytorch', '--out', 'lenet.py');
    expect(status, stderr).toBe(0);
    expect(stdout).toBe('lenet.py\nlenet.safetensors\n');
    const code = readFileSync(join(folder, 'lenet.py'), 'utf8');
    expect(code).toMatch(/= F\.conv2d\(x, self\.\w+, self\.\w+, stride=\(1, 1\)/);
    const { tensors } = readSafetensors(new Uint8Array(readFileSync(join(folder, 'lenet.safetensors'))));
    for (const name of Object.keys(tensors)) expect(code).toContain(`self.${name} = nn.Parameter(`);
    expect(Object.keys(tensors).length).toBe(net.probe.params.length);
    expect(fuga('export', 'lenet.onnx', '--to', 'csv').status).toBe(2);
  });

  test('a Keras model is diagnosed with its weights: .keras, .h5, .json with .weights.h5', () => {
    const keras = join(root, 'tests', 'golden', 'keras');
    const sites = (...args: string[]) =>
      diagnosis(...args, '--init-only', '--exact').report.sites.map(({ site, parameters }) => [
        site,
        parameters?.norm,
      ]);
    write('nested.json', readFileSync(join(keras, 'nested.json')));
    write('nested.weights.h5', readFileSync(join(keras, 'nested.weights.h5')));
    const given = sites('nested.json');
    expect(given.length).toBeGreaterThan(8);
    expect(sites(join(keras, 'nested.keras'))).toEqual(given);
    expect(sites(join(keras, 'nested.h5'))).toEqual(given);
    expect(sites('nested.json', '--reinit')).not.toEqual(given);
    write('nested.weights.h5', readFileSync(join(keras, 'text.weights.h5')));
    const { status, stderr } = fuga('diagnose', 'nested.json');
    expect(stderr).toMatch(/nested\.weights\.h5: the dataset "layers\/dense\/vars\/0" has the shape/);
    expect(status).toBe(2);
  });

  test('pickles are refused unopened, with what to type instead', () => {
    for (const [name, advice] of [
      ['model.pt', /torch\.onnx\.export/],
      ['weights.pkl', /safetensors/],
    ] as const) {
      const { status, stderr } = fuga('diagnose', name);
      expect(stderr).toMatch(advice);
      expect(status).toBe(2);
    }
  });

  function diagnosis(...args: string[]): { report: DiagnosisReport; status: number | null } {
    const { status, stdout, stderr } = fuga('diagnose', ...args, '--json');
    if (stdout === '') throw new Error(stderr);
    return { report: JSON.parse(stdout) as DiagnosisReport, status };
  }
});

describe('fuga data', () => {
  test('lists what can be installed, with its licence', () => {
    const items = JSON.parse(fuga('data', '--json').stdout) as {
      id: string;
      licence: string;
      installed: null;
    }[];
    expect(items.map(({ id }) => id)).toEqual(['fashionMnist', 'mnist', 'brainMri', 'mails']);
    for (const { licence, installed } of items) {
      expect(licence).not.toBe('');
      expect(installed).toBeNull();
    }
    expect(fuga('data', 'install', 'cifar').stderr).toMatch(/known: fashionMnist/);
  });
});
