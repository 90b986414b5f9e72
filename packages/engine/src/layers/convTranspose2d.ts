import * as v from 'valibot';
import { activationSchema } from '../activations/activation.js';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { count, optional } from '../core/options.js';
import { checkFloat, checkRank } from '../core/scope.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';
import * as inits from '../inits/index.js';
import { fillBy, initSchema } from '../inits/init.js';
import { activate, biasFill, biasSchema, completeInit } from './activate.js';
import { geometryOf, type ConvAttributes, type Geometry } from './conv2d.js';
import { both, pair, paddingSchema, type Walk } from './window.js';

/** The convolution whose input gradient this is; `rows` and `columns` describe its walk over the output. */
export interface TransposedAttributes extends ConvAttributes {
  readonly height: number;
  readonly width: number;
}

/** y [N, O, H′, W′] from x [N, C, H, W] and w [C, O / groups, KH, KW]: the input gradient of the convolution by w. */
export const transposedConvolution: Op<TransposedAttributes> = {
  name: 'transposedConvolution',
  shapes: ([x, w, b], { height, width, groups }) => {
    check(
      x!.length === 4 && x![1] === w![0] && x![1]! % groups === 0,
      'SHAPE',
      `convTranspose2d expects images [N, ${w![0]}, H, W], got ${showShape(x!)}`,
    );
    const outputs = w![1]! * groups;
    check(
      !b || b[0] === outputs,
      'SHAPE',
      `convTranspose2d expects a bias [${outputs}], got ${showShape(b ?? [])}`,
    );
    return [[x![0]!, outputs, height, width]];
  },
  scratch: ([x, w], attributes, kernels) => kernels.conv2dScratch(...reversed(x!, w!, attributes)),
  reads: { outputs: false },
  overwrites: true,
  work: ([x, w]) => sizeOf(x!) * sizeOf(w!.slice(1)),
  bind: ({ kernels: k, x: [x, w, b], y: [y], scratch, accumulate: [addX, addW, addB] }, attributes) => {
    const geometry = reversed(x!.shape, w!.shape, attributes);
    const [N, O, H, W] = y!.shape as [number, number, number, number];
    // Bound once: spreading the geometry at every call would make an array each time.
    const [dx, dw, db, dy] = [x!.grad, w!.grad, b?.grad ?? 0, y!.grad];
    const product = k.conv2dInputGrad.bind(null, ...geometry, x!.data, w!.data, y!.data, scratch, 0);
    const weightGrad = k.conv2dWeightGrad.bind(null, ...geometry, dy, x!.data, dw, scratch, addW!);
    const inputGrad = k.conv2d.bind(null, ...geometry, dy, w!.data, 0, dx, scratch, addX!);
    return {
      forward: () => {
        product();
        if (b) k.addChannelBias(N, O, H * W, b.data, y!.data);
      },
      backward: () => {
        if (dw) weightGrad();
        if (db) k.channelBiasGrad(N, O, H * W, dy, db, addB!);
        if (dx) inputGrad();
      },
    };
  },
};

/** Geometry of the convolution from y to x. */
function reversed(x: Shape, w: Shape, attributes: TransposedAttributes): Geometry {
  const { height, width, groups } = attributes;
  return geometryOf([x[0]!, w[1]! * groups, height, width], x[1]!, attributes);
}

/**
 * One axis: output = (size − 1) stride − 2 padding + dilation (kernel − 1) + 1 + extra; `same` gives size · stride.
 */
export function growth(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: 'same' | 'valid' | number,
  extra = 0,
): { walk: Walk; size: number } {
  const extent = dilation * (kernel - 1) + 1;
  const full = (size - 1) * stride + extent;
  const before =
    padding === 'same' ? Math.floor(Math.max(0, extent - stride) / 2) : padding === 'valid' ? 0 : padding;
  const grown = padding === 'same' ? size * stride : full - 2 * before + extra;
  check(grown > 0, 'SHAPE', `convTranspose2d would give an axis of ${grown}; use less padding`);
  return { walk: { kernel, stride, dilation, before, output: size }, size: grown };
}

