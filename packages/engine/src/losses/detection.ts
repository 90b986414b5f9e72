import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape } from '../core/shape.js';
import { AveragePrecision, BOX_NUMBERS, readBoxes, readTargets, suppress } from './boxes.js';
import { loss, type Metric } from './loss.js';

/** Anchors that one object takes at most; Ultralytics' YOLOv8. */
const MOST_ANCHORS = 10;
/** Weights of the two parts; Ultralytics' YOLOv8. */
const BOX_WEIGHT = 7.5;
const CLASS_WEIGHT = 0.5;
/** Logit of the probability 0.01: what is less sure is not looked at. */
const LEAST_LOGIT = -4.6;

/** Class and box loss of a detector's output [N, anchors, 6 + classes] against targets [N, objects, 5]. */
export const detectionOp: Op = {
  name: 'detection',
  shapes: ([x, target]) => {
    check(
      x!.length === 3 &&
        target!.length === 3 &&
        target![2] === 5 &&
        x![2]! > BOX_NUMBERS &&
        x![0] === target![0],
      'SHAPE',
      `detection expects [N, anchors, 6 + classes] and targets [N, objects, 5], got ${showShape(x!)} and ${showShape(target!)}; end the network with a detect layer`,
    );
    return [[1]];
  },
  keeps: ([x]) => ({ assigned: x![0]! * x![1]!, score: x![0]! * x![1]!, sums: 6 }),
  scratch: ([x]) => 12 * x![1]!,
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, arena, x: [x, target], y: [y], keep, scratch, accumulate: [add] }) => {
    const [N, anchors, width] = x!.shape as [number, number, number];
    const objects = target!.shape[1]!;
    const { assigned, score, sums } = keep as { assigned: number; score: number; sums: number };
    const sizes = [N, anchors, width - BOX_NUMBERS, objects, x!.data, target!.data] as const;
    /** What both parts are divided by: the alignment of all assigned anchors, at least 1. */
    const share = () => 1 / Math.max(1, arena.f64[(sums >> 3) + 2]!);
    return {
      forward: () => {
        k.detectAssign(...sizes, MOST_ANCHORS, assigned, score, scratch);
        k.detectLoss(...sizes, assigned, score, sums);
        const [classes, boxes] = [arena.f64[sums >> 3]!, arena.f64[(sums >> 3) + 1]!];
        arena.f32[y!.data >> 2] = (CLASS_WEIGHT * classes + BOX_WEIGHT * boxes) * share();
      },
      backward: () => {
        if (!x!.grad) return;
        const scale = arena.f32[y!.grad >> 2]! * share();
        k.detectLossGrad(...sizes, assigned, score, CLASS_WEIGHT * scale, BOX_WEIGHT * scale, x!.grad, add!);
      },
    };
  },
};

/** Mean average precision where a box counts as found from an overlap of one half on. */
export const meanAveragePrecision: Metric = {
  id: 'mAP50',
  title: 'mAP50',
  better: 'higher',
  start: () => {
    const precision = new AveragePrecision(0.5);
    return {
      add: ({ output, target, rows, outputShape, targetShape }) => {
        const shape = outputShape as unknown as readonly [number, number, number];
        for (let row = 0; row < rows; row++) {
          const found = suppress(readBoxes(output, shape, row, LEAST_LOGIT));
          precision.add(found, readTargets(target, targetShape[1]!, row));
        }
      },
      value: () => precision.value(),
    };
  },
};

/**
 * Loss of an anchor-free detector: anchors are assigned to objects by how well they already predict them; classes by
 * binary cross entropy against that alignment, boxes by distance IoU.
 */
export const detection = loss({
  id: 'detection',
  about: {
    does: 'How wrong a detector’s classes and boxes are, at the points that should see the objects.',
    formula: 'L = (0.5 Σ BCE(logit, s) + 7.5 Σ s (1 − IoU + ρ²/c²)) / Σ s, s the alignment √p · IoU⁶, scaled',
    shapes:
      'predictions [N, anchors, 6 + classes], targets [N, objects, 5] (class or −1, centre, size) → one number',
    gradient: 'Boxes learn at assigned points alone, classes everywhere.',
    source:
      'Feng et al. 2021, arXiv:2108.07755; Zheng et al. 2019, arXiv:1911.08287; weights of Ultralytics’ YOLOv8',
  },
  options: {},
  tasks: ['detection'],
  defaultFor: ['detection'],
  op: () => detectionOp,
  metric: meanAveragePrecision,
});
