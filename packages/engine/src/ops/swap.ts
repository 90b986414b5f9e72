import type { Op } from '../core/op.js';
import { sizeOf } from '../core/shape.js';

/** The first two axes exchanged: a sequence [N, T, …] to time-major [T, N, …], and back. */
export const swapOp: Op = {
  name: 'swap',
  shapes: ([x]) => [[x![1]!, x![0]!, ...x!.slice(2)]],
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x: [x], y: [y], accumulate: [add] }) => {
    const [a, b, ...rest] = x!.shape as [number, number, ...number[]];
    const inner = sizeOf(rest);
    return {
      forward: () => k.swapOuter(a, b, inner, x!.data, y!.data, 0),
      backward: () => {
        if (x!.grad) k.swapOuter(b, a, inner, y!.grad, x!.grad, add!);
      },
    };
  },
};
