import { loadKernels } from '@fuga/core-wasm';
import { describe, expect, test } from 'vitest';
import { Arena } from '../packages/engine/src/core/arena.js';
import { streamOf } from '../packages/engine/src/core/random.js';
import {
  AveragePrecision,
  intersectionOverUnion,
  readBoxes,
  suppress,
  type Box,
} from '../packages/engine/src/losses/boxes.js';
import { areaUnderCurve } from '../packages/engine/src/losses/binaryCrossEntropy.js';

const [N, SIDE, CLASSES, OBJECTS] = [3, 5, 3, 4] as const;
const ANCHORS = SIDE * SIDE;
const WIDTH = 6 + CLASSES;

/** Random predictions around a grid of anchors, and random objects, some of them absent. */
async function scene(seed: number) {
  const arena = new Arena(await loadKernels({ exact: true }));
  const { kernels } = arena;
  const uniform = (name: string, length: number, low: number, high: number) => {
    const address = arena.alloc(4 * length);
    const { key, stream } = streamOf(seed, name);
    kernels.randomUniform(length, address, ...key, ...stream, 0, low, high);
    return arena.read(address, length);
  };
  const boxes = uniform('boxes', N * ANCHORS * WIDTH, 0, 1);
  const predictions = new Float32Array(N * ANCHORS * WIDTH);
  for (let i = 0; i < N * ANCHORS; i++) {
    const [ax, ay] = [((i % SIDE) + 0.5) / SIDE, (Math.floor((i % ANCHORS) / SIDE) + 0.5) / SIDE];
    const [u, v, s, t] = boxes.subarray(i * WIDTH, i * WIDTH + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const row = [ax + 0.2 * (u - 0.5), ay + 0.2 * (v - 0.5), 0.1 + 0.4 * s, 0.1 + 0.4 * t, ax, ay];
    predictions.set(row, i * WIDTH);
    for (let c = 6; c < WIDTH; c++) predictions[i * WIDTH + c] = 4 * (boxes[i * WIDTH + c]! - 0.5);
  }
  const draws = uniform('objects', N * OBJECTS * 5, 0, 1);
  const targets = draws.map((u, i) => {
    if (i % 5 === 0) return Math.floor(u * 4) - 1; // −1: no object
    return i % 5 < 3 ? 0.2 + 0.6 * u : 0.15 + 0.4 * u;
  });
  const place = (values: Float32Array) => {
    const address = arena.alloc(4 * values.length);
    arena.write(address, values);
    return address;
  };
  const at = {
    predictions: place(predictions),
    targets: place(targets),
    assigned: arena.alloc(4 * N * ANCHORS),
    score: arena.alloc(4 * N * ANCHORS),
    scratch: arena.alloc(12 * ANCHORS),
    sums: arena.alloc(24),
    grad: arena.alloc(4 * predictions.length),
  };
  const sizes = [N, ANCHORS, CLASSES, OBJECTS, at.predictions, at.targets] as const;
  kernels.detectAssign(...sizes, 10, at.assigned, at.score, at.scratch);
  const assigned = arena.readInts(at.assigned, N * ANCHORS);
  const score = arena.read(at.score, N * ANCHORS);
  return { arena, kernels, at, sizes, predictions, targets, assigned, score };
}

const boxOf = (values: Float32Array, at: number): Box => {
  const [x, y, width, height] = values.subarray(at, at + 4) as unknown as [number, number, number, number];
  return { kind: 0, x, y, width, height, score: 0 };
};

/** The two sums of the loss in float64, with a fixed assignment. */
function reference(p: Float64Array, targets: Float32Array, assigned: Int32Array, score: Float32Array) {
  let [classes, boxes] = [0, 0];
  for (let i = 0; i < N * ANCHORS; i++) {
    const row = i * WIDTH;
    let kind = -1;
    if (assigned[i]! >= 0) {
      const t = (Math.floor(i / ANCHORS) * OBJECTS + assigned[i]!) * 5;
      kind = targets[t]!;
      const a = boxOf(p as unknown as Float32Array, row);
      const b = boxOf(targets, t + 1);
      const outer = (u: number, w: number, v: number, z: number) =>
        Math.max(u + w / 2, v + z / 2) - Math.min(u - w / 2, v - z / 2);
      const diagonal = outer(a.x, a.width, b.x, b.width) ** 2 + outer(a.y, a.height, b.y, b.height) ** 2;
      const distance = ((a.x - b.x) ** 2 + (a.y - b.y) ** 2) / diagonal;
      boxes += score[i]! * (1 - intersectionOverUnion(a, b) + distance);
    }
    for (let c = 0; c < CLASSES; c++) {
      const x = p[row + 6 + c]!;
      classes += Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - (c === kind ? score[i]! * x : 0);
    }
  }
  return { classes, boxes };
}

describe.each([1, 2, 3])('detection loss, scene %d', (seed) => {
  test('gives every object anchors within it, the best with the score of its best overlap', async () => {
    const { predictions, targets, assigned, score } = await scene(seed);
    for (let n = 0; n < N; n++) {
      const counts = new Map<number, number[]>();
      for (let a = n * ANCHORS; a < (n + 1) * ANCHORS; a++) {
        const m = assigned[a]!;
        if (m < 0) {
          expect(score[a]).toBe(0);
          continue;
        }
        const t = (n * OBJECTS + m) * 5;
        expect(targets[t]).toBeGreaterThanOrEqual(0);
        const [ax, ay] = [predictions[a * WIDTH + 4]!, predictions[a * WIDTH + 5]!];
        // Every object here is larger than a cell, so none has to take an anchor outside.
        expect(Math.abs(ax - targets[t + 1]!)).toBeLessThanOrEqual(targets[t + 3]! / 2);
        expect(Math.abs(ay - targets[t + 2]!)).toBeLessThanOrEqual(targets[t + 4]! / 2);
        counts.set(m, [...(counts.get(m) ?? []), a]);
      }
      for (const anchors of counts.values()) {
        expect(anchors.length).toBeLessThanOrEqual(10);
        for (const a of anchors) expect(score[a]).toBeLessThanOrEqual(1);
      }
    }
  });

  test('agrees with the float64 definition, and its gradient with finite differences', async () => {
    const { arena, kernels, at, sizes, predictions, targets, assigned, score } = await scene(seed);
    kernels.detectLoss(...sizes, at.assigned, at.score, at.sums);
    const p = Float64Array.from(predictions);
    const expected = reference(p, targets, assigned, score);
    expect(arena.f64[at.sums >> 3]).toBeCloseTo(expected.classes, 5);
    expect(arena.f64[(at.sums >> 3) + 1]).toBeCloseTo(expected.boxes, 5);
    const [classScale, boxScale] = [0.7, 1.3];
    kernels.detectLossGrad(...sizes, at.assigned, at.score, classScale, boxScale, at.grad, 0);
    const gradient = arena.read(at.grad, p.length);
    const value = () => {
      const { classes, boxes } = reference(p, targets, assigned, score);
      return classScale * classes + boxScale * boxes;
    };
    const h = 1e-6;
    let moved = 0;
    for (let i = 0; i < p.length; i++) {
      const x = p[i]!;
      p[i] = x + h;
      const up = value();
      p[i] = x - h;
      const slope = (up - value()) / (2 * h);
      p[i] = x;
      if (slope !== 0) moved++;
      expect(
        Math.abs(gradient[i]! - slope),
        `entry ${i}: ${gradient[i]}, by differences ${slope}`,
      ).toBeLessThan(1e-4);
    }
    expect(moved).toBeGreaterThan(N * ANCHORS * CLASSES); // classes everywhere, and boxes somewhere
  });
});

test('an object without an anchor within it takes the nearest one', async () => {
  const { arena, kernels, at, sizes } = await scene(1);
  const targets = new Float32Array(N * OBJECTS * 5).fill(-1);
  targets.set([2, 0.41, 0.62, 0.01, 0.01]); // between the anchors at 0.3, 0.5 and 0.7; nearest (0.5, 0.7)
  arena.write(at.targets, targets);
  kernels.detectAssign(...sizes, 10, at.assigned, at.score, at.scratch);
  const assigned = arena.readInts(at.assigned, N * ANCHORS);
  expect([...assigned.keys()].filter((a) => assigned[a] === 0)).toEqual([3 * SIDE + 2]);
});

const box = (kind: number, x: number, score: number, width = 0.2): Box => ({
  kind,
  x,
  y: 0.5,
  width,
  height: 0.2,
  score,
});

describe('suppression and average precision', () => {
  test('of boxes of one class that overlap the surest stays; other classes do not matter', () => {
    const boxes = [box(0, 0.5, 1), box(0, 0.52, 3), box(1, 0.51, 2), box(0, 0.8, 0)];
    expect(suppress(boxes).map(({ score }) => score)).toEqual([3, 2, 0]);
    expect(suppress(boxes, 0.6, 1)).toHaveLength(1);
  });

  test('reads the boxes of one sample whose logit is high enough', () => {
    const output = Float32Array.from([0, 0, 0, 0, 0, 0, 9, 9, 0.5, 0.4, 0.3, 0.2, 0.5, 0.5, -1, 2]);
    expect(readBoxes(output, [2, 1, 8], 1, 0)).toEqual([
      { kind: 1, x: 0.5, y: Math.fround(0.4), width: Math.fround(0.3), height: Math.fround(0.2), score: 2 },
    ]);
  });

  test('average precision: right, wrong, right of two true boxes is 1/2 · 1 + 1/2 · 2/3', () => {
    const precision = new AveragePrecision();
    precision.add([box(0, 0.5, 3), box(0, 0.1, 2)], [box(0, 0.5, Infinity)]);
    precision.add([box(0, 0.7, 1)], [box(0, 0.72, Infinity)]);
    expect(precision.value()).toBeCloseTo(1 / 2 + (1 / 2) * (2 / 3), 12);
  });

  test('a second box on one true box is wrong, and a class never found counts as 0', () => {
    const precision = new AveragePrecision();
    precision.add([box(0, 0.5, 3), box(0, 0.51, 2)], [box(0, 0.5, Infinity), box(1, 0.2, Infinity)]);
    expect(precision.value()).toBeCloseTo(0.5, 12);
  });
});

test('area under the ROC curve: pairs in the right order, ties by half', () => {
  expect(areaUnderCurve(Float64Array.from([3, 2, 1]), Float64Array.from([0, 2]))).toBeCloseTo(
    (3 + 1.5) / 6,
    12,
  );
  expect(areaUnderCurve(Float64Array.from([1, 1]), Float64Array.from([1, 1, 1]))).toBe(0.5);
  expect(areaUnderCurve(Float64Array.from([0]), Float64Array.from([5]))).toBe(0);
});
