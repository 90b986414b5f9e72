import type { Arena } from '../core/arena.js';
import type { Place } from '../core/op.js';

/**
 * The weights of `selfAttention` for one sample, computed again from what it took in: softmax(Q Kᵀ / √d) a head.
 *
 * For looking only: the op need not keep them, and this may be slow.
 *
 * Shapes: qkv [N, T, 3 D] → [heads, T, T], row = query, column = key; every row sums to 1, keys that a causal query
 *         must not see have 0
 */
export function attentionWeights(
  arena: Arena,
  qkv: Place,
  { heads, causal }: { readonly heads: number; readonly causal: boolean },
  sample: number,
): Float32Array {
  const [, T, wide] = qkv.shape as [number, number, number];
  const D = wide / 3;
  const d = D / heads;
  const scale = 1 / Math.sqrt(d);
  const x = arena.read(qkv.data + 4 * sample * T * wide, T * wide);
  const weights = new Float32Array(heads * T * T);
  const mark = arena.mark();
  const row = arena.alloc(4 * T);
  for (let head = 0; head < heads; head++) {
    for (let query = 0; query < T; query++) {
      const seen = causal ? query + 1 : T;
      const scores = new Float32Array(seen);
      const q = query * wide + head * d;
      for (let key = 0; key < seen; key++) {
        const k = key * wide + D + head * d;
        let sum = 0;
        for (let i = 0; i < d; i++) sum += x[q + i]! * x[k + i]!;
        scores[key] = scale * sum;
      }
      arena.write(row, scores);
      arena.kernels.softmax(1, seen, row, row);
      weights.set(arena.read(row, seen), (head * T + query) * T);
    }
  }
  arena.release(mark);
  return weights;
}
