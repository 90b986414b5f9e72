import { activationSchema, readActivation } from '../activations/activation.js';
import * as activations from '../activations/index.js';
import { check } from '../core/errors.js';
import { layer } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { count, optional } from '../core/options.js';
import { constantFill } from '../core/parameters.js';
import { checkFloat, checkRank, type Scope } from '../core/scope.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import * as inits from '../inits/index.js';
import { fillBy } from '../inits/init.js';
import { BOX_NUMBERS } from '../losses/boxes.js';
import { batchNormalization } from './batchNorm.js';
import { convolution } from './conv2d.js';
import { walk } from './window.js';
import * as v from 'valibot';

/** Logit of the probability that a class is given at the start: most points see nothing (Lin et al. 2017, §4.1). */
const PRIOR_LOGIT = -4.6;

/**
 * Rows [cx, cy, w, h, ax, ay, logits] of all pixels of all maps, one map after the other. Inputs: for each map the
 * distances [N, 4, H, W] and the logits [N, classes, H, W].
 */
export const decoding: Op = {
  name: 'decoding',
  shapes: (x) => {
    const [N, classes] = x[1] as [number, number];
    let anchors = 0;
    for (let i = 0; i < x.length; i += 2) anchors += cells(x[i]!);
    return [[N, anchors, BOX_NUMBERS + classes]];
  },
  reads: { outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x, y: [y], accumulate }) => {
    const [N, anchors] = y!.shape as [number, number];
    const classes = x[1]!.shape[1]!;
    const maps: { first: number; at: number; H: number; W: number }[] = [];
    let first = 0;
    for (let i = 0; i < x.length; i += 2) {
      const [, , H, W] = x[i]!.shape as [number, number, number, number];
      maps.push({ first, at: i, H, W });
      first += H * W;
    }
    return {
      forward: () => {
        for (const { first, at, H, W } of maps) {
          k.detectDecode(N, classes, H, W, x[at]!.data, x[at + 1]!.data, first, anchors, y!.data);
        }
      },
      backward: () => {
        for (const { first, at, H, W } of maps) {
          const [box, logits] = [x[at]!, x[at + 1]!];
          const [addBox, addLogits] = [accumulate[at]!, accumulate[at + 1]!];
          const gradients = [box.grad, logits.grad, addBox, addLogits] as const;
          k.detectDecodeGrad(N, classes, H, W, box.data, first, anchors, y!.grad, ...gradients);
        }
      },
    };
  },
};

function cells(map: Shape): number {
  return map[2]! * map[3]!;
}

/**
 * Anchor-free detection head: from each pixel of each feature map a box and a logit for each class, by two branches of
 * their own (decoupled): 3 × 3 convolution, batch norm, activation, 1 × 1 convolution.
 *
 * Shapes:   x₁ [N, C₁, H₁, W₁], x₂ … → y [N, Σ Hᵢ Wᵢ, 6 + classes]: centre and size of the box and the pixel's place,
 *           in units of the image's sides, then the logits
 * Params:   box{i}, class{i}: weights by heNormal, norms 1 and 0; the class biases start at the logit of 0.01
 * Gradient: softplus passes the boxes' on with slope σ(distance).
 */
export const detect = layer({
  type: 'detect',
  about: {
    does: 'Predicts a box and class logits from every pixel of its feature maps.',
    formula: 'box = pixel ∓ softplus(distances to left, top, right, bottom)',
    shapes: 'x₁ [N, C₁, H₁, W₁], x₂, … → y [N, Σ Hᵢ Wᵢ, 6 + classes]',
    gradient: 'Boxes and classes have branches of their own; each map passes back its own part.',
    source: 'Tian et al. 2019, arXiv:1904.01355; Ge et al. 2021, arXiv:2107.08430 (decoupled head)',
  },
  options: {
    classes: count(),
    width: v.optional(count()),
    activation: optional(activationSchema(), 'silu'),
  },
  inputs: 'many',
  complete: (options) => {
    readActivation(activations, options.activation, ['activation']);
    return options;
  },
  forward: (maps, { classes, width, activation }, scope) => {
    const inputs = maps.flatMap((map, i) => {
      checkFloat(map, 'detect');
      checkRank(map, 4, 'detect', 'feature maps [N, C, H, W]');
      check(map.shape[0] === maps[0]!.shape[0], 'SHAPE', 'detect expects maps of one batch');
      const hidden = width ?? Math.max(8, map.shape[1]! >> 1);
      const branch = (name: string, outputs: number, bias: number): Tensor => {
        const [found, options] = named(activation);
        const normed = normalized(convolved(map, `${name}.0`, hidden, 3, null, scope), `${name}.0`, scope);
        return convolved(found.apply(normed, options, scope), `${name}.1`, outputs, 1, bias, scope);
      };
      return [branch(`box${i}`, 4, 0), branch(`class${i}`, classes, PRIOR_LOGIT)];
    });
    return scope.apply(decoding, inputs, undefined);
  },
  cases: [
    { inputs: [[2, 3, 2, 3]], options: { classes: 2 } },
    {
      inputs: [
        [2, 4, 4, 4],
        [2, 6, 2, 2],
      ],
      options: { classes: 1, width: 5 },
    },
  ],
});

function named(activation: Parameters<typeof readActivation>[1]) {
  const { activation: found, options } = readActivation(activations, activation);
  return [found, options] as const;
}

/** A stride-1 convolution that keeps the size; without bias in front of a norm. */
function convolved(
  x: Tensor,
  name: string,
  out: number,
  kernel: number,
  bias: number | null,
  scope: Scope,
): Tensor {
  const [, C, H, W] = x.shape as [number, number, number, number];
  const fans = { fanIn: C * kernel * kernel, fanOut: out * kernel * kernel };
  const shape = [out, C, kernel, kernel];
  const fill = fillBy(inits, bias === null ? 'heNormal' : 'xavierNormal');
  const inputs = [x, scope.parameter(`${name}.weight`, shape, { fill, ...fans })];
  if (bias !== null)
    inputs.push(scope.parameter(`${name}.bias`, [out], { fill: constantFill(bias), ...fans }));
  const axis = (size: number) => walk(size, kernel, 1, 1, 'same', 'detect');
  return scope.apply(convolution, inputs, { rows: axis(H), columns: axis(W), groups: 1 });
}

function normalized(x: Tensor, name: string, scope: Scope): Tensor {
  const shape = [x.shape[1]!];
  const fill = (value: number) => ({ fill: constantFill(value) });
  const inputs = [
    x,
    scope.state(`${name}.mean`, shape, fill(0)),
    scope.state(`${name}.variance`, shape, fill(1)),
    scope.parameter(`${name}.scale`, shape, fill(1)),
    scope.parameter(`${name}.shift`, shape, fill(0)),
  ];
  return scope.apply(batchNormalization, inputs, {
    eps: 1e-5,
    momentum: 0.1,
    training: scope.mode === 'train',
  });
}
