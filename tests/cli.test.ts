import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { DiagnosisReport } from '@fuga/engine';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const binary = join(root, 'packages', 'cli', 'dist', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'fuga-cli-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

// Vitest asks for colours in its own output; a user's pipe does not.
const { FORCE_COLOR: _forced, ...inherited } = process.env;
const plain = { ...inherited, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };

function fuga(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [binary, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: plain,
  });
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function diagnosis(...args: string[]): { report: DiagnosisReport; status: number | null } {
  const { status, stdout, stderr } = fuga('diagnose', ...args, '--json');
  if (stdout === '') throw new Error(stderr);
  return { report: JSON.parse(stdout) as DiagnosisReport, status };
}

describe('fuga diagnose', () => {
  test('finds where the deep sigmoid’s gradient dies, and why', () => {
    const { report, status } = diagnosis('examples/deep-sigmoid.fuga.yaml');
    expect(status).toBe(4);
    expect(report.format).toBe('fuga-diagnosis-1');
    expect(report.verdict).toBe('unhealthy');
    const [first] = report.findings;
    expect(first?.id).toBe('vanishing');
    expect(Number.parseInt(first!.sites[0]!, 10)).toBeLessThan(5);
    expect(first?.cause.factor).toBe('activation');
    expect(report.sites).toHaveLength(21);
    for (const { factor } of report.sites.slice(1, -1)) {
      const product = factor.weights! * factor.activation! * factor.normalization! * factor.skip!;
      expect(Math.abs(product / factor.total! - 1)).toBeLessThan(0.05);
    }
  });

  test('a healthy network has no finding and exit code 0', () => {
    const { report, status } = diagnosis('examples/healthy.fuga.yaml');
    expect(status).toBe(0);
    expect(report.verdict).toBe('healthy');
    expect(report.findings).toEqual([]);
  });

  test('30 ReLU layers with Xavier: the signal dies on the way in', () => {
    const spec = write(
      'forward.fuga.yaml',
      `fuga: 1
data: digits
network:
  - { type: dense, out: 64, activation: relu, init: xavierUniform, repeat: 30 }
  - { type: dense, out: 10 }
`,
    );
    expect(diagnosis(spec).report.findings[0]?.id).toBe('forwardDecay');
  });

  test('a gradient of 1e-32 is a number, not 0', () => {
    const spec = write(
      'fifty.fuga.yaml',
      `fuga: 1
data: digits
network:
  - { type: dense, out: 64, activation: sigmoid, init: xavierUniform, repeat: 50 }
  - { type: dense, out: 10 }
`,
    );
    const { report } = diagnosis(spec, '--init-only');
    expect(report.sites[0]!.gradient.rms).toBeGreaterThan(1e-36);
    expect(report.sites[0]!.gradient.rms).toBeLessThan(1e-28);
  });

  test('prints one picture of at most 80 columns, with the culprit marked', () => {
    const { stdout, stderr } = fuga('diagnose', 'examples/deep-sigmoid.fuga.yaml');
    expect(stderr).toBe('');
    expect(stdout).not.toContain('\x1b[');
    for (const line of stdout.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/▶ 0\.dense/);
    expect(stdout.match(/^..\d+\.dense/gm)?.length).toBe(21);
    for (const word of ['what', 'where', 'why', 'do'])
      expect(stdout).toMatch(new RegExp(`^ {4}${word} `, 'm'));
  });

  test('speaks Portuguese', () => {
    expect(fuga('diagnose', 'examples/deep-sigmoid.fuga.yaml', '--lang', 'pt-BR').stdout).toContain(
      'gradiente',
    );
  });

  test('describes an exported network', () => {
    const model = join('tests', 'golden', 'nets', 'mlp20_sigmoid_xavier', 'train.onnx');
    const { status, stdout, stderr } = fuga('describe', model);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('Gemm');
  });

  test('reads an exported network', () => {
    const model = join('tests', 'golden', 'nets', 'mlp20_sigmoid_xavier', 'train.onnx');
    const { report, status } = diagnosis(model, '--steps', '20');
    expect(status).toBe(4);
    expect(report.findings[0]?.id).toBe('vanishing');
    expect(report.sites[0]?.site).toContain('Gemm');
  });

  test('reads a table beside the spec', () => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${(i * 37) % 60},${(i * 17) % 60},${(i * 37) % 60 > 30 ? 'yes' : 'no'}`,
    );
    write('table.csv', `a,b,answer\n${rows.join('\n')}\n`);
    const spec = write(
      'table.fuga.yaml',
      'fuga: 1\ndata: { csv: table.csv, target: answer, batch: 16 }\nnetwork: [{ type: dense, out: 8, activation: tanh }, { type: dense, out: 2 }]\nsteps: 5\n',
    );
    expect(diagnosis(spec).report.sites).toHaveLength(2);
  });
});

const head = 'fuga: 1\ndata: digits\n';
describe('bad input is one clear error, exit code 2, no stack', () => {
  test.each([
    [
      'an unknown layer',
      `${head}network:\n  - { type: desne, out: 3 }\n`,
      /:4:7: network\.0\.type: .*did you mean "dense"/,
    ],
    [
      'a negative width',
      `${head}network:\n  - { type: dense, out: -3 }\n`,
      /:4:20: network\.0\.out: expected at least 1, got -3/,
    ],
    [
      'a shape that does not fit',
      `${head}network:\n  - { type: conv2d, out: 3 }\n  - { type: lstm, hidden: 4 }\n`,
      /network\.1.*expects/,
    ],
    ['a YAML error', `${head}network: [{ type: dense\n`, /:\d+:\d+: /],
    [
      'a network of 10⁹ parameters',
      `${head}network:\n  - { type: dense, out: 31623, repeat: 2 }\n`,
      /GiB .*parameters/,
    ],
    [
      'an alias bomb',
      `fuga: 1\na: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
      /alias/i,
    ],
  ])('%s', (name, text, message) => {
    const { status, stdout, stderr } = fuga(
      'diagnose',
      write(`${name.replace(/\W+/g, '-')}.fuga.yaml`, text),
    );
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test.each([
    ['a missing file', ['diagnose', 'nowhere.fuga.yaml'], /no such file/],
    ['a folder', ['diagnose', 'examples'], /folder/],
    ['a pickle', ['diagnose', 'model.pt'], /safetensors|onnx/i],
    ['an unknown command', ['diagnoze', 'x'], /unknown command|diagnose/],
    ['an unknown option', ['diagnose', 'x', '--jsn'], /unknown option/],
  ])('%s', (_, args, message) => {
    const { status, stderr } = fuga(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  });
});

describe('fuga train', () => {
  test('keeps spec, journal, trace and weights, and reaches 96 % on digits', () => {
    const out = join(folder, 'run');
    const { status, stderr, stdout } = fuga('train', 'examples/healthy.fuga.yaml', '--out', out, '--json');
    expect(status, stderr).toBe(0);
    for (const name of ['spec.yaml', 'journal.jsonl', 'trace.json', 'weights.safetensors']) {
      expect(existsSync(join(out, name)), name).toBe(true);
    }
    const events = readFileSync(join(out, 'journal.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; metric?: number });
    const end = events.at(-1)!;
    expect(end.event).toBe('end');
    expect(end.metric).toBeGreaterThanOrEqual(0.96);
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  });

  test('Ctrl-C stops at once and keeps what was done', async () => {
    const spec = write(
      'long.fuga.yaml',
      `${head}network:\n  - { type: dense, out: 256, activation: tanh, repeat: 10 }\n  - { type: dense, out: 10 }\nsteps: 1000000\n`,
    );
    const child = spawn(
      process.execPath,
      [binary, 'diagnose', spec, '--steps', '1000000', '--json', '--progress', 'json'],
      { cwd: root },
    );
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    await new Promise((resolve) => child.stderr.once('data', resolve)); // it trains
    const start = performance.now();
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    const took = performance.now() - start;
    console.log(`stopped in ${took.toFixed(0)} ms`);
    expect(code).toBe(130);
    expect(took).toBeLessThan(2000); // 200 ms on a quiet machine; this one may be busy
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((JSON.parse(stdout) as DiagnosisReport).steps).toBeGreaterThan(0);
  });
});

describe('fuga fix', () => {
  test('cures a deep sigmoid network, proves it, and writes a spec that is healthy', () => {
    const sick = write(
      'sick.fuga.yaml',
      `${head}network:\n  - { type: dense, out: 32, activation: sigmoid, init: xavierUniform, repeat: 12 }\n  - { type: dense, out: 10 }\nsteps: 150\n`,
    );
    const out = join(folder, 'cured.fuga.yaml');
    const { status, stdout, stderr } = fuga('fix', sick, '--out', out, '--no-pairs', '--no-adam', '--json');
    expect(status, stderr).toBe(0);
    const report = JSON.parse(stdout) as {
      format: string;
      best: string[];
      cured: boolean;
      trials: { remedies: string[]; effect: { ci95: number[] } }[];
    };
    expect(report.format).toBe('fuga-fix-1');
    expect(report.cured).toBe(true);
    expect(report.best.length).toBeGreaterThan(0);
    expect(report.trials[0]!.remedies).toEqual(report.best); // the best is ranked first
    expect(report.trials[0]!.effect.ci95[1]).toBeLessThan(0);
    expect(diagnosis(out).report.verdict).toBe('healthy');
  });
});

describe('fuga list, describe, experiment', () => {
  test.each(['layers', 'activations', 'inits', 'probes', 'diagnoses', 'remedies', 'experiments', 'datasets'])(
    'list %s',
    (kind) => {
      const items = JSON.parse(fuga('list', kind, '--json').stdout) as { id: string; does: string }[];
      expect(items.length).toBeGreaterThan(3);
      for (const { id, does } of items) expect(does, id).not.toBe('');
    },
  );

  test('describe gives the spec with every default filled in', () => {
    const spec = JSON.parse(fuga('describe', 'examples/healthy.fuga.yaml', '--json').stdout) as Record<
      string,
      unknown
    >;
    const resolved = (spec['spec'] ?? spec) as {
      optimizer: { momentum: number };
      network: { bias: boolean }[];
    };
    expect(resolved.optimizer.momentum).toBe(0);
    expect(resolved.network[0]!.bias).toBe(true);
  });

  test('experiment: the law holds, and the exit code says so', () => {
    const { status, stdout } = fuga('experiment', 'forgetBias', '--json');
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { experiments: { holds: boolean }[] }).experiments[0]!.holds).toBe(true);
    expect(fuga('experiment', 'nothing').status).toBe(2);
  });

  test('experiment: a table of several laws in Markdown, bars in names escaped', () => {
    const path = join(folder, 'laws.md');
    expect(fuga('experiment', 'forgetBias', 'orthogonalIsometry', '--report', path, '--quiet').status).toBe(
      0,
    );
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('| experiment | quantity | predicted | measured | band | seconds |');
    for (const line of lines.slice(0, -2)) expect(line.split(/(?<!\\)\|/)).toHaveLength(8);
    expect(lines.filter((line) => line.startsWith('| `'))).toHaveLength(2);
    expect(lines.at(-1)).toBe('2 of 2 laws hold.');
  });
});
