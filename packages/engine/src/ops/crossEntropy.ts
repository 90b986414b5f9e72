import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';
import type { Reduction } from './pairLoss.js';

export interface CrossEntropyAttributes {
  readonly reduction: Reduction;
  /** Share of each target spread evenly over the classes. */
  readonly smoothing: number;
  /** Targets of this class do not count. */
  readonly ignore: number;
  /** Axis of the logits that holds the classes. */
  readonly axis: number;
}

/**
 * Cross entropy of logits against class ids, in PyTorch's definition:
 * loss = (1 − ε) w[t] (−ln p[t]) + ε/C Σ w[c] (−ln p[c]); the mean divides by Σ w[t].
 *
 * Inputs: logits with the classes on `axis`, ids of the remaining shape, optionally class weights [C].
 * An axis that is not the last is brought there first, sample by sample (images [N, C, H, W]).
 */
export const crossEntropyOp: Op<CrossEntropyAttributes> = {
  name: 'crossEntropy',
  shapes: ([logits, target, weights], { reduction, axis }) => {
    const classes = logits![axis];
    check(
      classes !== undefined && sizeOf(target!) * classes === sizeOf(logits!),
      'SHAPE',
      `crossEntropy expects one target for every ${classes ?? '?'} logits, got logits ${showShape(logits!)} and targets ${showShape(target!)}; end the network with a layer of as many outputs as classes`,
    );
    check(
      !weights || weights[0] === classes,
      'SHAPE',
      `crossEntropy expects ${classes} class weights, got ${weights?.[0]}; give one for each class`,
    );
    return [reduction === 'none' ? target! : [1]];
  },
  keeps: ([logits]) => ({ probs: sizeOf(logits!), sums: 4 }),
  scratch: ([logits], { axis }) => (innerOf(logits!, axis) === 1 ? 0 : 8 * sizeOf(logits!)),
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: (
    { kernels: k, arena, x: [logits, target, weights], y: [y], keep, scratch, accumulate: [add] },
    attributes,
  ) => {
    const { reduction, smoothing, ignore, axis } = attributes;
    const { probs, sums } = keep as { probs: number; sums: number };
    const classes = logits!.shape[axis]!;
    const inner = innerOf(logits!.shape, axis);
    const rows = logits!.size / classes;
    const samples = rows / inner;
    const block = classes * inner;
    const w = weights?.data ?? 0;
    const [sum, counted] = [sums >> 3, (sums >> 3) + 1];

    const forward = (count: number, from: number) => {
      const at = probs + 4 * from * classes;
      const x = inner === 1 ? logits!.data + 4 * from * classes : at;
      k.crossEntropy(count, classes, x, target!.data + 4 * from, w, smoothing, ignore, at, sums);
    };
    const backward = (count: number, from: number, scale: number) => {
      const to = inner === 1 ? logits!.grad : scratch;
      k.crossEntropyGrad(
        count,
        classes,
        probs + 4 * from * classes,
        target!.data + 4 * from,
        scale,
        smoothing,
        ignore,
        to + 4 * from * classes,
        inner === 1 ? add! : 0,
        w,
      );
    };
    return {
      forward: () => {
        for (let i = 0; inner > 1 && i < samples; i++) {
          k.transpose(classes, inner, logits!.data + 4 * i * block, probs + 4 * i * block);
        }
        if (reduction === 'none') {
          for (let r = 0; r < rows; r++) {
            forward(1, r);
            arena.f32[(y!.data >> 2) + r] = arena.f64[sum]!;
          }
          return;
        }
        forward(rows, 0);
        const { f64 } = arena;
        arena.f32[y!.data >> 2] = reduction === 'mean' ? f64[sum]! / f64[counted]! : f64[sum]!;
      },
      backward: () => {
        if (!logits!.grad) return;
        const dy = y!.grad >> 2;
        if (reduction === 'none') for (let r = 0; r < rows; r++) backward(1, r, arena.f32[dy + r]!);
        else backward(rows, 0, arena.f32[dy]! / (reduction === 'mean' ? arena.f64[counted]! : 1));
        for (let i = 0; inner > 1 && i < samples; i++) {
          const [from, to] = [scratch + 4 * i * block, logits!.grad + 4 * i * block];
          if (!add) k.transpose(inner, classes, from, to);
          else {
            const beside = scratch + 4 * logits!.size;
            k.transpose(inner, classes, from, beside);
            k.axpy(block, 1, beside, to);
          }
        }
      },
    };
  },
};

function innerOf(logits: Shape, axis: number): number {
  return sizeOf(logits.slice(axis + 1));
}
