import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf } from '../core/shape.js';
import { accuracy, type Loss } from './loss.js';

/** Class ids of −1 are left out of the mean (padding). */
export const IGNORED = -1;

const op: Op = {
  name: 'crossEntropy',
  shapes: ([logits, target]) => {
    const rows = logits![0]!;
    check(
      logits!.length === 2 && sizeOf(target!) === rows,
      'SHAPE',
      `crossEntropy expects logits [N, classes] and N targets, got ${showShape(logits!)} and ${showShape(target!)}; end the network with a dense layer of as many outputs as classes`,
    );
    return [[1]];
  },
  keeps: ([logits]) => ({ probs: sizeOf(logits!), sums: 4 }),
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, arena, x: [logits, target], y: [y], keep, accumulate: [add] }) => {
    const [rows, classes] = logits!.shape as [number, number];
    const { probs, sums } = keep as { probs: number; sums: number };
    const [sum, counted, loss, dLoss] = [sums >> 3, (sums >> 3) + 1, y!.data >> 2, y!.grad >> 2];
    return {
      forward: () => {
        k.crossEntropy(rows, classes, logits!.data, target!.data, 0, 0, IGNORED, probs, sums);
        const { f64 } = arena;
        arena.f32[loss] = f64[sum]! / f64[counted]!;
      },
      backward: () => {
        if (!logits!.grad) return;
        const scale = arena.f32[dLoss]! / arena.f64[counted]!;
        k.crossEntropyGrad(rows, classes, probs, target!.data, scale, 0, IGNORED, logits!.grad, add!, 0);
      },
    };
  },
};

/** −log of the softmax probability of the right class, mean over the batch. */
export const crossEntropy: Loss = {
  id: 'crossEntropy',
  about: {
    does: 'How surprised the network is by the right class.',
    formula: 'L = −1/N Σₙ log softmax(xₙ)[tₙ]',
    shapes: 'logits [N, classes], targets [N] → one number',
    gradient: 'dx = (softmax(x) − onehot(t)) / N: never larger than 1/N an entry.',
  },
  tasks: ['classification'],
  op,
  metric: accuracy,
  chance: (classes) => Math.log(classes),
};
