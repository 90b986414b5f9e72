import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importedRun, importOnnx, missingOpsOf } from '../packages/engine/src/index.js';
import { openRun } from '../packages/engine/src/run/run.js';
import { describe, expect, it } from 'vitest';
import { goldenFolder } from './golden.js';

const nets = join(goldenFolder, 'nets');
const names = readdirSync(nets, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('the outline of a network from a file', () => {
  it.each(names)('%s: every site is at a node, every node reads what comes before it', async (name) => {
    const model = new Uint8Array(readFileSync(join(nets, name, 'train.onnx')));
    const weights = new Uint8Array(readFileSync(join(nets, name, 'weights.safetensors')));
    const files = { model, name, externals: new Map([['weights.safetensors', weights]]) };
    expect(missingOpsOf(files)).toEqual([]);
    const { spec, options, network } = await importedRun(files);
    const outline = network.outline();
    const run = await openRun(spec, options);
    const nodes = new Set(outline.map((node) => node.name));
    expect(run.sites.filter((site) => site.type !== 'attention').map((site) => site.name)).toSatisfy(
      (sites: string[]) => sites.every((site) => nodes.has(site)),
    );
    outline.forEach(({ inputs }, at) => {
      expect(inputs.length).toBeGreaterThan(0);
      for (const from of inputs) expect(from).toBeLessThan(at);
    });
    expect(outline[0]!.inputs).toEqual([-1]);
    // Some node makes what the network gives.
    expect(outline.map(({ shape }) => shape)).toContainEqual(run.network.output.shape);
    expect(outline.reduce((sum, { parameters }) => sum + parameters, 0)).toBeGreaterThan(0);
    expect(outline.length).toBeLessThanOrEqual(importOnnx(files, { batch: 2 }).nodes);
  });
});
