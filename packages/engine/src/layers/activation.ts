import { activate } from './activate.js';
import { activationSchema, readActivation } from '../activations/activation.js';
import * as activations from '../activations/index.js';
import { layer } from '../core/layer.js';
import { checkFloat } from '../core/scope.js';

/** An activation by itself, on any shape. */
export const activation = layer({
  type: 'activation',
  about: {
    does: 'Applies an activation function to every number.',
    formula: 'y = f(x)',
    shapes: 'x → y of the same shape',
    gradient: 'Multiplies the gradient by the slope f′(x).',
  },
  options: { fn: activationSchema() },
  complete: (options) => {
    readActivation(activations, options.fn, ['fn']);
    return options;
  },
  forward: ([x], { fn }, scope) => {
    checkFloat(x!, 'activation');
    return activate(x!, fn, scope);
  },
  cases: [
    ...Object.keys(activations).map((fn) => ({ inputs: [[5, 6]], options: { fn } })),
    { inputs: [[3, 4]], options: { fn: { fn: 'leakyRelu', slope: 0.3 } } },
  ],
});
