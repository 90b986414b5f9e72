import type { Fill } from '../core/parameters.js';
import { hashPath } from '../core/random.js';

/**
 * Fills each of `blocks` equal blocks of rows by itself, from a stream of its own: a matrix that holds several (a
 * cell's gates; queries, keys and values) is drawn as if they were apart, so orthogonal means orthogonal gate by gate.
 */
export function blockByBlock(fill: Fill, blocks: number): Fill {
  if (blocks === 1) return fill;
  return (canvas) => {
    const [rows, columns] = canvas.shape as [number, number];
    const size = canvas.size / blocks;
    for (let block = 0; block < blocks; block++) {
      const [a, b] = hashPath(`block ${block}`);
      const [high, low] = canvas.stream.stream;
      fill({
        ...canvas,
        address: canvas.address + 4 * block * size,
        shape: [rows / blocks, columns],
        size,
        stream: { ...canvas.stream, stream: [(high ^ a) >>> 0, (low ^ b) >>> 0] },
      });
    }
  };
}
