import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { checkFloat, checkRank } from '../core/scope.js';

/** y [N, D] = mean over the steps of x [N, T, D]; dx = dy / T at every step. */
export const stepMeans: Op = {
  name: 'stepMeans',
  shapes: ([x]) => [[x![0]!, x![2]!]],
  reads: { inputs: false, outputs: false },
  overwrites: true,
  // One sample's share of the gradient.
  scratch: ([x]) => 4 * x![2]!,
  bind: ({ kernels: k, x: [x], y: [y], scratch, accumulate: [add] }) => {
    const [N, T, D] = x!.shape as [number, number, number];
    return {
      forward: () => {
        for (let n = 0; n < N; n++) k.biasGrad(T, D, x!.data + 4 * n * T * D, y!.data + 4 * n * D, 0);
        k.scale(N * D, 1 / T, y!.data);
      },
      backward: () => {
        if (!x!.grad) return;
        if (!add) k.fill(x!.size, x!.grad, 0);
        for (let n = 0; n < N; n++) {
          k.copy(D, y!.grad + 4 * n * D, scratch);
          k.scale(D, 1 / T, scratch);
          k.addBias(T, D, scratch, x!.grad + 4 * n * T * D);
        }
      },
    };
  },
};

/**
 * Mean over the steps of a sequence.
 *
 * Shapes:   x [N, T, D] → y [N, D]
 * Gradient: dx = dy / T at every step.
 */
export const globalAvgPool1d = layer({
  type: 'globalAvgPool1d',
  about: {
    does: 'Takes the mean of each feature over all steps of a sequence.',
    formula: 'y[d] = 1/T Σ x[t, d]',
    shapes: 'x [N, T, D] → y [N, D]',
    gradient: 'Spread evenly over the steps: its rms shrinks by T, alike for near and far ones.',
  },
  options: {},
  site: false,
  forward: ([x], _, scope) => {
    checkFloat(x!, 'globalAvgPool1d');
    checkRank(x!, 3, 'globalAvgPool1d', 'a sequence [N, T, D]');
    return scope.apply(stepMeans, [x!], undefined);
  },
  cases: [
    { inputs: [[2, 3, 5]], options: {} },
    { inputs: [[1, 1, 1]], options: {} },
  ],
});
