import { loadKernels } from '@fuga/core-wasm';
import { expect, it } from 'vitest';

it('prefers relaxed SIMD, and the exact build when asked', async () => {
  // Every Node from 20.19 on runs relaxed SIMD, so this also proves that the relaxed tests ran.
  expect((await loadKernels()).variant).toBe('relaxed');
  expect((await loadKernels({ exact: true })).variant).toBe('simd');
  expect((await loadKernels({ variant: 'simd' })).variant).toBe('simd');
});

it('gives every instance a memory of its own', async () => {
  const [a, b] = await Promise.all([loadKernels(), loadKernels()]);
  expect(a.memory).not.toBe(b.memory);
  expect(a.heapBase % 64).toBe(0);
  a.memory.grow(1);
  a.fill(4, a.heapBase, 7);
  b.memory.grow(1);
  expect(b.sum(4, b.heapBase)).toBe(0);
});
