import { producers } from '../core/graph.js';
import { sizeOf } from '../core/shape.js';
import { placeOf } from '../core/tape.js';
import { ownerOf } from '../core/tensor.js';
import { singularValues } from './eigenvalues.js';
import { measure } from './measure.js';

/** Directions that the Gram matrix may have; larger activations are thinned out evenly. */
const MOST = 256;

/** Effective rank of the activations at every site, over the samples of one batch. */
export const effectiveRank = measure({
  id: 'effectiveRank',
  about: {
    does: 'In how many directions the samples of a batch differ at each site: whether depth has made them all alike.',
    formula: 'exp(H(p)), pᵢ = σᵢ / Σ σ, σ the singular values of the centred activations [N, D]',
    gradient:
      'Near 1: the samples have become one, and so have their gradients; nothing can tell classes apart.',
    source: 'Roy & Vetterli 2007; rank collapse with depth: Daneshmand et al. 2020, arXiv:2003.01652',
  },
  options: {},
  take: (run) => {
    const { tape, network } = run.evaluation;
    const { arena, batches, samples } = run;
    const rows = samples.test.length > 0 ? samples.test : samples.train;
    batches.take(rows, 0, network.input.data, network.target.data);
    const made = producers(network.graph.records);
    const ranks = new Array<number>(network.sites.length).fill(NaN);
    tape.forward({
      afterForward: (index) => {
        network.sites.forEach(({ output }, s) => {
          if (made.get(ownerOf(output)) !== index) return;
          const { data, size, shape } = placeOf(output);
          const n = Math.min(shape[0]!, MOST);
          const width = sizeOf(shape) / shape[0]!;
          const step = Math.max(1, Math.ceil(width / (4 * MOST)));
          const columns = Math.floor((width - 1) / step) + 1;
          const values = arena.read(data, size);
          const matrix = new Float64Array(n * columns);
          for (let c = 0; c < columns; c++) {
            let mean = 0;
            for (let r = 0; r < n; r++) mean += values[r * width + c * step]! / n;
            for (let r = 0; r < n; r++) matrix[r * columns + c] = values[r * width + c * step]! - mean;
          }
          ranks[s] = rankOf(singularValues(matrix, n, columns));
        });
      },
      beforeBackward: () => undefined,
      afterBackward: () => undefined,
    });
    const known = ranks.filter(Number.isFinite);
    return {
      numbers: { lowest: Math.min(...known), last: known.at(-1) ?? NaN },
      series: { effectiveRank: ranks },
    };
  },
});

function rankOf(values: readonly number[]): number {
  const sum = values.reduce((a, b) => a + b, 0);
  if (!(sum > 0)) return 0;
  let entropy = 0;
  for (const value of values) {
    const p = value / sum;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return Math.exp(entropy);
}
