import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { rowsAndColumns, showShape, sizeOf } from '../core/shape.js';
import { pairLoss, type Reduction } from './pairLoss.js';

/** d²/(2β) below β, |d| − β/2 beyond; PyTorch's `SmoothL1Loss`. */
export const smoothAbsoluteError = pairLoss<{ readonly reduction: Reduction; readonly beta: number }>(
  'smoothAbsoluteError',
  (k, { beta }) => ({
    value: (n, x, t) => k.smoothL1(n, x, t, beta),
    gradient: (n, x, t, scale, dx, add) => k.smoothL1Grad(n, x, t, beta, scale, dx, add),
  }),
);

/** −(t ln p + (1 − t) ln(1 − p)) of probabilities p; PyTorch's `BCELoss`. */
export const binaryLikelihood = pairLoss<{ readonly reduction: Reduction }>('binaryLikelihood', (k) => ({
  value: k.binaryLikelihood,
  gradient: k.binaryLikelihoodGrad,
}));

/**
 * Σ t (ln t − x): Kullback–Leibler divergence of a distribution from the one whose logarithm is x [N, …]; PyTorch's
 * `KLDivLoss`. `batchmean` divides by N, `mean` by the number of entries.
 */
export const divergence: Op<{ readonly reduction: Reduction | 'batchmean' }> = {
  name: 'divergence',
  shapes: ([x, t], { reduction }) => {
    check(
      sizeOf(x!) === sizeOf(t!),
      'SHAPE',
      `divergence expects equal shapes, got ${showShape(x!)} and ${showShape(t!)}`,
    );
    return [reduction === 'none' ? x! : [1]];
  },
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, arena, x: [x, t], y: [y], accumulate: [add] }, { reduction }) => {
    const count = reduction === 'batchmean' ? x!.shape[0]! : reduction === 'mean' ? x!.size : 1;
    const [calls, length] = reduction === 'none' ? [x!.size, 1] : [1, x!.size];
    return {
      forward: () => {
        for (let i = 0; i < calls; i++) {
          arena.f32[(y!.data >> 2) + i] = k.divergence(length, x!.data + 4 * i, t!.data + 4 * i) / count;
        }
      },
      backward: () => {
        if (!x!.grad) return;
        for (let i = 0; i < calls; i++) {
          const above = arena.f32[(y!.grad >> 2) + i]! / count;
          k.divergenceGrad(length, x!.data + 4 * i, t!.data + 4 * i, above, x!.grad + 4 * i, add!);
        }
      },
    };
  },
};

/** −Σ t ln softmax(x): cross entropy against distributions instead of ids. x, t [N, C]; one loss a row. */
export const softCrossEntropy: Op<{ readonly reduction: Reduction }> = {
  name: 'softCrossEntropy',
  shapes: ([x, t], { reduction }) => {
    check(
      sizeOf(x!) === sizeOf(t!),
      'SHAPE',
      `soft targets must have the logits' shape ${showShape(x!)}, got ${showShape(t!)}`,
    );
    return [reduction === 'none' ? x!.slice(0, -1) : [1]];
  },
  keeps: ([x]) => ({ probs: sizeOf(x!) }),
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, arena, x: [x, t], y: [y], keep, accumulate: [add] }, { reduction }) => {
    const { rows, columns } = rowsAndColumns(x!.shape);
    const probs = keep['probs']!;
    const share = reduction === 'mean' ? 1 / rows : 1;
    const [calls, length] = reduction === 'none' ? [rows, 1] : [1, rows];
    const from = (address: number, call: number) => address + 4 * call * columns;
    return {
      forward: () => {
        for (let i = 0; i < calls; i++) {
          const sum = k.softCrossEntropy(length, columns, from(x!.data, i), from(t!.data, i), from(probs, i));
          arena.f32[(y!.data >> 2) + i] = sum * share;
        }
      },
      backward: () => {
        if (!x!.grad) return;
        for (let i = 0; i < calls; i++) {
          const above = arena.f32[(y!.grad >> 2) + i]! * share;
          k.softCrossEntropyGrad(
            length,
            columns,
            from(probs, i),
            from(t!.data, i),
            above,
            from(x!.grad, i),
            add!,
          );
        }
      },
    };
  },
};

/**
 * −w[t] x[t]: the loss of log-probabilities x [N, C] against ids, w optional weights of the classes [C]; ids of `ignore`
 * count as 0. The mean divides by Σ w[t]. PyTorch's `NLLLoss`.
 */
