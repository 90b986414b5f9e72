import { describe, expect, test } from 'vitest';
import { EngineError } from '../core/errors.js';
import { placeOf } from '../core/tape.js';
import { describeRun } from '../run/describe.js';
import { evaluate } from '../run/evaluate.js';
import { exportPyTorch } from '../run/pytorch.js';
import { openRun, type Run } from '../run/run.js';
import { resolveSpec } from '../run/spec.js';
import { readSweep } from '../run/sweepSpec.js';

const BATCH = 24;
const CLASSES = 10;
const network = [
  { type: 'dense', out: 12, activation: 'tanh' },
  { type: 'dense', out: CLASSES },
];
const spec = (loss: unknown, more = {}) => ({
  fuga: 1,
  data: { source: 'digits', batch: BATCH },
  network,
  loss,
  seed: 5,
  ...more,
});

function errorOf(action: () => unknown): EngineError {
  try {
    action();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('expected an EngineError, nothing was thrown');
}

/** One step forward and backward; output, its gradient, targets and loss. */
function step(run: Run) {
  const { arena, network, batches, tape } = run;
  batches.take(run.samples.train, 0, network.input.data, network.target.data);
  tape.forward();
  const output = placeOf(network.output);
  const logits = Float64Array.from(arena.read(output.data, output.size));
  tape.backward();
  return {
    logits,
    gradient: arena.read(output.grad, output.size),
    targets: arena.readInts(network.target.data, BATCH),
    loss: arena.f32[network.loss.data >> 2]!,
  };
}

/** PyTorch's CrossEntropyLoss and its gradient, by plain float64 loops. */
function reference(logits: Float64Array, targets: Int32Array, smoothing: number, weights: readonly number[]) {
  const total = targets.reduce((sum, target) => sum + weights[target]!, 0);
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  targets.forEach((target, n) => {
    const row = logits.subarray(n * CLASSES, (n + 1) * CLASSES);
    const norm = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
    const share = weights.map((w, c) => w * ((c === target ? 1 - smoothing : 0) + smoothing / CLASSES));
    const all = share.reduce((a, b) => a + b, 0);
    row.forEach((x, c) => {
      loss -= (share[c]! * (x - norm)) / total;
      gradient[n * CLASSES + c] = (all * Math.exp(x - norm) - share[c]!) / total;
    });
  });
  return { loss, gradient };
}

const ones = Array.from({ length: CLASSES }, () => 1);
const weights = [1, 2, 0.5, 3, 1, 1, 4, 0.25, 1, 2];

describe('a loss with options', () => {
  test.each([
    ['label smoothing', { labelSmoothing: 0.15 }, 0.15, ones],
    ['class weights', { classWeights: weights }, 0, weights],
    ['both', { labelSmoothing: 0.3, classWeights: weights }, 0.3, weights],
  ])('%s: loss and gradient as float64 has them', async (_, options, smoothing, w) => {
    const run = await openRun(spec({ type: 'crossEntropy', ...options }));
    const { logits, gradient, targets, loss } = step(run);
    const wanted = reference(logits, targets, smoothing, w);
    expect(loss).toBeCloseTo(wanted.loss, 5);
    gradient.forEach((value, i) => {
      expect(Math.abs(value - wanted.gradient[i]!)).toBeLessThan(1e-7);
    });
  });

  test('unseen samples are scored without label smoothing, with class weights', async () => {
    const plain = evaluate(await openRun(spec('crossEntropy')));
    const smooth = evaluate(await openRun(spec({ type: 'crossEntropy', labelSmoothing: 0.3 })));
    expect(smooth).toEqual(plain);
    const weighted = evaluate(await openRun(spec({ type: 'crossEntropy', classWeights: weights })));
    expect(weighted.metric).toBe(plain.metric);
    expect(weighted.loss).not.toBe(plain.loss);
  });

  test('the positives’ weight counts the positives so many times', async () => {
    const lossOf = async (loss: unknown) =>
      step(
        await openRun({
          ...spec(loss),
          data: { source: 'breastCancer', batch: BATCH },
          network: [{ type: 'dense', out: 1 }],
        }),
      );
    const plain = await lossOf('binaryCrossEntropy');
    const weighted = await lossOf({ type: 'binaryCrossEntropy', positiveWeight: 3 });
    expect(weighted.logits).toEqual(plain.logits);
    weighted.gradient.forEach((value, i) => {
      const isPositive = plain.gradient[i]! < 0; // σ(x) − 1 there, σ(x) elsewhere
      expect(value).toBeCloseTo(plain.gradient[i]! * (isPositive ? 3 : 1), 7);
    });
    expect(plain.gradient.some((value) => value < 0) && plain.gradient.some((value) => value > 0)).toBe(true);
  });

  test('Huber’s delta bounds the gradient', async () => {
    const data = { source: 'adding', length: 6, batch: BATCH };
    const layers = [{ type: 'flatten' }, { type: 'dense', out: 1 }];
    const run = await openRun({
      ...spec({ type: 'huber', delta: 0.01 }),
      data,
      network: layers,
    });
    const { gradient } = step(run);
    const largest = Math.max(...gradient.map(Math.abs));
    expect(largest).toBeCloseTo(0.01 / BATCH, 8);
  });

  test('smoothing of a language model leaves its bits a character alone', async () => {
    const text = (loss: unknown) => ({
      fuga: 1,
      data: { source: 'text', length: 8, batch: 16 },
      model: { type: 'gru', hidden: 6 },
      loss,
    });
    const plain = evaluate(
      await openRun(text('nextToken')),
      Int32Array.from({ length: 32 }, (_, i) => i),
    );
    const smooth = evaluate(
      await openRun(text({ type: 'nextToken', labelSmoothing: 0.2 })),
      Int32Array.from({ length: 32 }, (_, i) => i),
    );
    expect(smooth).toEqual(plain);
  });
});

describe('how a spec says it', () => {
  test('a name stays a name; options at their defaults say nothing', () => {
    expect(resolveSpec(spec('crossEntropy')).loss).toBe('crossEntropy');
    expect(resolveSpec(spec({ type: 'crossEntropy' })).loss).toBe('crossEntropy');
    expect(resolveSpec(spec({ type: 'crossEntropy', labelSmoothing: 0 })).loss).toBe('crossEntropy');
    expect(resolveSpec(spec(undefined)).loss).toBe('crossEntropy');
  });

  test('options are kept; without a type they are the usual loss’s', () => {
    const wanted = { type: 'crossEntropy', labelSmoothing: 0.1 };
    expect(resolveSpec(spec(wanted)).loss).toEqual(wanted);
    expect(resolveSpec(spec({ labelSmoothing: 0.1 })).loss).toEqual(wanted);
    expect(resolveSpec(resolveSpec(spec(wanted))).loss).toEqual(wanted);
  });

  test.each([
    [
      'an unknown option',
      { type: 'crossEntropy', labelSmooting: 0.1 },
      'loss.labelSmooting',
      'did you mean "labelSmoothing"',
    ],
    [
      'too much smoothing',
      { type: 'crossEntropy', labelSmoothing: 1 },
      'loss.labelSmoothing',
      'less than 1, got 1',
    ],
    [
      'another loss’s option',
      { type: 'huber', labelSmoothing: 0.1 },
      'loss.labelSmoothing',
      'known keys: delta',
    ],
    [
      'a weight of nothing',
      { type: 'crossEntropy', classWeights: [1, 0] },
      'loss.classWeights.1',
      'more than 0',
    ],
    ['an unknown loss', { type: 'crosEntropy' }, 'loss.type', 'did you mean "crossEntropy"'],
    ['an unknown name', 'crosEntropy', 'loss', 'did you mean "crossEntropy"'],
  ])('%s is refused at its place', (_, loss, path, reason) => {
    const error = errorOf(() => resolveSpec(spec(loss)));
    expect(error.path.join('.')).toBe(path);
    expect(error.reason).toContain(reason);
  });

  test('weights must be as many as the classes', async () => {
    await expect(describeRun(spec({ type: 'crossEntropy', classWeights: [1, 2] }))).rejects.toThrow(
      /loss: .*10 class weights, got 2/,
    );
  });

  test('a sweep turns an option of a loss that is written by its name', () => {
    const sweep = readSweep({
      fugaSweep: 1,
      base: spec('crossEntropy'),
      axes: { 'loss.labelSmoothing': [0, 0.1] },
    });
    expect(resolveSpec(sweep.trial(1)!.input).loss).toEqual({ type: 'crossEntropy', labelSmoothing: 0.1 });
  });

  test('PyTorch gets the same loss', () => {
    const { code } = exportPyTorch(spec({ type: 'crossEntropy', labelSmoothing: 0.1, classWeights: ones }));
    expect(code).toContain('label_smoothing=0.1');
    expect(code).toContain('weight=p.new_tensor([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])');
    expect(exportPyTorch(spec('crossEntropy')).code).toContain('F.cross_entropy(p, y, ignore_index=-1)\n');
  });
});
