import { describe, expect, test } from 'vitest';
import { generate, writeSample } from './generate.js';
import { openRun } from './run.js';
import { train } from './train.js';

const text = { fuga: 1, data: { source: 'text', length: 16, batch: 8 }, steps: 3 };
const gpt = { type: 'gpt', layers: 1, width: 16, heads: 2, hidden: 16 };

async function trained(spec: Record<string, unknown>) {
  const run = await openRun({ steps: 3, ...spec }, { exact: true, every: 1 });
  for (const frame of train(run)) expect(Number.isFinite(frame.loss)).toBe(true);
  return run;
}

describe('generate', () => {
  test('goes on past the window, the same text from the same seed', async () => {
    const run = await trained({ ...text, model: gpt });
    const options = { prompt: 'In the ', length: 40, seed: 5 };
    const first = generate(run, options);
    expect(first).toHaveLength(40);
    expect(generate(run, options)).toBe(first);
    expect(generate(run, { ...options, seed: 6 })).not.toBe(first);
  });

  test('takes the likeliest at temperature 0, whatever the seed, as with topK 1', async () => {
    const run = await trained({ ...text, model: { type: 'lstm', hidden: 12 } });
    const greedy = generate(run, { prompt: 'And', length: 20, temperature: 0, seed: 1 });
    expect(generate(run, { prompt: 'And', length: 20, temperature: 0, seed: 2 })).toBe(greedy);
    expect(generate(run, { prompt: 'And', length: 20, topK: 1, seed: 3 })).toBe(greedy);
  });

  test('changes nothing in the run', async () => {
    const [plain, asked] = await Promise.all(
      [0, 1].map(() => openRun({ ...text, model: gpt }, { exact: true })),
    );
    const losses = [plain!, asked!].map((run, i) =>
      Array.from(train(run), ({ loss }) => {
        if (i === 1) generate(run, { prompt: 'And', length: 5 });
        return loss;
      }),
    );
    expect(losses[1]).toEqual(losses[0]);
  });

  test('writes a sample that goes on where the held-out text leaves off; nothing for other tasks', async () => {
    const run = await trained({ ...text, model: gpt });
    const { prompt, text: written } = writeSample(run, 30)!;
    expect(prompt).toHaveLength(16); // as much as the network sees, at most
    expect(written).toHaveLength(30);
    const copying = { source: 'copyMemory', length: 5, samples: 100, batch: 4 };
    expect(
      writeSample(await trained({ fuga: 1, data: copying, model: { type: 'gru', hidden: 4 } })),
    ).toBeNull();
  });

  test('says what it needs', async () => {
    const run = await trained({ ...text, model: gpt });
    expect(() => generate(run, { prompt: '', length: 1 })).toThrow('at least one character');
    expect(() => generate(run, { prompt: 'ação', length: 1 })).toThrow('"ç" is not among the 62');
    const other = await trained({
      fuga: 1,
      data: { source: 'adding', length: 8, samples: 100, batch: 4 },
      model: { type: 'rnn', hidden: 4 },
    });
    expect(() => generate(other, { prompt: 'a', length: 1 })).toThrow('only a language model');
  });
});

describe('models of sequences', () => {
  const sources = {
    adding: { source: 'adding', length: 12, samples: 200 },
    copyMemory: { source: 'copyMemory', length: 5, samples: 200 },
    sequentialDigits: { source: 'sequentialDigits' },
    sentiment: { source: 'sentiment', distance: 5, samples: 200 },
    text: { source: 'text', length: 12 },
  };
  for (const [name, data] of Object.entries(sources)) {
    test.each([
      { type: 'rnn', hidden: 6 },
      { type: 'rnn', hidden: 5, activation: 'relu', layers: 2, bidirectional: true },
      { type: 'lstm', hidden: 6, layers: 2 },
      { type: 'gru', hidden: 5, bidirectional: true },
      {
        type: 'transformer',
        layers: 1,
        width: 8,
        heads: 2,
        hidden: 8,
        norm: 'post',
        positions: 'sinusoidal',
      },
    ])(`${name} with %o`, async (model) => {
      const run = await trained({ fuga: 1, data: { ...data, batch: 4 }, model });
      expect(run.trace.records).toHaveLength(3);
    });
  }
});

describe('what a record holds of a sequence', () => {
  test('the gradient at every hidden and cell state, and the saturation of every gate', async () => {
    const run = await trained({
      fuga: 1,
      data: { source: 'adding', length: 30, samples: 100, batch: 10 },
      model: { type: 'lstm', hidden: 8, forgetBias: -20 },
    });
    const { details, time } = run.trace.records[0]!;
    const { states, meters } = details![0]!;
    expect(Object.keys(states)).toEqual(['hidden', 'cell']);
    expect(time[0]).toEqual(states['hidden']);
    expect(states['hidden']).toHaveLength(30);
    // A shut forget gate stops the cell's gradient: it falls by far more than σ(−20)-fold in a few steps.
    expect(states['cell']![29]!).toBeGreaterThan(0);
    expect(states['cell']![20]!).toBeLessThan(1e-4 * states['cell']![29]!);
    const [input, forget] = meters['gateSaturation']!;
    expect(forget).toBe(1);
    expect(input).toBeLessThan(0.2);
    expect(run.trace.sites[0]!.meters![0]!.labels).toEqual(['input', 'forget', 'cell', 'output']);
  });

  test('the gradient at the last hidden state is what the layer above gives back', async () => {
    const run = await trained({
      fuga: 1,
      data: { source: 'adding', length: 6, samples: 100, batch: 10 },
      model: { type: 'gru', hidden: 8 },
    });
    const record = run.trace.records[0]!;
    const gradient = run.recorder.read(); // probe by probe, site by site, of the last record
    expect(gradient.length).toBeGreaterThan(0);
    expect(record.time[0]![5]!).toBeGreaterThan(record.time[0]![0]! * 1e-6);
    const last = run.trace.records.at(-1)!;
    const probe = Object.keys((await import('../probes/index.js')) as object).indexOf('gradientRms');
    expect(last.values[probe * run.trace.sites.length]).toBeCloseTo(last.time[0]![5]!, 9);
  });

  test('each head’s entropy, and the gradient in branch and skip', async () => {
    const run = await trained({ ...text, model: gpt });
    const site = run.trace.sites.findIndex(({ type }) => type === 'transformer');
    const { meters, parts } = run.trace.records[0]!.details![site]!;
    expect(meters['headEntropy']).toHaveLength(2);
    for (const entropy of meters['headEntropy']!) {
      // Causal over 16 positions: between one key each and all alike, mean ln t.
      const uniform = Array.from({ length: 16 }, (_, t) => Math.log(t + 1)).reduce((a, b) => a + b) / 16;
      expect(entropy).toBeGreaterThan(0.5 * uniform);
      expect(entropy).toBeLessThanOrEqual(uniform + 1e-6);
    }
    expect(Object.keys(parts)).toEqual(['attentionIn', 'attentionOut', 'feedForwardIn', 'feedForwardOut']);
    for (const rms of Object.values(parts)) expect(rms).toBeGreaterThan(0);
  });
});
