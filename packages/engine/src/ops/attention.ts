import type { Kernels } from '@fuga/core-wasm';
import { check } from '../core/errors.js';
import type { Op, Place } from '../core/op.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';

/** How a mask reads: `allow` and `ignore` are integers where 1 may, or may not, be looked at; `add` is added to the scores. */
export type MaskKind = 'none' | 'allow' | 'ignore' | 'add';
const maskCodes: Readonly<Record<MaskKind, number>> = { none: 0, allow: 1, ignore: 2, add: 3 };

/** Rows that the backward kernel works on at a time; its scratch is as high. */
const BLOCK = 48;

/** One operand as the kernel walks it: element (n, head, t) starts at n · sample + head · head + t · row. */
interface Walk {
  readonly data: number;
  readonly grad: number;
  readonly sample: number;
  readonly head: number;
  readonly row: number;
}

interface Sizes {
  readonly N: number;
  readonly A: number;
  readonly Tq: number;
  readonly Tk: number;
  readonly d: number;
}

/**
 * Multi-head self-attention on packed projections: qkv [N, T, 3 D] → [N, T, D], the heads side by side.
 *
 * P = softmax(Q Kᵀ / √d), O = P V for each head. The probabilities are kept ([N, A, T, T], `probs`): backward needs
 * them, and so do probes. Computing them again from log-sum-exps would save their memory, and cost 40 to 70 % of
 * backward (measured for T from 64 to 512).
 */
export const selfAttentionOp: Op<{ readonly heads: number; readonly causal: boolean }> = {
  name: 'selfAttention',
  shapes: ([qkv], { heads }) => {
    const [N, T, wide] = qkv as readonly [number, number, number];
    check(
      qkv!.length === 3 && wide % (3 * heads) === 0,
      'SHAPE',
      `attention with ${heads} heads expects queries, keys and values [N, T, 3 D] with D a multiple of ${heads}, got ${showShape(qkv!)}`,
    );
    return [[N, T, wide / 3]];
  },
  keeps: ([qkv], { heads }) => ({ probs: qkv![0]! * heads * qkv![1]! ** 2 }),
  scratch: ([qkv]) => 4 * BLOCK * qkv![1]!,
  reads: { outputs: false },
  overwrites: true,
  work: ([qkv], [y]) => 2 * sizeOf(y!) * qkv![1]!,
  bind: ({ kernels, x: [qkv], y: [y], keep, scratch, accumulate: [add] }, { heads, causal }) => {
    const [N, T, wide] = qkv!.shape as [number, number, number];
    const D = wide / 3;
    const sizes = { N, A: heads, Tq: T, Tk: T, d: D / heads };
    const part = (i: number): Walk => ({
      data: qkv!.data + 4 * i * D,
      grad: qkv!.grad && qkv!.grad + 4 * i * D,
      sample: T * wide,
      head: D / heads,
      row: wide,
    });
    return bindHeads(kernels, sizes, {
      q: part(0),
      k: part(1),
      v: part(2),
      o: { data: y!.data, grad: y!.grad, sample: T * D, head: D / heads, row: D },
      scale: 1 / Math.sqrt(D / heads),
      causal,
      mask: noMask,
      probs: keep['probs']!,
      scratch,
      add: [add!, add!, add!],
    });
  },
};

/** Options of attention between separate tensors. */
export interface AttendAttributes {
  /** Heads side by side in the last axis of rank-3 inputs; rank-4 inputs [N, A, T, d] bring their own axis. */
  readonly heads: number;
  readonly causal: boolean;
  /** Factor on the scores; default 1 / √d. */
  readonly scale?: number;
  readonly mask: MaskKind;
}

/**
 * Attention of queries over keys and values: q [N, Tq, A d], k and v [N, Tk, A d], or all [N, A, T, d].
 * The fourth input is the mask, where there is one: [N or 1, A or 1, Tq or 1, Tk].
 */
