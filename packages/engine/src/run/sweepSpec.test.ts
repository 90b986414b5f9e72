import { describe, expect, test } from 'vitest';
import { inShard, readShard, readSweep, type Trial } from './sweepSpec.js';

const base = {
  fuga: 1,
  data: 'digits',
  model: { type: 'mlp', depth: 3, activation: 'relu' },
  optimizer: 'sgd',
  steps: 5,
};
const sweep = (rest: object) => readSweep({ fugaSweep: 1, base, ...rest });
const values = (rest: object) => [...sweep(rest).trials()].map((trial) => trial.values);

describe('axes', () => {
  test('a grid turns its last axis fastest and sets any path of the spec', () => {
    const trials = [...sweep({ axes: { 'model.depth': [5, 10], seed: [1, 2, 3] } }).trials()];
    expect(trials.map((t) => [t.values['model.depth'], t.values['seed']])).toEqual([
      [5, 1],
      [5, 2],
      [5, 3],
      [10, 1],
      [10, 2],
      [10, 3],
    ]);
    expect(trials[4]!.input).toEqual({ ...base, model: { ...base.model, depth: 10 }, seed: 2 });
    expect(base.model.depth).toBe(3);
  });

  test('ranges have no rounding dust and both ends', () => {
    expect(values({ axes: { a: { from: 0.1, to: 0.5, step: 0.1 } } }).map((t) => t['a'])).toEqual([
      0.1, 0.2, 0.3, 0.4, 0.5,
    ]);
    expect(values({ axes: { a: { from: 5, to: 1, step: -2 } } }).map((t) => t['a'])).toEqual([5, 3, 1]);
    expect(values({ axes: { a: { from: 1, to: 4 } } }).map((t) => t['a'])).toEqual([1, 2, 3, 4]);
    expect(values({ axes: { a: { from: 1e-3, to: 1, count: 4, scale: 'log' } } }).map((t) => t['a'])).toEqual(
      [0.001, 0.01, 0.1, 1],
    );
    const squares = values({ axes: { a: { from: 1, to: 2, count: 4, scale: 'square' } } }).map(
      (t) => (t['a'] as number) ** 2,
    );
    squares.forEach((square, i) => {
      expect(square).toBeCloseTo(1 + i, 10);
    });
  });

  test('words written in short are opened where a path goes into them', () => {
    const [trial] = [
      ...sweep({
        axes: { 'optimizer.lr': [0.5], 'data.batch': [8], 'model.activation.slope': [0.2] },
      }).trials(),
    ];
    expect(trial!.input).toMatchObject({
      optimizer: { type: 'sgd', lr: 0.5 },
      data: { source: 'digits', batch: 8 },
      model: { activation: { fn: 'relu', slope: 0.2 } },
    });
  });

  test('random axes are drawn together, sample by sample, and again the same', () => {
    const axes = {
      'optimizer.lr': { random: true, from: 1e-4, to: 1, scale: 'log' },
      'model.depth': { random: true, from: 2, to: 50, step: 2 },
      'model.activation': { random: true, of: ['relu', 'tanh'] },
      'model.width': [16, 32],
    };
    const drawn = values({ axes, samples: 200 });
    expect(drawn).toHaveLength(400);
    expect(drawn).toEqual(values({ axes, samples: 200 }));
    expect(drawn).not.toEqual(values({ axes, samples: 200, seed: 2 }));
    // Both widths of a sample share what was drawn: they are paired.
    expect(drawn[0]!['optimizer.lr']).toBe(drawn[1]!['optimizer.lr']);
    const decades = [0, 0, 0, 0];
    for (const trial of drawn) {
      const lr = trial['optimizer.lr'] as number;
      const slot = Math.floor(Math.log10(lr) + 4);
      decades[slot] = decades[slot]! + 1;
      expect((trial['model.depth'] as number) % 2).toBe(0);
    }
    // 400 draws in pairs over 4 decades: 100 each, standard deviation 12.2.
    for (const count of decades) expect(Math.abs(count - 100)).toBeLessThan(50);
    expect(new Set(drawn.map((t) => t['model.activation']))).toEqual(new Set(['relu', 'tanh']));
    expect(Math.max(...drawn.map((t) => t['model.depth'] as number))).toBeLessThanOrEqual(50);
  });

  test('include adds trials, exclude takes away', () => {
    const all = values({
      axes: { 'model.depth': [5, 10], 'model.activation': ['relu', 'tanh'] },
      include: [{ 'model.depth': 100, seed: [7, 8] }],
      exclude: [{ 'model.depth': [10, 20], 'model.activation': 'tanh' }],
    });
    expect(all).toEqual([
      { 'model.depth': 5, 'model.activation': 'relu' },
      { 'model.depth': 5, 'model.activation': 'tanh' },
      { 'model.depth': 10, 'model.activation': 'relu' },
      { 'model.depth': 100, seed: 7 },
      { 'model.depth': 100, seed: 8 },
    ]);
  });
});

