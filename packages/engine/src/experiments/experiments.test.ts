import { describe, expect, test } from 'vitest';
import { holds, makeBench, type Experiment } from './experiment.js';
import * as shelf from './index.js';

const experiments: readonly Experiment[] = Object.values(shelf);
// Seeds that no experiment was written with.
const seeds = [7001, 7002, 7003];

describe.each(['relaxed', 'simd'] as const)('laws at initialisation on %s', (variant) => {
  for (const experiment of experiments.filter(({ kind }) => kind === 'init')) {
    test.each(seeds)(`${experiment.id} holds from seed %i`, async (seed) => {
      const outcome = await experiment.measure(await makeBench({ seed, variant }));
      const failed = outcome.checks.filter(
        ({ measured, low, high }) => !(measured >= low && measured <= high),
      );
      expect(failed, experiment.law.formula).toEqual([]);
      expect(holds(outcome)).toBe(true);
    });
  }
});
