import { EngineError, resolveSpec } from '@fuga/engine';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { failureAt } from './failure.js';
import { openRunFolder } from './runFolder.js';

const spec = resolveSpec({ fuga: 1, data: 'digits', model: { type: 'mlp', depth: 1, width: 4 }, steps: 1 });
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuga-folder-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a folder whose run never began is used again', async () => {
  await openRunFolder(folder, spec, false);
  await expect(openRunFolder(folder, spec, false)).resolves.toBeUndefined();
});

test('a folder with a run is refused unless it may be overwritten, one with anything else always', async () => {
  writeFileSync(join(folder, 'journal.jsonl'), '');
  await expect(openRunFolder(folder, spec, false)).rejects.toThrow(/holds a run already/);
  await openRunFolder(folder, spec, true);
  writeFileSync(join(folder, 'thesis.txt'), '');
  await expect(openRunFolder(folder, spec, true)).rejects.toThrow(/something else/);
});

test('what is wrong with an option’s file is not told as a place in the spec', () => {
  const source = { path: 'net.yaml', text: 'fuga: 1\n' };
  const error = new EngineError('FORMAT', 'safetensors: torn', ['--weights']);
  expect(failureAt(error, source).message).toBe('--weights: safetensors: torn');
});
