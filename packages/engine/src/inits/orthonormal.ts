import type { Canvas } from '../core/parameters.js';
import { drawNormal } from './init.js';

/**
 * Draws a matrix [rows, cols] with orthonormal rows (or columns, where there are fewer of them) at `address`, uniformly
 * over all such matrices, times `gain`.
 *
 * Gram–Schmidt on Gaussian vectors, each projected twice (twice is enough: Giraud et al. 2005): orthogonal to float32
 * precision. Scalar products are summed in float64 by the kernels, so the bits are those of the build.
 */
export function drawOrthonormal(
  canvas: Canvas,
  rows: number,
  cols: number,
  address: number,
  gain: number,
): void {
  const { arena } = canvas;
  const { kernels } = arena;
  const [count, length] = rows <= cols ? [rows, cols] : [cols, rows];
  const mark = arena.mark();
  const vectors = rows <= cols ? address : arena.alloc(4 * rows * cols);
  drawNormal({ ...canvas, address: vectors, size: rows * cols }, 1);
  for (let i = 0; i < count; i++) {
    const vector = vectors + 4 * length * i;
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const other = vectors + 4 * length * j;
        kernels.axpy(length, -kernels.dot(length, vector, other), other, vector);
      }
      kernels.scale(length, 1 / Math.sqrt(kernels.sumSquares(length, vector)), vector);
    }
  }
  if (rows > cols) kernels.transpose(cols, rows, vectors, address);
  if (gain !== 1) kernels.scale(rows * cols, gain, address);
  arena.release(mark);
}