export const negativeLogLikelihood: Op<{ readonly reduction: Reduction; readonly ignore: number }> = {
  name: 'negativeLogLikelihood',
  shapes: ([x, t, weights], { reduction }) => {
    check(
      x!.length === 2 && x![0] === sizeOf(t!),
      'SHAPE',
      `expected log-probabilities [N, C] and N ids, got ${showShape(x!)} and ${showShape(t!)}`,
    );
    check(!weights || sizeOf(weights) === x![1], 'SHAPE', `expected ${x![1]} class weights`);
    return [reduction === 'none' ? t! : [1]];
  },
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, arena, x: [x, t, weights], y: [y], accumulate: [add] }, { reduction, ignore }) => {
    const [rows, classes] = x!.shape as [number, number];
    const classOf = (r: number) => arena.i32[(t!.data >> 2) + r]!;
    const weightOf = (id: number) => (id === ignore ? 0 : weights ? arena.f32[(weights.data >> 2) + id]! : 1);
    const entry = (address: number, r: number) =>
      (address >> 2) + r * classes + (classOf(r) === ignore ? 0 : classOf(r));
    const divisor = () => {
      if (reduction !== 'mean') return 1;
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += weightOf(classOf(r));
      return sum;
    };
    return {
      forward: () => {
        const { f32 } = arena;
        let sum = 0;
        for (let r = 0; r < rows; r++) {
          const weight = weightOf(classOf(r));
          const loss = weight === 0 ? 0 : -weight * f32[entry(x!.data, r)]!;
          if (reduction === 'none') f32[(y!.data >> 2) + r] = loss;
          else sum += loss;
        }
        if (reduction !== 'none') f32[y!.data >> 2] = sum / divisor();
      },
      backward: () => {
        if (!x!.grad) return;
        const { f32 } = arena;
        const by = divisor();
        if (!add) k.fill(x!.size, x!.grad, 0);
        for (let r = 0; r < rows; r++) {
          const above = f32[(y!.grad >> 2) + (reduction === 'none' ? r : 0)]! / by;
          const at = entry(x!.grad, r);
          f32[at] = f32[at]! - above * weightOf(classOf(r));
        }
      },
    };
  },
};

/**
 * Binary cross entropy of logits, PyTorch's `BCEWithLogitsLoss`. Inputs: logits, targets, then (where the attributes say
 * so) a weight on the positives of each entry of the last axis, and a weight for every entry. `positiveWeight` is one
 * weight on all positives (default 1).
 */
export const binaryCrossEntropyOp: Op<{
  readonly reduction: Reduction;
  readonly positive: boolean;
  readonly weighted: boolean;
  readonly positiveWeight?: number;
}> = {
  name: 'binaryCrossEntropy',
  shapes: ([x, t, ...weights], { reduction, positive, weighted }) => {
    check(
      sizeOf(x!) === sizeOf(t!),
      'SHAPE',
      `binaryCrossEntropy expects one target for every logit, got ${showShape(x!)} and ${showShape(t!)}`,
    );
    if (positive)
      check(sizeOf(weights[0]!) === x!.at(-1), 'SHAPE', `expected ${x!.at(-1)} weights of the positives`);
    if (weighted)
      check(
        sizeOf(x!) % sizeOf(weights.at(-1)!) === 0,
        'SHAPE',
        `expected one weight for every logit, or for every entry of the last axes, got ${showShape(weights.at(-1)!)}`,
      );
    return [reduction === 'none' ? x! : [1]];
  },
  reads: { outputs: false },
  overwrites: true,
  bind: (
    { kernels: k, arena, x: [x, t, ...weights], y: [y], accumulate: [add] },
    { reduction, positive, weighted, positiveWeight = 1 },
  ) => {
    const { size } = x!;
    const share = reduction === 'mean' ? 1 / size : 1;
    const columns = x!.shape.at(-1) ?? 1;
    if (reduction !== 'none' && !positive && !weighted) {
      return {
        forward: () => {
          arena.f32[y!.data >> 2] = k.binaryCrossEntropy(size, x!.data, t!.data, positiveWeight) * share;
        },
        backward: () => {
          const scale = arena.f32[y!.grad >> 2]! * share;
          if (x!.grad) k.binaryCrossEntropyGrad(size, x!.data, t!.data, positiveWeight, scale, x!.grad, add!);
        },
      };
    }
    // Weights differ from entry to entry: one call each.
    const positiveAt = (i: number) =>
      positiveWeight * (positive ? arena.f32[(weights[0]!.data >> 2) + (i % columns)]! : 1);
    const weightCount = weights.at(-1)?.size ?? 1;
    const weightAt = (i: number) =>
      weighted ? arena.f32[(weights.at(-1)!.data >> 2) + (i % weightCount)]! : 1;
    return {
      forward: () => {
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const loss = weightAt(i) * k.binaryCrossEntropy(1, x!.data + 4 * i, t!.data + 4 * i, positiveAt(i));
          if (reduction === 'none') arena.f32[(y!.data >> 2) + i] = loss;
          else sum += loss;
        }
        if (reduction !== 'none') arena.f32[y!.data >> 2] = sum * share;
      },
      backward: () => {
        if (!x!.grad) return;
        for (let i = 0; i < size; i++) {
          const above = arena.f32[(y!.grad >> 2) + (reduction === 'none' ? i : 0)]! * share * weightAt(i);
          k.binaryCrossEntropyGrad(
            1,
            x!.data + 4 * i,
            t!.data + 4 * i,
            positiveAt(i),
            above,
            x!.grad + 4 * i,
            add!,
          );
        }
      },
    };
  },
};
