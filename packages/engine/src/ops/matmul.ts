import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';
import { broadcastShapes, broadcastStrides } from './strides.js';

/** Sizes of y [M, N] = a [M, K] b [K, N] behind the batch axes. */
interface Sizes {
  readonly batch: Shape;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

function sizesOf(a: Shape, b: Shape): Sizes {
  check(
    a.length >= 2 && b.length >= 2,
    'SHAPE',
    `matmul expects two or more axes, got ${showShape(a)} and ${showShape(b)}`,
  );
  const [M, K] = a.slice(-2) as [number, number];
  const [rows, N] = b.slice(-2) as [number, number];
  check(
    rows === K,
    'SHAPE',
    `matmul expects a [.., M, K] and b [.., K, N], got ${showShape(a)} and ${showShape(b)}: ${K} columns meet ${rows} rows`,
  );
  return { batch: broadcastShapes(a.slice(0, -2), b.slice(0, -2)), M, N, K };
}

/** Offsets, in elements, of an operand's matrices, for each matrix of the result. */
function offsetsOf(shape: Shape, batch: Shape): Int32Array {
  const matrix = sizeOf(shape.slice(-2));
  const strides = broadcastStrides(shape.slice(0, -2), batch);
  const count = sizeOf(batch);
  const offsets = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let rest = i;
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      offsets[i] = offsets[i]! + (rest % batch[axis]!) * strides[axis]! * matrix;
      rest = Math.floor(rest / batch[axis]!);
    }
  }
  return offsets;
}

/**
 * y = a b over the last two axes; the axes before them broadcast.
 *
 * Shapes:   a [.., M, K], b [.., K, N] → y [.., M, N]
 * Gradient: da = dy bᵀ, db = aᵀ dy, summed where an operand was stretched over the batch.
 */
export const matmulOp: Op = {
  name: 'matmul',
  shapes: ([a, b]) => {
    const { batch, M, N } = sizesOf(a!, b!);
    return [[...batch, M, N]];
  },
  reads: { outputs: false },
  work: ([a], [y]) => sizeOf(y!) * a!.at(-1)!,
  bind: ({ kernels: k, x: [a, b], y: [y] }) => {
    const { batch, M, N, K } = sizesOf(a!.shape, b!.shape);
    // One matrix b for all of a: the batch is just more rows.
    const flat = sizeOf(b!.shape.slice(0, -2)) === 1 && sizeOf(a!.shape.slice(0, -2)) === sizeOf(batch);
    const rows = flat ? M * sizeOf(batch) : M;
    const count = flat ? (rows > 0 ? 1 : 0) : sizeOf(batch);
    const none = new Int32Array(1);
    const aOffsets = flat ? none : offsetsOf(a!.shape, batch);
    const bOffsets = flat ? none : offsetsOf(b!.shape, batch);
    return {
      forward: () => {
        for (let i = 0; i < count; i++) {
          const [from, by] = [a!.data + 4 * aOffsets[i]!, b!.data + 4 * bOffsets[i]!];
          k.gemm(rows, N, K, from, K, by, N, y!.data + 4 * i * M * N, N, 0);
        }
      },
      backward: () => {
        for (let i = 0; i < count; i++) {
          const dy = y!.grad + 4 * i * M * N;
          if (a!.grad)
            k.gemmNT(rows, K, N, dy, N, b!.data + 4 * bOffsets[i]!, N, a!.grad + 4 * aOffsets[i]!, K, 1);
          if (b!.grad)
            k.gemmTN(K, N, rows, a!.data + 4 * aOffsets[i]!, K, dy, N, b!.grad + 4 * bOffsets[i]!, N, 1);
        }
      },
    };
  },
};
