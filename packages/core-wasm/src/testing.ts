import { expect } from 'vitest';
import type { Kernels, Variant } from './index.js';

/** Both builds; tests run on each. */
export const variants: readonly Variant[] = ['relaxed', 'simd'];

/** Sizes around the vector widths 4, 8 and 16, and the odd ones. */
export const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100];

const GUARD = 0x7fc0dead; // a NaN nobody computes

/** Buffers in the memory of the kernels, each between two guard words that `check` looks at. */
export function arenaOf(kernels: Kernels) {
  const { memory } = kernels;
  if (memory.buffer.byteLength < 1 << 26) memory.grow((1 << 26) / 65536 - memory.buffer.byteLength / 65536);
  const guards: number[] = [];
  let top = kernels.heapBase;

  /** Room for n words, `shift` words off a 64-byte boundary: kernels must not rely on alignment. */
  function room(n: number, shift = 1): number {
    const before = top + 4 * shift;
    const start = before + 4;
    const words = new Uint32Array(memory.buffer);
    words.fill(GUARD, before >> 2, (start >> 2) + n + 1);
    guards.push(before, start + 4 * n);
    top = Math.ceil((start + 4 * n + 4) / 64) * 64;
    return start;
  }
  return {
    room,
    put(values: ArrayLike<number>): number {
      const start = room(values.length);
      new Float32Array(memory.buffer, start, values.length).set(values);
      return start;
    },
    putInts(values: ArrayLike<number>): number {
      const start = room(values.length);
      new Int32Array(memory.buffer, start, values.length).set(values);
      return start;
    },
    /** A copy of n f32 at `start`. */
    read: (start: number, n: number) => new Float32Array(memory.buffer, start, n).slice(),
    ints: (start: number, n: number) => new Int32Array(memory.buffer, start, n).slice(),
    words: (start: number, n: number) => new Uint32Array(memory.buffer, start, n).slice(),
    /** n f64 at an 8-byte aligned place of their own. */
    roomForDoubles(n: number): number {
      const start = room(2 * n + 2);
      return Math.ceil(start / 8) * 8;
    },
    doubles: (start: number, n: number) => new Float64Array(memory.buffer, start, n).slice(),
    /** No kernel wrote outside its buffers; then forgets them all. */
    check(): void {
      const words = new Uint32Array(memory.buffer);
      for (const guard of guards) {
        if (words[guard >> 2] !== GUARD) throw new Error(`a kernel wrote outside its buffer, at ${guard}`);
      }
      guards.length = 0;
      top = kernels.heapBase;
    },
  };
}

/** n reproducible f32 in [low, high): the LCG of the golden fixtures. */
export function numbers(n: number, seed: number, low = -1, high = 1): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * (state >>> 8)) / 2 ** 24;
  });
}

/** |actual - expected| <= tolerance everywhere; says where it is worst. NaN and infinities must agree. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number | ((i: number) => number),
  what = '',
): void {
  expect(actual.length, what).toBe(expected.length);
  let worst = 0;
  let at = -1;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!;
    const rounded = Math.fround(expected[i]!);
    const e = Number.isFinite(rounded) ? expected[i]! : rounded; // too large for f32 is infinite
    const limit = typeof tolerance === 'number' ? tolerance * Math.max(1, Math.abs(e)) : tolerance(i);
    const excess = Object.is(a, e) || a === e ? 0 : Math.abs(a - e) / limit;
    if (!(excess <= worst)) [worst, at] = [Number.isNaN(excess) ? Infinity : excess, i];
  }
  if (worst > 1) {
    throw new Error(
      `${what} at ${at}: ${actual[at]} instead of ${expected[at]}, ${worst.toFixed(1)} times the tolerance`,
    );
  }
}
