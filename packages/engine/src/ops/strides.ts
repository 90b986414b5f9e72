import type { Arena } from '../core/arena.js';
import { check } from '../core/errors.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';

/** Distances, in elements, between neighbours along each axis. */
export type Strides = readonly number[];

/** Most axes that the strided kernels walk, after merging. */
const MAX_RANK = 12;

/** Strides of a tensor that is stored row by row. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** The shape that all `shapes` broadcast to, by the rule of NumPy and ONNX: right-aligned, 1 stretches. */
export function broadcastShapes(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((length, i) => {
      const axis = rank - shape.length + i;
      if (length === 1) return;
      check(
        result[axis] === 1 || result[axis] === length,
        'SHAPE',
        `shapes ${shapes.map(showShape).join(' and ')} do not broadcast: axis ${axis} would be both ${result[axis]} and ${length}`,
      );
      result[axis] = length;
    });
  }
  return result;
}

/** Strides by which a contiguous tensor of `shape` is read as if it had the shape `target`: 0 where it stretches. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  return target.map((_, axis) => {
    const i = axis - (target.length - shape.length);
    return i < 0 || shape[i] === 1 ? 0 : own[i]!;
  });
}

/** Drops axes of length 1 and joins neighbours that every operand walks as one, so that inner loops are long. */
export function mergeAxes(
  shape: Shape,
  operands: readonly Strides[],
): { shape: number[]; operands: number[][] } {
  const merged: number[] = [];
  const strides: number[][] = operands.map(() => []);
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const last = merged.length - 1;
    const joins = last >= 0 && operands.every((own, o) => strides[o]![last] === own[axis]! * length);
    if (joins) {
      merged[last] = merged[last]! * length;
      operands.forEach((own, o) => (strides[o]![last] = own[axis]!));
    } else {
      merged.push(length);
      operands.forEach((own, o) => strides[o]!.push(own[axis]!));
    }
  });
  if (merged.length === 0) {
    merged.push(1);
    for (const own of strides) own.push(0);
    strides.at(-1)![0] = 1; // a single element is stored, not summed
  }
  return { shape: merged, operands: strides };
}

/** Writes the table of a strided kernel into the arena, for good, and returns its address; 0 where it is empty. */
export function writeTable(
  arena: Arena,
  shape: Shape,
  operands: readonly [Strides, Strides, Strides, Strides],
): number {
  if (sizeOf(shape) === 0) return 0;
  const merged = mergeAxes(shape, operands);
  const rank = merged.shape.length;
  check(
    rank <= MAX_RANK,
    'UNSUPPORTED',
    `tensors of more than ${MAX_RANK} axes (here ${showShape(shape)}) cannot be walked`,
  );
  const words = Int32Array.of(rank, ...merged.shape, ...merged.operands.flat());
  const address = arena.alloc(4 * words.length);
  arena.write(address, words);
  return address;
}

/** `axis` counted from the front; throws where it is outside. */
export function axisOf(axis: number, rank: number): number {
  check(
    Number.isInteger(axis) && axis >= -rank && axis < Math.max(rank, 1),
    'SHAPE',
    `axis ${axis} is outside a tensor of ${rank} axes`,
  );
  return axis < 0 ? axis + rank : axis;
}

/** A shape read as [outer, axis, inner]. */
export function aroundAxis(shape: Shape, axis: number): { outer: number; length: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), length: shape[axis]!, inner: sizeOf(shape.slice(axis + 1)) };
}
