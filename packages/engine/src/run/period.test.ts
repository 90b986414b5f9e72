import { describe, expect, it } from 'vitest';
import { recordEvery } from './period.js';
import { recordNetwork } from './run.js';
import { describeData, resolveSpec } from './spec.js';

function period(
  model: Record<string, unknown>,
  shape: readonly number[],
  batch: number,
  steps: number,
): number {
  const spec = resolveSpec({
    fuga: 1,
    data: { source: 'gaussian', shape, samples: 4 * batch, classes: 10, batch },
    model,
    steps,
  });
  return recordEvery(steps, recordNetwork(spec, describeData(spec.data), 'train'));
}

describe('how often a run is recorded', () => {
  it('is every step never more often than a picture can show, and at least twelve times', () => {
    const mlp = { type: 'mlp', depth: 2, width: 8 };
    expect(period(mlp, [4], 8, 256_000)).toBe(1000);
    expect(period(mlp, [4], 8, 40)).toBe(4);
    expect(period(mlp, [4], 8, 1)).toBe(1);
  });

  it('follows what records cost beside a step: rarer for narrow networks than for wide ones', () => {
    const of = (width: number, depth: number) => period({ type: 'mlp', depth, width }, [width], 64, 2000);
    expect(of(16, 100)).toBeGreaterThan(3 * of(512, 8));
    expect(of(16, 100)).toBeLessThanOrEqual(167);
  });

  it('counts the work of shared weights: an image is looked at many times', () => {
    expect(period({ type: 'cnn' }, [3, 32, 32], 32, 2000)).toBeLessThan(60);
  });
});
