import type { Op } from '../core/op.js';
import { bindMap } from './map.js';
import { stridesOf } from './strides.js';

/** The rare functions of assembly/activations/rare.ts, in the order of its codes. */
const rareFunctions = [
  'floor',
  'ceil',
  'round',
  'sign',
  'tan',
  'sinh',
  'cosh',
  'asin',
  'acos',
  'atan',
  'asinh',
  'acosh',
  'atanh',
] as const;

export type RareFunction = (typeof rareFunctions)[number];

/** y = f(x) for functions that networks seldom use; floor, ceil, round and sign have the gradient 0. */
export const rare: Op<{ readonly fn: RareFunction }> = {
  name: 'rare',
  shapes: ([x]) => [x!],
  reads: { outputs: false },
  bind: ({ kernels: k, x: [x], y: [y] }, { fn }) => {
    const code = rareFunctions.indexOf(fn);
    return {
      forward: () => k.rare(code, y!.size, x!.data, y!.data),
      backward: () => {
        if (x!.grad) k.rareGrad(code, y!.size, x!.data, y!.grad, x!.grad);
      },
    };
  },
};

/** y = x limited to [low, high]; at both ends the gradient passes, as PyTorch's clamp. */
export const clamp: Op<{ readonly low: number; readonly high: number }> = {
  name: 'clamp',
  shapes: ([x]) => [x!],
  reads: { outputs: false },
  overwrites: true,
  bind: ({ arena, x: [x], y: [y], accumulate: [accumulate] }, { low, high }) => {
    const strides = stridesOf(x!.shape);
    const a = { address: x!.data, strides };
    const limits = { alpha: low, beta: high };
    const forward = bindMap(arena, 'clamp', x!.shape, { a, d: { address: y!.data, strides } }, limits);
    if (!x!.grad) return { forward };
    const operands = { a, c: { address: y!.grad, strides }, d: { address: x!.grad, strides } };
    return {
      forward,
      backward: bindMap(arena, 'clampGrad', x!.shape, operands, { ...limits, accumulate: accumulate! }),
    };
  },
};

/** y = factor · x + shift. */
export const scaleShift: Op<{ readonly factor: number; readonly shift: number }> = {
  name: 'scaleShift',
  shapes: ([x]) => [x!],
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ arena, x: [x], y: [y], accumulate: [accumulate] }, { factor, shift }) => {
    const strides = stridesOf(x!.shape);
    const from = { address: x!.data, strides };
    const forward = bindMap(
      arena,
      'scale',
      x!.shape,
      { a: from, d: { address: y!.data, strides } },
      { alpha: factor, beta: shift },
    );
    if (!x!.grad) return { forward };
    const operands = { a: { address: y!.grad, strides }, d: { address: x!.grad, strides } };
    return {
      forward,
      backward: bindMap(arena, 'scale', x!.shape, operands, { alpha: factor, accumulate: accumulate! }),
    };
  },
};

/** Which non-finite numbers `nonFinite` marks, in the order of the kernel's codes. */
export const nonFiniteKinds = ['any', 'nan', 'positive', 'negative', 'infinite'] as const;

/** 1 where x is of the given kind, else 0; no gradient. */
export const nonFinite: Op<{ readonly kind: (typeof nonFiniteKinds)[number] }> = {
  name: 'nonFinite',
  shapes: ([x]) => [x!],
  differentiable: false,
  bind: ({ arena, x: [x], y: [y] }, { kind }) => {
    const strides = stridesOf(x!.shape);
    const operands = { a: { address: x!.data, strides }, d: { address: y!.data, strides } };
    return {
      forward: bindMap(arena, 'nonFinite', x!.shape, operands, { alpha: nonFiniteKinds.indexOf(kind) }),
    };
  },
};

/** Whole numbers as floats (exact up to 2²⁴), so that arithmetic ops can take ids. */
export const toFloats: Op = {
  name: 'toFloats',
  shapes: ([x]) => [x!],
  differentiable: false,
  bind: ({ kernels: k, x: [x], y: [y] }) => ({ forward: () => k.toFloats(x!.size, x!.data, y!.data) }),
};
