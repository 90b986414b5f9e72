import { describe, expect, it } from 'vitest';
import { digest } from './digest.js';
import { Lens, logBins } from './lens.js';
import { predict } from './predict.js';
import { openRun } from './run.js';
import { train } from './train.js';

const spec = {
  fuga: 1,
  data: { source: 'digits', batch: 16 },
  model: { type: 'mlp', depth: 3, width: 12, activation: 'relu' },
  steps: 6,
};
const sum = (counts: Uint32Array) => counts.reduce((a, b) => a + b, 0);

describe('lens', () => {
  it('counts every number of every site and shows the first sample', async () => {
    const run = await openRun(spec, { exact: true, every: 1 });
    const lens = new Lens(run);
    lens.focus = 1;
    run.recorder.companion = lens;
    train(run).next();
    expect(lens.spreads).toHaveLength(run.sites.length);
    lens.spreads.forEach(({ activation, gradient, parameters }, s) => {
      const units = run.trace.sites[s]!.shape[0]!;
      expect(sum(activation.counts)).toBe(16 * units);
      expect(sum(gradient!)).toBe(16 * units);
      expect(sum(parameters!)).toBeGreaterThan(units);
    });
    // About half of ReLU's outputs are 0, and so are the gradients that come back through them one site earlier.
    expect(lens.spreads[1]!.activation.low).toBeCloseTo(0);
    const { picture } = lens;
    expect(picture!.activation).toHaveLength(12);
    expect(picture!.gradient!.some((g) => g !== 0)).toBe(true);
    expect(picture!.input.values).toHaveLength(64);
    expect(picture!.input.gradient!.some((g) => g !== 0)).toBe(true);
    const magnitude = Math.max(...picture!.gradient!.map(Math.abs));
    const bin = Math.floor(Math.log2(magnitude) / 2) - logBins.first;
    expect(lens.spreads[1]!.gradient![bin]!).toBeGreaterThan(0);
  });

  it('changes no number of the run', async () => {
    const plain = await openRun(spec, { exact: true, every: 2 });
    const watched = await openRun(spec, { exact: true, every: 2 });
    watched.recorder.companion = new Lens(watched);
    for (const _ of train(plain));
    for (const _ of train(watched));
    expect(await digest(watched)).toBe(await digest(plain));
    const other = await openRun({ ...spec, seed: 2 }, { exact: true, every: 2 });
    for (const _ of train(other));
    expect(await digest(other)).not.toBe(await digest(plain));
  });
});

describe('predict', () => {
  it('gives the same outputs one by one and in batches, and changes nothing', async () => {
    const run = await openRun(spec, { exact: true });
    for (const _ of train(run));
    const before = await digest(run);
    const x = Float32Array.from({ length: 64 * 19 }, (_, i) => Math.sin(i));
    const all = predict(run, x);
    const last = predict(run, x.subarray(64 * 18));
    expect(all).toHaveLength(190);
    expect([...last]).toEqual([...all.subarray(180)]);
    expect(await digest(run)).toBe(before);
    expect(() => predict(run, new Float32Array(63))).toThrow('64 numbers');
  });
});
