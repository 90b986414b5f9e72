import { readActivation, type ActivationSpec } from '../activations/activation.js';
import * as activations from '../activations/index.js';
import type { Scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import * as inits from '../inits/index.js';
import { readInit, type InitSpec } from '../inits/init.js';

/** Applies a layer's activation, and taps what goes into it. */
export function activate(x: Tensor, spec: ActivationSpec, scope: Scope): Tensor {
  const { activation, options } = readActivation(activations, spec, []);
  scope.tapActivation(x, activation.id, options);
  return activation.apply(x, options, scope);
}

/** Checks the names of a layer's activation and init, and fills in the init that suits the activation. */
export function completeInit<O extends { activation: ActivationSpec; init?: InitSpec | undefined }>(
  options: O,
): O {
  const { activation } = readActivation(activations, options.activation, ['activation']);
  const init = options.init ?? activation.init;
  readInit(inits, init, ['init']);
  return { ...options, init };
}
