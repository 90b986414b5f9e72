import * as v from 'valibot';
import { activationSchema } from '../activations/activation.js';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { count, optional } from '../core/options.js';
import { checkFloat, checkRank, type Scope } from '../core/scope.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import * as inits from '../inits/index.js';
import { fillBy, initSchema, type InitSpec } from '../inits/init.js';
import { activate, biasFill, biasSchema, completeInit } from './activate.js';
import { both, pair, paddingSchema, walk, type Padding, type Pair, type Walk } from './window.js';

/** How a kernel walks over an image, and into how many parts the channels are split. */
export interface ConvAttributes {
  readonly rows: Walk;
  readonly columns: Walk;
  readonly groups: number;
}

/** The sixteen numbers that every convolution kernel takes first; see core-wasm's conv/geometry.ts. */
export type Geometry = readonly [
  ...batch: [number, number, number, number],
  ...output: [number, number, number],
  ...kernel: [number, number],
  ...stride: [number, number],
  ...padding: [number, number],
  ...dilation: [number, number],
  groups: number,
];

/** Geometry of the convolution that takes images `x` [N, C, H, W] to `outputs` channels. */
export function geometryOf(x: Shape, outputs: number, { rows, columns, groups }: ConvAttributes): Geometry {
  const [N, C, H, W] = x as [number, number, number, number];
  return [
    ...([N, C, H, W] as const),
    ...([outputs, rows.output, columns.output] as const),
    ...([rows.kernel, columns.kernel] as const),
    ...([rows.stride, columns.stride] as const),
    ...([rows.before, columns.before] as const),
    ...([rows.dilation, columns.dilation] as const),
    groups,
  ];
}

/** y [N, O, H′, W′] = x [N, C, H, W] ⋆ w [O, C / groups, KH, KW] + b [O]. */
export const convolution: Op<ConvAttributes> = {
  name: 'convolution',
  shapes: ([x, w, b], { rows, columns, groups }) => {
    check(
      x!.length === 4 && x![1] === w![1]! * groups && w![0]! % groups === 0,
      'SHAPE',
      `conv2d expects images [N, ${w![1]! * groups}, H, W], got ${showShape(x!)}`,
    );
    check(!b || b[0] === w![0], 'SHAPE', `conv2d expects a bias [${w![0]}], got ${showShape(b ?? [])}`);
    return [[x![0]!, w![0]!, rows.output, columns.output]];
  },
  scratch: ([x, w], attributes, kernels) => kernels.conv2dScratch(...geometryOf(x!, w![0]!, attributes)),
  reads: { outputs: false },
  overwrites: true,
  work: ([, w], [y]) => sizeOf(y!) * sizeOf(w!.slice(1)),
  bind: ({ kernels: k, x: [x, w, b], y: [y], scratch, accumulate: [addX, addW, addB] }, attributes) => {
    const geometry = geometryOf(x!.shape, w!.shape[0]!, attributes);
    const [N, O] = y!.shape as [number, number];
    const inner = N * O === 0 ? 0 : y!.size / (N * O);
    // Bound once: spreading the geometry at every call would make an array each time.
    const [dx, dw, db, dy] = [x!.grad, w!.grad, b?.grad ?? 0, y!.grad];
    const weightGrad = k.conv2dWeightGrad.bind(null, ...geometry, x!.data, dy, dw, scratch, addW!);
    const inputGrad = k.conv2dInputGrad.bind(null, ...geometry, dy, w!.data, dx, scratch, addX!);
    return {
      forward: k.conv2d.bind(null, ...geometry, x!.data, w!.data, b?.data ?? 0, y!.data, scratch, 0),
      backward: () => {
        if (dw) weightGrad();
        if (db) k.channelBiasGrad(N, O, inner, dy, db, addB!);
        if (dx) inputGrad();
      },
    };
  },
};

/** What a convolution is asked for, by any number of axes. */
export interface ConvOptions {
  readonly out: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation: Pair;
  readonly groups: number;
  readonly bias: boolean | InitSpec;
  readonly init?: InitSpec | undefined;
}

