import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages = ['core-wasm', 'engine'];
let folder: string;

/** The package manager that the workspace itself was installed with. */
function pnpm(args: readonly string[], cwd: string): string {
  const bin = join(root, 'node_modules', '.bin', 'pnpm');
  return execFileSync(bin, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
}

describe('the published packages', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fuga-packed-'));
    for (const name of packages) pnpm(['pack', '--pack-destination', folder], join(root, 'packages', name));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('install in an empty folder and run the README’s script with its printed output', () => {
    const readme = readFileSync(join(root, 'packages', 'engine', 'README.md'), 'utf8');
    const [, script] = /```js\n([\s\S]*?)```/.exec(readme)!;
    const [, output] = /prints\n\n```\n([\s\S]*?)```/.exec(readme)!;
    const tarball = (name: string) =>
      `file:./${readdirSync(folder).find((file) => file.startsWith(`fuga-${name}-`))}`;
    const dependencies = Object.fromEntries(packages.map((name) => [`@fuga/${name}`, tarball(name)]));
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'elsewhere', private: true, type: 'module', dependencies }),
    );
    const overrides = Object.entries(dependencies).map(([name, place]) => `  '${name}': '${place}'`);
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), `overrides:\n${overrides.join('\n')}\n`);
    writeFileSync(join(folder, 'script.js'), script!);
    pnpm(['install', '--prefer-offline', '--ignore-scripts'], folder);
    const printed = execFileSync(process.execPath, ['script.js'], { cwd: folder, encoding: 'utf8' });
    expect(printed.trim()).toBe(output!.trim());
  });

  test.each(packages)('publint finds nothing in %s', (name) => {
    const bin = join(root, 'node_modules', '.bin', 'publint');
    const said = execFileSync(bin, ['--strict', join(root, 'packages', name)], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(said).toContain('All good');
  });
});

test('the engine’s public API is documented: typedoc builds without a warning', () => {
  const out = mkdtempSync(join(tmpdir(), 'fuga-docs-'));
  try {
    const bin = join(root, 'node_modules', '.bin', 'typedoc');
    const { status, stderr, stdout } = spawnSync(bin, ['--out', out], { cwd: root, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).not.toMatch(/\[warning\]|\[error\]/);
    expect(status).toBe(0);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
});
