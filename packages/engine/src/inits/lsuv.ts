import type { Init } from './init.js';
import { orthogonal } from './orthogonal.js';

const TOLERANCE = 0.02; // on the deviation; the paper stops at 0.1 of the variance
const MOST_ROUNDS = 10;

/** Orthogonal, then rescaled layer by layer until what the layer gives for the first batch has unit variance. */
export const lsuv: Init = {
  id: 'lsuv',
  about: {
    does: 'Rescales each weight, in order, until its layer’s output has unit variance on the first batch.',
    formula: 'W ← W · gain / std(output), repeated until std(output) = gain',
    gradient: 'The signal keeps its scale whatever the activations and shapes in between.',
    source: 'Mishkin & Matas 2015, arXiv:1511.06422, algorithm 1',
  },
  std: orthogonal.std,
  isWhole: true,
  fill: (canvas) => {
    orthogonal.fill(canvas, 1);
  },
  settle: ({ arena, weight, output, refresh }, gain) => {
    const { kernels } = arena;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const mean = kernels.sum(output.size, output.data) / output.size;
      const variance = kernels.sumSquares(output.size, output.data) / output.size - mean * mean;
      const factor = gain / Math.sqrt(variance);
      // A silent or exploded output cannot be rescaled; the probes will show it.
      if (!(variance > 0) || !Number.isFinite(factor) || Math.abs(factor - 1) < TOLERANCE) return;
      kernels.scale(weight.size, factor, weight.data);
      refresh();
    }
  },
};
