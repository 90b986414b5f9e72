import { EngineError } from '../core/errors.js';
import type { Scope } from '../core/scope.js';
import { sameShape, showShape, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import * as inits from '../inits/index.js';
import { fillBy } from '../inits/init.js';
import { convolution } from './conv2d.js';
import { affine } from './dense.js';
import type { Walk } from './window.js';

/**
 * A bias-free linear map of `x` to `shape`, for shortcuts (He et al. 2015, eq. 2): of the last axis, or of an image's
 * channels by a 1 × 1 convolution whose stride follows from the sizes.
 *
 * Errors: SHAPE where no such map leads from the one shape to the other
 */
export function project(x: Tensor, shape: Shape, scope: Scope): Tensor {
  return x.shape.length === 4 && shape.length === 4
    ? projectImage(x, shape, scope)
    : projectLast(x, shape, scope);
}

function projectLast(x: Tensor, shape: Shape, scope: Scope): Tensor {
  const [from, to] = [x.shape.at(-1)!, shape.at(-1)!];
  if (!sameShape(x.shape.slice(0, -1), shape.slice(0, -1))) {
    throw new EngineError(
      'SHAPE',
      `cannot project ${showShape(x.shape)} to ${showShape(shape)}: only the last axis may differ`,
    );
  }
  const fans = { fanIn: from, fanOut: to };
  const weight = scope.parameter('projection', [to, from], { fill: fillBy(inits, 'xavierUniform'), ...fans });
  return scope.apply(affine, [x, weight], undefined);
}

function projectImage(x: Tensor, shape: Shape, scope: Scope): Tensor {
  const [, C, H, W] = x.shape as [number, number, number, number];
  const [, O, toH, toW] = shape as [number, number, number, number];
  const axis = (size: number, output: number): Walk => ({
    kernel: 1,
    stride: Math.ceil(size / output),
    dilation: 1,
    before: 0,
    output,
  });
  const [rows, columns] = [axis(H, toH), axis(W, toW)];
  if (Math.ceil(H / rows.stride) !== toH || Math.ceil(W / columns.stride) !== toW) {
    throw new EngineError(
      'SHAPE',
      `cannot project ${showShape(x.shape)} to ${showShape(shape)}: no stride leads from ${H} × ${W} to ${toH} × ${toW} pixels`,
    );
  }
  const fans = { fanIn: C, fanOut: O };
  const weight = scope.parameter('projection', [O, C, 1, 1], { fill: fillBy(inits, 'heNormal'), ...fans });
  return scope.apply(convolution, [x, weight], { rows, columns, groups: 1 });
}
