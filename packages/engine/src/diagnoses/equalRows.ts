import { sizeOf } from '../core/shape.js';
import type { Run } from '../run/run.js';

/** Rows that differ by less than this share of their size count as equal: float rounding, not another unit. */
const SAME = 1e-4;

/**
 * Share of a site's units whose weights equal the first unit's: 1 where all are copies of one another.
 *
 * Looks at the weights as they stand after training: units that were born equal and told apart by their gradients do
 * not count. 0 for a site without a weight matrix.
 */
export function equalRows({ sites, parameters, arena }: Run, site: number): number {
  let share = 0;
  for (const path of sites[site]!.parameters) {
    const { tensor } = parameters.get(path)!;
    const [rows = 0] = tensor.shape;
    if (tensor.shape.length < 2 || rows < 2) continue;
    const width = sizeOf(tensor.shape) / rows;
    const first = tensor.data >> 2;
    const { f32 } = arena;
    let size = 0;
    for (let i = 0; i < width; i++) size = Math.max(size, Math.abs(f32[first + i]!));
    let equal = 1;
    for (let row = 1; row < rows; row++) {
      let same = true;
      for (let i = 0; i < width && same; i++) {
        same = Math.abs(f32[first + row * width + i]! - f32[first + i]!) <= SAME * size;
      }
      if (same) equal++;
    }
    share = Math.max(share, equal > 1 ? equal / rows : 0);
  }
  return share;
}
