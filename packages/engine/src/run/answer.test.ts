import { describe, expect, it } from 'vitest';
import { answerOf, mapsOf, type Answer } from './answer.js';
import { digest } from './digest.js';
import { evaluate } from './evaluate.js';
import { expectNext, generate } from './generate.js';
import { predict } from './predict.js';
import { openRun, type Run } from './run.js';
import { train } from './train.js';

async function trained(spec: object, steps = 1): Promise<Run> {
  const run = await openRun({ fuga: 1, steps, ...spec }, { exact: true, every: 1 });
  for (const _ of train(run));
  return run;
}

/** Answers about the first `count` test samples. */
const all = (run: Run, count = run.samples.test.length): Answer[] =>
  Array.from({ length: count }, (_, i) => answerOf(run, i));
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
const mean = (values: number[]) => sum(values) / values.length;

describe('answerOf', () => {
  it('gives the classes that the accuracy is counted from, and changes nothing', async () => {
    const run = await trained(
      { data: { source: 'digits', batch: 32 }, model: { type: 'mlp', depth: 2, width: 32 } },
      60,
    );
    const before = await digest(run);
    const answers = all(run);
    for (const { classes, input, count } of answers) {
      expect(input.shape).toEqual([1, 8, 8]);
      expect(count).toBe(answers.length);
      expect(sum(classes!.probabilities)).toBeCloseTo(1, 5);
      expect(classes!.probabilities[classes!.found]).toBe(Math.max(...classes!.probabilities));
    }
    const { metric } = evaluate(run);
    expect(mean(answers.map(({ classes }) => Number(classes!.found === classes!.truth)))).toBeCloseTo(
      metric,
      10,
    );
    // Whole batches: the mean loss of one that is filled up with repeats counts these too.
    const { loss } = evaluate(run, run.samples.test.subarray(0, 320));
    expect(mean(answers.slice(0, 320).map((answer) => answer.loss))).toBeCloseTo(loss, 4);
    expect(answerOf(run, answers.length + 2)).toEqual(answers[2]);
    expect(answerOf(run, -1)).toEqual(answers.at(-1));
    expect(await digest(run)).toBe(before);
  });

  it('reads one logit as the second class', async () => {
    const run = await trained(
      {
        data: { source: 'breastCancer', batch: 16 },
        model: { type: 'mlp', depth: 1, width: 8 },
        loss: 'binaryCrossEntropy',
      },
      30,
    );
    for (const { input, classes } of all(run, 20)) {
      const [logit] = predict(run, input.values);
      expect(classes!.probabilities).toHaveLength(2);
      expect(classes!.probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-logit!)), 5);
      expect(classes!.found).toBe(Number(logit! > 0));
    }
  });

  it('shows the mask of a segmentation beside the true one, pixel by pixel as the accuracy counts them', async () => {
    const run = await trained(
      {
        data: { source: 'phantoms', target: 'segmentation', samples: 40, size: 16, batch: 4 },
        network: [
          { type: 'conv2d', out: 4, activation: 'relu' },
          { type: 'conv2d', out: 2, kernel: 1 },
        ],
        loss: 'crossEntropy',
      },
      20,
    );
    const answers = all(run);
    const pixels = answers.map(({ mask }) =>
      mean([...mask!.found].map((c, i) => Number(c === mask!.truth[i]))),
    );
    expect(mean(pixels)).toBeCloseTo(evaluate(run).metric, 10);
    const { mask } = answers[3]!;
    expect(mask!.shape).toEqual([16, 16]);
    const at = run.samples.test[3]! * 256;
    expect([...mask!.truth]).toEqual([...run.samples.y.subarray(at, at + 256)]);
    const none = answers.find(({ mask }) => sum(mask!.truth) + sum(mask!.found) === 0);
    if (none) expect(none.mask!.dice).toBe(1);
    for (const { mask } of answers) expect(mask!.dice).toBeLessThanOrEqual(1);
  });

  it('gives boxes within the image, after suppression, each true one taken once', async () => {
    const run = await trained(
      {
        data: { source: 'shapes', samples: 40, size: 32, batch: 8 },
        model: { type: 'yolo', width: 8 },
        optimizer: { type: 'adam', lr: 0.003 },
      },
      30,
    );
    for (const { boxes, input } of all(run)) {
      expect(input.shape).toEqual([3, 32, 32]);
      expect(boxes!.truth.length).toBeGreaterThan(0);
      for (const { x, width } of boxes!.truth) {
        expect(x).toBeGreaterThan(0);
        expect(x).toBeLessThan(1);
        expect(width).toBeLessThanOrEqual(1);
      }
      expect(boxes!.found.filter(({ right }) => right).length).toBeLessThanOrEqual(boxes!.truth.length);
      boxes!.found.forEach(({ probability, score }, i) => {
        expect(probability).toBeGreaterThan(0.049);
        expect(probability).toBeCloseTo(1 / (1 + Math.exp(-score)), 10);
        if (i > 0) expect(score).toBeLessThanOrEqual(boxes!.found[i - 1]!.score);
      });
    }
  });

  it('tells numbers of a regression', async () => {
    const run = await trained(
      { data: { source: 'adding', length: 8, samples: 60, batch: 8 }, model: { type: 'gru', hidden: 8 } },
      5,
    );
    const errors = all(run).map(({ numbers }) => (numbers!.found[0]! - numbers!.truth[0]!) ** 2);
    expect(mean(errors)).toBeCloseTo(evaluate(run).metric, 5);
  });

  it('tells how likely each character of a text was', async () => {
    const run = await trained(
      {
        data: { source: 'text', length: 16, batch: 8 },
        model: { type: 'gpt', layers: 1, width: 16, heads: 2, hidden: 16 },
      },
      5,
    );
    const { tokens, next, loss } = answerOf(run, 4);
    expect(tokens!.slice(1).join('')).toBe(next!.truth.slice(0, -1).join(''));
    expect(mean([...next!.probability].map((p) => -Math.log(p)))).toBeCloseTo(loss, 4);
    expect(next!.likeliest).toHaveLength(16);
  });

  it('marks places of a sequence that do not count', async () => {
    const run = await trained({
      data: { source: 'copyMemory', length: 5, samples: 50, batch: 4 },
      model: { type: 'gru', hidden: 8 },
    });
    const { next, tokens } = answerOf(run);
    expect(tokens).toHaveLength(25);
    next!.truth.forEach((token, t) => expect(Number.isNaN(next!.probability[t])).toBe(token === ''));
  });
});

