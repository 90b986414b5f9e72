import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf } from '../core/shape.js';

/**
 * y = x above 0, else slope · x, with a learnt slope for each entry of `axis`, or one for all.
 * dslope = Σ dy x over x ≤ 0.
 */
export const preluOp: Op<{ readonly axis: number }> = {
  name: 'prelu',
  shapes: ([x, slope], { axis }) => {
    const channels = slope![0]!;
    check(
      channels === 1 || channels === x![axis],
      'SHAPE',
      `prelu expects 1 slope or one for each of the ${x![axis]} channels of ${showShape(x!)}, got ${channels}`,
    );
    return [x!];
  },
  reads: { outputs: false },
  overwrites: true,
  scratch: ([x]) => 4 * sizeOf(x!),
  bind: ({ kernels: k, x: [x, slope], y: [y], scratch, accumulate: [addX, addSlope] }, { axis }) => {
    const channels = slope!.size;
    const inner = channels === 1 ? x!.size : sizeOf(x!.shape.slice(axis + 1));
    const outer = channels === 1 ? 1 : sizeOf(x!.shape.slice(0, axis));
    return {
      forward: () => k.prelu(outer, channels, inner, x!.data, slope!.data, y!.data),
      backward: () => {
        // The kernel fills both gradients; one that nobody wants goes to scratch.
        const dx = x!.grad || scratch;
        const dslope = slope!.grad || scratch;
        k.preluGrad(
          outer,
          channels,
          inner,
          x!.data,
          slope!.data,
          y!.grad,
          dx,
          dslope,
          x!.grad ? addX! : 0,
          slope!.grad ? addSlope! : 0,
        );
      },
    };
  },
};
