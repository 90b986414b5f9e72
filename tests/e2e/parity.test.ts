import { digest, openRun, train } from '@fuga/engine';
import { describe, expect, it } from 'vitest';
import { setStage } from './stage.js';

const lab = setStage();

const specs = [
  {
    fuga: 1,
    data: { source: 'digits', batch: 32 },
    model: { type: 'mlp', depth: 20, width: 64, activation: 'sigmoid', init: 'xavierUniform' },
    optimizer: { type: 'sgd', lr: 0.1 },
    steps: 60,
  },
  {
    fuga: 1,
    seed: 5,
    data: { source: 'spirals', batch: 64 },
    model: { type: 'mlp', depth: 6, width: 31, activation: 'tanh', skip: true },
    optimizer: { type: 'adam', lr: 0.01 },
    schedule: { type: 'cosine' },
    clip: { norm: 1 },
    steps: 80,
  },
];

describe('exact kernels', () => {
  it('give the same weights and the same trace, bit for bit, in Node and in Chromium', async () => {
    const { page, context, faults } = await lab.open();
    await page.goto(lab.url);
    await page.waitForFunction(() => 'fugaDigestOf' in window);
    for (const spec of specs) {
      const run = await openRun(spec, { exact: true });
      for (const _ of train(run));
      const here = await digest(run);
      const there = await page.evaluate(
        (spec) => (window as unknown as { fugaDigestOf(spec: unknown): Promise<string> }).fugaDigestOf(spec),
        spec,
      );
      expect(here).toMatch(/^[0-9a-f]{64}$/);
      expect(there).toBe(here);
    }
    expect(faults).toEqual([]);
    await context.close();
  });
});
