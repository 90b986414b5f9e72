import type { Kernels } from '@fuga/core-wasm';
import type { Arena } from '../core/arena.js';

/** A gradient to clip: its address and size. */
export interface Clipped {
  readonly size: number;
  readonly grad: number;
}

/** Norm over all gradients together: Euclidean (2), the sum of magnitudes (1), or the largest (Infinity). */
export function normOf(arena: Arena, grads: readonly Clipped[], type: 1 | 2 | typeof Infinity = 2): number {
  const { kernels } = arena;
  let total = 0;
  for (let i = 0; i < grads.length; i++) {
    const { size, grad } = grads[i]!;
    if (type === Infinity) total = Math.max(total, kernels.maxAbs(size, grad));
    else total += type === 2 ? kernels.sumSquares(size, grad) : sumOfMagnitudes(arena, size, grad);
  }
  return type === 2 ? Math.sqrt(total) : total;
}

function sumOfMagnitudes(arena: Arena, size: number, address: number): number {
  const mark = arena.mark();
  const sums = arena.alloc(64);
  arena.kernels.stats(size, address, sums);
  const sum = arena.f64[(sums >> 3) + 7]!;
  arena.release(mark);
  return sum;
}

/** PyTorch's `clip_grad_norm_`: g ← g · min(1, max / (norm + 10⁻⁶)). Keeps the direction. Returns the norm. */
export function clipByNorm(kernels: Kernels, grads: readonly Clipped[], max: number, norm: number): number {
  const factor = max / (norm + 1e-6);
  if (factor < 1)
    for (let i = 0; i < grads.length; i++) kernels.scale(grads[i]!.size, factor, grads[i]!.grad);
  return norm;
}

/** PyTorch's `clip_grad_value_`: every entry into [−max, max]. Turns the direction. */
export function clipByValue(kernels: Kernels, grads: readonly Clipped[], max: number): void {
  for (let i = 0; i < grads.length; i++) {
    const { size, grad } = grads[i]!;
    kernels.hardTanh(size, grad, grad, -max, max);
  }
}
