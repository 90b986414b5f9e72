import { activate } from './activate.js';
import { activationSchema, readActivation } from '../activations/activation.js';
import * as activations from '../activations/index.js';
import { addOp, forkOp, scaleOp } from '../core/elementwise.js';
import { EngineError } from '../core/errors.js';
import { layer, type LayerSpec } from '../core/layer.js';
import { layerList, oneOf, optional, real } from '../core/options.js';
import { sameShape, showShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { project } from './projection.js';

/**
 * y = f(shortcut(x) + scale · body(x)).
 *
 * Shapes:   x → y of the body's output shape; where it differs from x's, `auto` projects the shortcut
 * Gradient: ∂(x + F(x))/∂x = I + F′: one path has factor 1 at any depth.
 */
export const residual = layer({
  type: 'residual',
  about: {
    does: 'Adds its input to what its body makes of it.',
    formula: 'y = f(x + scale · body(x))',
    shapes: 'x → y of the body’s output shape; a projection where the shapes differ',
    gradient: 'dx = dy (I + scale · body′): the skip passes the gradient on with factor 1 at any depth.',
    source: 'He et al. 2015, arXiv:1512.03385; He et al. 2016, arXiv:1603.05027',
  },
  options: {
    body: layerList(),
    shortcut: optional(oneOf(['auto', 'identity', 'projection']), 'auto'),
    scale: optional(real(), 1),
    activation: optional(activationSchema(), 'identity'),
  },
  bodies: ['body'],
  factor: 'skip',
  complete: (options) => {
    readActivation(activations, options.activation, ['activation']);
    return options;
  },
  forward: ([x], { body, shortcut, scale, activation }, scope) => {
    const fork = scope.apply(forkOp, [x!], undefined);
    const made = scope.body(body as LayerSpec[], fork);
    const branch = scale === 1 ? made : scope.apply(scaleOp, [made], { factor: scale });
    const skip = needsProjection(x!, branch, shortcut) ? project(x!, branch.shape, scope) : x!;
    scope.tapPart('branchIn', fork);
    scope.tapPart('branchOut', made);
    return activate(scope.apply(addOp, [skip, branch], undefined), activation, scope);
  },
  cases: [
    { inputs: [[3, 4]], options: { body: [{ type: 'dense', out: 4, activation: 'tanh' }] } },
    { inputs: [[3, 4]], options: { body: [{ type: 'dense', out: 6 }], scale: 0.5, activation: 'sigmoid' } },
    { inputs: [[2, 4]], options: { body: [] } },
    {
      inputs: [[2, 3, 5, 4]],
      options: { body: [{ type: 'conv2d', out: 4, stride: 2, padding: 1, activation: 'tanh' }] },
    },
    { inputs: [[1, 3, 4, 4]], options: { body: [{ type: 'conv2d', out: 3 }, { type: 'batchNorm' }] } },
  ],
});

function needsProjection(x: Tensor, branch: Tensor, shortcut: 'auto' | 'identity' | 'projection'): boolean {
  if (shortcut === 'projection') return true;
  if (sameShape(x.shape, branch.shape)) return false;
  if (shortcut === 'auto') return true;
  throw new EngineError(
    'SHAPE',
    `the body must keep the shape ${showShape(x.shape)}, gave ${showShape(branch.shape)}; use shortcut: auto for a projection`,
  );
}