export const attendOp: Op<AttendAttributes> = {
  name: 'attend',
  shapes: ([q, k, v, mask], { heads, mask: kind }) => {
    const fits = q!.length === k!.length && q!.at(-1) === k!.at(-1) && k!.join() === v!.join();
    check(
      fits,
      'SHAPE',
      `attention expects keys and values of one shape and queries as wide, got ${[q, k, v].map((s) => showShape(s!)).join(', ')}`,
    );
    check(
      q!.length === 4 || (q!.length === 3 && q![2]! % heads === 0),
      'SHAPE',
      `attention expects [N, T, D] with D a multiple of ${heads}, got ${showShape(q!)}`,
    );
    check(
      (kind === 'none') === !mask && (!mask || mask.length === 4),
      'SHAPE',
      'a mask has shape [N or 1, heads or 1, Tq or 1, Tk]',
    );
    return [q!];
  },
  keeps: ([q, k], { heads }) => {
    const { N, A, Tq, Tk } = sizesOf(q!, k!, heads);
    return { probs: N * A * Tq * Tk };
  },
  scratch: ([q, k], { heads }) => 4 * BLOCK * sizesOf(q!, k!, heads).Tk,
  reads: { outputs: false },
  work: ([, k], [y]) => 2 * sizeOf(y!) * k!.at(-2)!,
  // Without `overwrites`: queries, keys and values may be one tensor, whose three shares are all added.
  bind: ({ kernels, x: [q, k, v, mask], y: [y], keep, scratch }, attributes) => {
    const { heads, causal, mask: kind } = attributes;
    const sizes = sizesOf(q!.shape, k!.shape, heads);
    return bindHeads(kernels, sizes, {
      q: walkOf(q!, sizes.A),
      k: walkOf(k!, sizes.A),
      v: walkOf(v!, sizes.A),
      o: walkOf(y!, sizes.A),
      scale: attributes.scale ?? 1 / Math.sqrt(sizes.d),
      causal,
      mask: mask ? maskOf(mask, kind) : noMask,
      probs: keep['probs']!,
      scratch,
      add: [1, 1, 1],
    });
  },
};

interface Mask {
  readonly kind: MaskKind;
  readonly data: number;
  readonly grad: number;
  readonly size: number;
  /** Elements from one sample, head and row to the next; 0 where all share one. */
  readonly sample: number;
  readonly head: number;
  readonly row: number;
}

const noMask: Mask = { kind: 'none', data: 0, grad: 0, size: 0, sample: 0, head: 0, row: 0 };

function maskOf({ data, grad, size, shape }: Place, kind: MaskKind): Mask {
  const [N, A, Tq, Tk] = shape as [number, number, number, number];
  return {
    kind,
    data,
    grad: kind === 'add' ? grad : 0,
    size,
    sample: N > 1 ? A * Tq * Tk : 0,
    head: A > 1 ? Tq * Tk : 0,
    row: Tq > 1 ? Tk : 0,
  };
}

function sizesOf(q: Shape, k: Shape, heads: number): Sizes {
  const [N] = q as [number];
  if (q.length === 4) return { N, A: q[1]!, Tq: q[2]!, Tk: k[2]!, d: q[3]! };
  return { N, A: heads, Tq: q[1]!, Tk: k[1]!, d: q[2]! / heads };
}

function walkOf({ data, grad, shape }: Place, heads: number): Walk {
  const sample = sizeOf(shape.slice(1));
  if (shape.length === 4) return { data, grad, sample, head: shape[2]! * shape[3]!, row: shape[3]! };
  return { data, grad, sample, head: shape[2]! / heads, row: shape[2]! };
}

/** The kernel, sample by sample and head by head. */
function bindHeads(
  kernels: Kernels,
  { N, A, Tq, Tk, d }: Sizes,
  at: {
    readonly q: Walk;
    readonly k: Walk;
    readonly v: Walk;
    readonly o: Walk;
    readonly scale: number;
    readonly causal: boolean;
    readonly mask: Mask;
    readonly probs: number;
    readonly scratch: number;
    readonly add: readonly (0 | 1)[];
  },
) {
  const { q, k, v, o, scale, mask, probs, scratch, add } = at;
  const causal = at.causal ? 1 : 0;
  const code = maskCodes[mask.kind];
  const [addQ, addK, addV] = add as [number, number, number];
  const offset = (walk: { sample: number; head: number }, n: number, a: number) =>
    4 * (n * walk.sample + a * walk.head);
  return {
    forward: () => {
      for (let n = 0; n < N; n++) {
        for (let a = 0; a < A; a++) {
          kernels.attendHead(
            Tq,
            Tk,
            d,
            q.data + offset(q, n, a),
            q.row,
            k.data + offset(k, n, a),
            k.row,
            v.data + offset(v, n, a),
            v.row,
            scale,
            causal,
            code,
            mask.data + offset(mask, n, a),
            mask.row,
            probs + 4 * (n * A + a) * Tq * Tk,
            o.data + offset(o, n, a),
            o.row,
          );
        }
      }
    },
    backward: () => {
      for (let n = 0; n < N; n++) {
        for (let a = 0; a < A; a++) {
          kernels.attendHeadGrad(
            Tq,
            Tk,
            d,
            q.data + offset(q, n, a),
            q.row,
            k.data + offset(k, n, a),
            k.row,
            v.data + offset(v, n, a),
            v.row,
            scale,
            causal,
            probs + 4 * (n * A + a) * Tq * Tk,
            o.grad + offset(o, n, a),
            o.row,
            q.grad && q.grad + offset(q, n, a),
            k.grad && k.grad + offset(k, n, a),
            v.grad && v.grad + offset(v, n, a),
            addQ,
            addK,
            addV,
            mask.grad && mask.grad + offset(mask, n, a),
            mask.row,
            scratch,
          );
        }
      }
    },
  };
}