test('a sweep of a million trials is a stream', () => {
  const big = sweep({ axes: { seed: { from: 1, to: 1000 }, 'model.width': { from: 1, to: 1000 } } });
  expect(big.size).toBe(1e6);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let count = 0;
  let last: Trial | null = null;
  for (const trial of big.trials()) {
    count++;
    last = trial;
  }
  expect(count).toBe(1e6);
  expect(last!.values).toEqual({ seed: 1000, 'model.width': 1000 });
  // A list of a million trials takes over 300 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
});

describe('shards', () => {
  test.each([1, 2, 3, 8])('%i shards are complete, disjoint and equal, counted from 0 or from 1', (parts) => {
    for (const start of [0, 1]) {
      const owners = new Array<number>(96).fill(0);
      for (let part = start; part < parts + start; part++) {
        const own = owners.map((_, i) => i).filter((i) => inShard(i, readShard(`${part}/${parts}`)));
        expect(own.length).toBe(96 / parts);
        for (const i of own) owners[i]!++;
      }
      expect(owners.every((count) => count === 1)).toBe(true);
    }
  });

  test('no shard gets one value of an axis only', () => {
    // Depth turns with period 4, as many as shards: dealing out by index alone gives each shard one depth.
    for (let part = 0; part < 4; part++) {
      const depths = new Set(
        Array.from({ length: 64 }, (_, i) => i)
          .filter((i) => inShard(i, { part, parts: 4 }))
          .map((i) => i % 4),
      );
      expect(depths.size).toBe(4);
    }
  });

  test.each(['3/2', 'a/2', '1', '-1/2', '1/0'])('"%s" is refused', (text) => {
    expect(() => readShard(text)).toThrow(/shard/);
  });
});

describe('errors name the place', () => {
  const cases: [string, object, RegExp][] = [
    ['no axes', {}, /^axes: expected axes/],
    ['an empty list', { axes: { seed: [] } }, /^axes\.seed: expected at least one value/],
    ['a value twice', { axes: { seed: [1, 2, 1] } }, /^axes\.seed\.2: 1 is there twice/],
    [
      'a step that leads away',
      { axes: { seed: { from: 1, to: 5, step: -1 } } },
      /^axes\.seed\.step: expected a step/,
    ],
    [
      'log of zero',
      { axes: { seed: { from: 0, to: 5, count: 3, scale: 'log' } } },
      /^axes\.seed\.from: a log range/,
    ],
    [
      'log without count',
      { axes: { seed: { from: 1, to: 5, scale: 'log' } } },
      /^axes\.seed\.count: a log range needs a count/,
    ],
    [
      'an unknown key',
      { axes: { seed: { from: 1, to: 5, stp: 2 } } },
      /^axes\.seed\.stp: unknown key "stp"; did you mean "step"/,
    ],
    ['samples missing', { axes: { seed: { random: true, from: 1, to: 5 } } }, /^samples: a random axis/],
    [
      'exclude of nothing',
      { axes: { 'model.depth': [1] }, exclude: [{ 'model.dept': 1 }] },
      /^exclude\.0\.model\.dept: no trial has .*did you mean "model.depth"/,
    ],
    [
      'one axis in another',
      { axes: { 'model.depth': [1], model: [{}] } },
      /^axes\.model: "model" would overwrite/,
    ],
    [
      'a misspelt section',
      { axes: { seed: [1] }, exlude: [] },
      /^exlude: unknown key "exlude"; did you mean "exclude"/,
    ],
  ];
  test.each(cases)('%s', (_, rest, message) => {
    expect(() => sweep(rest)).toThrow(message);
  });

  test('a path through a number', () => {
    expect(() => [...sweep({ axes: { 'steps.x': [1] } }).trials()]).toThrow(
      /^axes\.steps\.x: cannot set steps\.x: steps is 5/,
    );
  });
});