describe('attention maps', () => {
  it.each([
    ['transformer', { source: 'sentiment', samples: 64, distance: 5, batch: 8 }, false],
    ['gpt', { source: 'text', length: 12, batch: 4 }, true],
  ])('of a %s are what the layer itself used', async (type, data, causal) => {
    const run = await trained({ data, model: { type, layers: 2, width: 16, heads: 2 } }, 3);
    const offers = mapsOf(run);
    expect(offers.map(({ site }) => run.sites[site]!.name)).toEqual(
      run.sites.filter(({ type }) => type === 'transformer').map(({ name }) => name),
    );
    expect(offers[0]!.labels).toEqual(['head 1', 'head 2']);
    const { maps } = answerOf(run, 1, offers[1]!.site);
    const [heads, T] = maps!.shape as [number, number, number];
    expect(maps!.values).toHaveLength(heads * T * T);
    for (let row = 0; row < heads * T; row++) {
      const weights = maps!.values.subarray(row * T, (row + 1) * T);
      expect(sum(weights)).toBeCloseTo(1, 5);
      if (causal) expect(sum(weights.subarray((row % T) + 1))).toBe(0);
    }
    // The layer's own meter, read at every record, is the mean entropy of these rows.
    const { network, tape } = run.single;
    const meter = network.sites[offers[1]!.site]!.meters[0]!;
    const entropies = new Float64Array(heads);
    tape.forward({
      afterForward: (i) => {
        if (tape.graph.records[i] === meter.record) meter.read(run.arena.kernels, entropies);
      },
      beforeBackward: () => undefined,
      afterBackward: () => undefined,
    });
    entropies.forEach((entropy, head) => {
      const own = maps!.values.subarray(head * T * T, (head + 1) * T * T);
      expect(sum(Array.from(own, (p) => (p > 0 ? -p * Math.log(p) : 0))) / T).toBeCloseTo(entropy, 4);
    });
    expect(answerOf(run, 1, 0).maps).toBeNull();
  });
});

describe('expectNext', () => {
  it('gives the shares that generate draws from', async () => {
    const run = await trained(
      {
        data: { source: 'text', length: 16, batch: 8 },
        model: { type: 'gpt', layers: 1, width: 16, heads: 2, hidden: 16 },
      },
      5,
    );
    const prompt = 'And the ';
    const next = expectNext(run, { prompt, topK: 5 });
    expect(next).toHaveLength(5);
    expect(sum(next.map(({ probability }) => probability))).toBeCloseTo(1, 5);
    expect(generate(run, { prompt, length: 1, temperature: 0 })).toBe(next[0]!.character);
    // Colder, the likeliest gains.
    const cold = expectNext(run, { prompt, topK: 5, temperature: 0.5 });
    expect(cold[0]!.probability).toBeGreaterThan(next[0]!.probability);
    const drawn = Array.from({ length: 300 }, (_, seed) =>
      generate(run, { prompt, topK: 5, length: 1, seed }),
    );
    const share = drawn.filter((character) => character === next[0]!.character).length / drawn.length;
    expect(Math.abs(share - next[0]!.probability)).toBeLessThan(0.1);
  });
});
