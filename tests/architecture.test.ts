import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const engine = join(root, 'packages', 'engine', 'src');

/** Folders of the engine, each line may import itself and the lines above it. See ARCHITECTURE.md. */
const order = [
  ['core'],
  ['activations', 'inits', 'ops'],
  ['layers', 'losses', 'optimizers', 'schedules', 'datasets'],
  ['models', 'probes', 'formats', 'theory'],
  ['run'],
  ['measures'],
  ['diagnoses'],
  ['remedies'],
  ['proof'],
  ['experiments'],
  ['index.ts'],
];

function filesOf(folder: string, ending: RegExp): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (['node_modules', 'dist', 'build', 'lab'].includes(name)) return [];
    if (statSync(path).isDirectory()) return filesOf(path, ending);
    return ending.test(name) ? [path] : [];
  });
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
}

const rank = (path: string) => {
  const top = relative(engine, path).split(/[\\/]/)[0]!;
  return order.findIndex((folders) => folders.includes(top));
};

describe('architecture', () => {
  test('engine folders import only what stands above them', () => {
    const wrong: string[] = [];
    for (const file of filesOf(engine, /\.ts$/)) {
      if (file.endsWith('.test.ts')) continue;
      expect(rank(file), `${relative(engine, file)} is in no known folder`).toBeGreaterThanOrEqual(0);
      for (const name of importsOf(file)) {
        if (!name.startsWith('.')) continue;
        const target = resolve(dirname(file), name);
        if (rank(target) > rank(file)) wrong.push(`${relative(engine, file)} imports ${name}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('packages import one way: core-wasm ◄ engine ◄ { cli, web }', () => {
    const allowed: Record<string, readonly string[]> = {
      'core-wasm': [],
      engine: ['@fuga/core-wasm'],
      cli: ['@fuga/engine'],
      web: ['@fuga/engine'],
    };
    const wrong: string[] = [];
    for (const [name, may] of Object.entries(allowed)) {
      for (const file of filesOf(join(root, 'packages', name, 'src'), /\.(ts|svelte)$/)) {
        if (file.endsWith('.test.ts')) continue;
        for (const imported of importsOf(file)) {
          const sibling = /^@fuga\/[a-z-]+/.exec(imported)?.[0];
          if (sibling && !may.includes(sibling)) wrong.push(`${relative(root, file)} imports ${imported}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('every item of a shelf is named as its file', () => {
    const shelves = order.flat().filter((folder) => existsSync(join(engine, folder, 'index.ts')));
    expect(shelves.length).toBeGreaterThan(8);
    for (const shelf of shelves) {
      const folder = join(engine, shelf);
      const index = readFileSync(join(folder, 'index.ts'), 'utf8');
      for (const [, exported, file] of index.matchAll(
        /export \{ (\w+)(?: as \w+)? \} from '\.\/(\w+)\.js'/g,
      )) {
        expect(file, `${shelf}/index.ts`).toBe(exported);
      }
    }
  });
});