/**
 * Convolution run backwards: each input pixel paints a scaled kernel onto the output; then the activation.
 *
 * Shapes:   x [N, C, H, W], W [C, O / groups, KH, KW], b [O] → y [N, O, H′, W′], H′ = H · stride for `same`
 * Params:   weight by `init` (fanIn = C / groups · KH · KW / stride², fanOut = O / groups · KH · KW), bias 0
 * Gradient: dx is the convolution of dy with W.
 */
export const convTranspose2d = layer({
  type: 'convTranspose2d',
  about: {
    does: 'A convolution run backwards: enlarges images with learned kernels.',
    formula: 'y = f(b + the input gradient of the convolution by W at x)',
    shapes: 'x [N, C, H, W] → y [N, O, stride · H, stride · W] for padding same',
    gradient: 'A convolution of dy: multiplies the gradient by about √(fanOut · Var W).',
    source: 'Zeiler et al. 2010; Dumoulin & Visin 2016, arXiv:1603.07285, §4',
  },
  options: {
    out: count(),
    kernel: optional(pair(), 3),
    stride: optional(pair(), 1),
    padding: optional(paddingSchema(), 'same'),
    outputPadding: optional(pair(0), 0),
    dilation: optional(pair(), 1),
    groups: optional(count(), 1),
    bias: optional(biasSchema(), true),
    activation: optional(activationSchema(), 'identity'),
    init: v.optional(initSchema()),
  },
  complete: completeInit,
  forward: ([x], options, scope) => {
    checkFloat(x!, 'convTranspose2d');
    checkRank(x!, 4, 'convTranspose2d', 'images [N, C, H, W]');
    const { out, groups, bias, activation, init, padding } = options;
    const [, C, H, W] = x!.shape as [number, number, number, number];
    check(
      C % groups === 0 && out % groups === 0,
      'SHAPE',
      `convTranspose2d expects channels that its ${groups} groups divide, got ${C} in and ${out} out`,
    );
    const [KH, KW] = both(options.kernel);
    const [SH, SW] = both(options.stride);
    const [DH, DW] = both(options.dilation);
    const [EH, EW] = both(options.outputPadding);
    const [PH, PW] = padding === 'same' || padding === 'valid' ? [padding, padding] : both(padding);
    const rows = growth(H, KH, SH, DH, PH, EH);
    const columns = growth(W, KW, SW, DW, PW, EW);
    const fans = {
      fanIn: Math.max(1, ((C / groups) * KH * KW) / (SH * SW)),
      fanOut: (out / groups) * KH * KW,
    };
    const shape = [C, out / groups, KH, KW];
    const inputs = [x!, scope.parameter('weight', shape, { fill: fillBy(inits, init!), ...fans })];
    if (bias !== false) inputs.push(scope.parameter('bias', [out], { fill: biasFill(bias), ...fans }));
    const made = scope.apply(transposedConvolution, inputs, {
      rows: rows.walk,
      columns: columns.walk,
      height: rows.size,
      width: columns.size,
      groups,
    });
    return activate(made, activation, scope);
  },
  cases: [
    { inputs: [[2, 3, 4, 5]], options: { out: 2, kernel: 2, stride: 2 } },
    { inputs: [[1, 4, 3, 2]], options: { out: 6, stride: 2, padding: 1, outputPadding: 1, groups: 2 } },
    { inputs: [[1, 2, 3, 3]], options: { out: 3, dilation: 2, padding: 'valid', activation: 'tanh' } },
    { inputs: [[1, 1, 1, 1]], options: { out: 1, kernel: 1, bias: false } },
    { inputs: [[2, 5, 5, 4]], options: { out: 7, kernel: 4, stride: 2 } },
  ],
});
