import type { Kernels } from '@fuga/core-wasm';

/** A gradient to clip: its address and size. */
export interface Clipped {
  readonly size: number;
  readonly grad: number;
}

/** Norm over all gradients together: Euclidean, or the largest magnitude for `Infinity`; sums are in float64. */
export function normOf(kernels: Kernels, grads: readonly Clipped[], type: number = 2): number {
  let sum = 0;
  let most = 0;
  for (let i = 0; i < grads.length; i++) {
    const { size, grad } = grads[i]!;
    if (type === Infinity) most = Math.max(most, kernels.maxAbs(size, grad));
    else sum += kernels.sumSquares(size, grad);
  }
  return type === Infinity ? most : Math.sqrt(sum);
}

/** PyTorch's `clip_grad_norm_`: g ← g · min(1, max / (norm + 10⁻⁶)). Keeps the direction. Returns the norm. */
export function clipByNorm(kernels: Kernels, grads: readonly Clipped[], max: number, norm: number): number {
  const factor = max / (norm + 1e-6);
  if (factor < 1) for (let i = 0; i < grads.length; i++) kernels.scale(grads[i]!.size, factor, grads[i]!.grad);
  return norm;
}

/** PyTorch's `clip_grad_value_`: every entry into [−max, max]. Turns the direction. */
export function clipByValue(kernels: Kernels, grads: readonly Clipped[], max: number): void {
  for (let i = 0; i < grads.length; i++) {
    const { size, grad } = grads[i]!;
    kernels.hardTanh(size, grad, grad, -max, max);
  }
}
