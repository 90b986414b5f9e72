import { activate, biasFill, biasSchema, completeInit } from './activate.js';
import { activationSchema } from '../activations/activation.js';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { count, optional } from '../core/options.js';
import { checkFloat } from '../core/scope.js';
import { rowsAndColumns, showShape, sizeOf } from '../core/shape.js';
import * as inits from '../inits/index.js';
import { fillBy, initSchema } from '../inits/init.js';
import * as v from 'valibot';

/**
 * Affine map y = x Wᵀ + b, then the activation.
 *
 * Shapes:   x [N, …, I], W [O, I], b [O] → y [N, …, O]; an image [N, C, H, W] is flattened first
 * Params:   weight by `init` (fanIn = I, fanOut = O); bias 0, or by an init of its own, `bias: { normal: 0.3 }`
 * Gradient: dx = dy W, dW = dyᵀ x, db = Σ dy. Backward multiplies rms(gradient) by about √(O · Var W).
 */
export const dense = layer({
  type: 'dense',
  about: {
    does: 'Every output is a weighted sum of all inputs, plus a bias.',
    formula: 'y = f(x Wᵀ + b)',
    shapes: 'x [N, …, I] → y [N, …, O]; an image [N, C, H, W] is flattened first',
    gradient: 'Backward multiplies the gradient by about √(O · Var W) and by the activation’s slope.',
    source: 'Glorot & Bengio 2010, §4',
  },
  options: {
    out: count(),
    bias: optional(biasSchema(), true),
    activation: optional(activationSchema(), 'identity'),
    init: v.optional(initSchema()),
  },
  complete: completeInit,
  forward: ([image], { out, bias, activation, init }, scope) => {
    checkFloat(image!, 'dense');
    // An image [N, C, H, W] is taken as a whole; a sequence [N, T, D] step by step.
    const x =
      image!.shape.length === 4
        ? scope.reshape(image!, [image!.shape[0]!, sizeOf(image!.shape.slice(1))])
        : image!;
    const { columns } = rowsAndColumns(x.shape);
    const fans = { fanIn: columns, fanOut: out };
    const weight = scope.parameter('weight', [out, columns], { fill: fillBy(inits, init!), ...fans });
    const inputs = [x, weight];
    if (bias !== false) inputs.push(scope.parameter('bias', [out], { fill: biasFill(bias), ...fans }));
    return activate(scope.apply(affine, inputs, undefined), activation, scope);
  },
  cases: [
    { inputs: [[3, 5]], options: { out: 4 } },
    { inputs: [[1, 1]], options: { out: 1, bias: false } },
    { inputs: [[2, 3, 7]], options: { out: 5, activation: 'tanh' } },
    { inputs: [[9, 17]], options: { out: 13, activation: 'sigmoid' } },
  ],
});

/** y [R, O] = x [R, I] W [O, I]ᵀ + b [O]; all axes but the last of x are rows. */
export const affine: Op = {
  name: 'affine',
  shapes: ([x, W, b]) => {
    const { columns } = rowsAndColumns(x!);
    check(
      x!.length > 0 && columns === W![1],
      'SHAPE',
      `dense expects x [N, …, ${W![1]}], got ${showShape(x!)}`,
    );
    check(!b || b[0] === W![0], 'SHAPE', `dense expects a bias [${W![0]}], got ${showShape(b ?? [])}`);
    return [[...x!.slice(0, -1), W![0]!]];
  },
  reads: { outputs: false },
  overwrites: true,
  work: ([, W], [y]) => sizeOf(y!) * W![1]!,
  bind: ({ kernels: k, x: [x, W, b], y: [y], accumulate: [addX, addW, addB] }) => {
    const [O, I] = W!.shape as [number, number];
    const R = y!.size / O;
    // Plain numbers, side by side in the closures' context: a thousand layers' places would not stay in the cache.
    const [xAt, wAt, bAt, yAt] = [x!.data, W!.data, b?.data ?? 0, y!.data];
    const [dx, dw, db, dy] = [x!.grad, W!.grad, b?.grad ?? 0, y!.grad];
    return {
      forward: () => {
        k.affine(R, O, I, xAt, wAt, bAt, yAt);
      },
      backward: () => {
        if (dw) k.gemmTN(O, I, R, dy, O, xAt, I, dw, I, addW!);
        if (db) k.biasGrad(R, O, dy, db, addB!);
        if (dx) k.gemm(R, I, O, dy, O, wAt, I, dx, I, addX!);
      },
    };
  },
};
