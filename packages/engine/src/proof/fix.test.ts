import { describe, expect, test } from 'vitest';
import { compare } from './compare.js';
import { fix } from './fix.js';
import { oneByOne } from './trial.js';
import { resolveSpec } from '../run/spec.js';

const sick = {
  fuga: 1,
  name: 'sick',
  data: { source: 'digits', batch: 64 },
  model: { type: 'mlp', depth: 8, width: 32, activation: 'sigmoid' },
  optimizer: { type: 'sgd', lr: 0.1 },
  steps: 150,
};

describe('compare', () => {
  test('the same spec twice has no effect at all', async () => {
    const result = await compare(sick, sick, { seeds: 3 });
    expect(result.a.loss).toEqual(result.b.loss);
    expect(result.effect).toEqual({ median: 0, ci95: [0, 0], p: 1 });
    expect(result.cost.parameters).toBe(1);
  });
});

describe('fix', () => {
  test('a deep sigmoid network is cured, with the proof', async () => {
    let trials = 0;
    const report = await fix(sick, { onTrial: () => trials++ });
    expect(report.before).toMatchObject({ verdict: 'unhealthy', findings: ['vanishing'] });
    expect(report.before.loss.length).toBe(5);
    expect(report.cured).toBe(true);
    const [best] = report.trials;
    expect(best!.remedies).toEqual(report.best);
    expect(best).toMatchObject({ verdict: 'healthy', cured: true, stoppedAfter: null });
    expect(best!.effect.ci95[1]).toBeLessThan(0);
    expect(best!.effect.p).toBe(1 / 32);
    // What is handed back is a spec that runs, and that the proof was made with.
    const resolved = resolveSpec(report.spec);
    expect(resolved.seed).toBe(report.seeds[0]);
    const again = await oneByOne()(resolved);
    expect(again.loss).toBe(best!.loss[0]);
    expect(report.underAdam!.effect.median).toBeLessThan(0);
    expect(report.trials.some(({ stoppedAfter }) => stoppedAfter === 1)).toBe(true);
    expect(report.trials.some(({ remedies }) => remedies.length === 2)).toBe(true);
    expect(trials).toBeGreaterThan(20);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test('a healthy network needs nothing', async () => {
    const report = await fix({ ...sick, model: { type: 'mlp', depth: 3 } }, { seeds: 2 });
    expect(report).toMatchObject({ best: [], cured: false, trials: [], underAdam: null });
    expect(report.before.verdict).toBe('healthy');
    expect(report.spec.model).toMatchObject({ type: 'mlp', depth: 3 });
  });
});
