import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeRun, parseSpec } from '@fuga/engine';
import { describe, expect, test } from 'vitest';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'examples');
const specs = readdirSync(folder).filter((name) => name.endsWith('.fuga.yaml'));

describe('examples', () => {
  test('there are some', () => {
    expect(specs.length).toBeGreaterThan(10);
  });

  test.each(specs)('%s is a network that fits its data', async (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text.startsWith('#'), 'its first line says what it shows').toBe(true);
    const { spec, parameters, memory } = await describeRun(parseSpec(text));
    expect(spec.name).not.toBe('unnamed');
    expect(parameters).toBeGreaterThan(0);
    expect(memory.total).toBeLessThan(1e9);
    // What it names as its twin must exist.
    for (const [twin] of text.matchAll(/[\w-]+\.fuga\.yaml/g))
      expect(specs, `${name} names ${twin}`).toContain(twin);
  });
});