/** Asks for weight and bias and records the convolution of images. */
export function convolve(x: Tensor, options: ConvOptions, scope: Scope, name: string): Tensor {
  const { out, groups, bias, init } = options;
  const [, C, H, W] = x.shape as [number, number, number, number];
  check(
    C % groups === 0 && out % groups === 0,
    'SHAPE',
    `${name} expects channels that its ${groups} groups divide, got ${C} in and ${out} out`,
  );
  const [KH, KW] = both(options.kernel);
  const [SH, SW] = both(options.stride);
  const [DH, DW] = both(options.dilation);
  const { padding } = options;
  const [PH, PW] = padding === 'same' || padding === 'valid' ? [padding, padding] : both(padding);
  const fans = { fanIn: (C / groups) * KH * KW, fanOut: (out / groups) * KH * KW };
  const inputs = [
    x,
    scope.parameter('weight', [out, C / groups, KH, KW], { fill: fillBy(inits, init!), ...fans }),
  ];
  if (bias !== false) inputs.push(scope.parameter('bias', [out], { fill: biasFill(bias), ...fans }));
  return scope.apply(convolution, inputs, {
    rows: walk(H, KH, SH, DH, PH, name),
    columns: walk(W, KW, SW, DW, PW, name),
    groups,
  });
}

/**
 * Discrete convolution (as every library has it: cross-correlation) over images, then the activation.
 *
 * Shapes:   x [N, C, H, W], W [O, C / groups, KH, KW], b [O] → y [N, O, H′, W′]
 * Params:   weight by `init` (fanIn = C / groups · KH · KW, fanOut = O / groups · KH · KW), bias 0
 * Gradient: dx is the convolution of dy with the kernel turned round. Backward multiplies rms(gradient) by about
 *           √(O / groups · KH · KW / (SH · SW) · Var W).
 */
export const conv2d = layer({
  type: 'conv2d',
  about: {
    does: 'Slides a small kernel over an image: the same weights at every place.',
    formula: 'y[o, i, j] = f(b[o] + Σ x[c, i s + a d − p, j s + b d − p] · W[o, c, a, b])',
    shapes: 'x [N, C, H, W] → y [N, O, H′, W′]',
    gradient:
      'Backward multiplies the gradient by about √(fanOut · Var W / stride²) and by the activation’s slope. Right before a batch norm the bias has no effect and no gradient.',
    source: 'LeCun et al. 1989; Dumoulin & Visin 2016, arXiv:1603.07285 (arithmetic)',
  },
  options: {
    out: count(),
    kernel: optional(pair(), 3),
    stride: optional(pair(), 1),
    padding: optional(paddingSchema(), 'same'),
    dilation: optional(pair(), 1),
    groups: optional(count(), 1),
    bias: optional(biasSchema(), true),
    activation: optional(activationSchema(), 'identity'),
    init: v.optional(initSchema()),
  },
  complete: completeInit,
  forward: ([x], options, scope) => {
    checkFloat(x!, 'conv2d');
    checkRank(x!, 4, 'conv2d', 'images [N, C, H, W]');
    return activate(convolve(x!, options, scope, 'conv2d'), options.activation, scope);
  },
  cases: [
    { inputs: [[2, 3, 5, 6]], options: { out: 4 } },
    { inputs: [[1, 1, 1, 1]], options: { out: 1, kernel: 1 } },
    { inputs: [[2, 5, 9, 7]], options: { out: 7, activation: 'tanh' } },
    { inputs: [[2, 3, 7, 7]], options: { out: 4, stride: 2, padding: 1 } },
    {
      inputs: [[1, 2, 9, 11]],
      options: { out: 3, kernel: [2, 3], stride: [3, 2], padding: [0, 2], bias: false },
    },
    { inputs: [[1, 2, 11, 9]], options: { out: 3, dilation: 2, padding: 'valid' } },
    { inputs: [[2, 6, 4, 4]], options: { out: 4, groups: 2, activation: 'sigmoid' } },
    { inputs: [[2, 5, 6, 5]], options: { out: 5, groups: 5 } },
    { inputs: [[2, 3, 5, 19]], options: { out: 3, groups: 3 } },
    { inputs: [[1, 2, 4, 16]], options: { out: 4, groups: 2, stride: 2, padding: 1 } },
    { inputs: [[3, 4, 2, 2]], options: { out: 9, kernel: 1 } },
    { inputs: [[1, 3, 3, 2]], options: { out: 2, kernel: 5 } },
    { inputs: [[2, 3, 8, 8]], options: { out: 6, kernel: 4, stride: 2 } },
  ],
});
