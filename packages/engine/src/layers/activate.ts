import { readActivation, type ActivationSpec } from '../activations/activation.js';
import * as activations from '../activations/index.js';
import type { Scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import * as inits from '../inits/index.js';
import { fillBy, initSchema, readInit, type InitSpec } from '../inits/init.js';
import { constantFill, type Fill } from '../core/parameters.js';
import * as v from 'valibot';

/** Applies a layer's activation, and taps what goes into it. */
export function activate(x: Tensor, spec: ActivationSpec, scope: Scope): Tensor {
  const { activation, options } = readActivation(activations, spec, []);
  scope.tapActivation(x, activation.id, options);
  return activation.apply(x, options, scope);
}

/** Checks the names of a layer's activation and init, and fills in the init that suits the activation. */
export function completeInit<
  O extends { activation: ActivationSpec; init?: InitSpec | undefined; bias?: boolean | InitSpec },
>(options: O): O {
  const { activation } = readActivation(activations, options.activation, ['activation']);
  if (options.bias !== undefined && typeof options.bias !== 'boolean')
    readInit(inits, options.bias, ['bias']);
  const init = options.init ?? activation.init;
  readInit(inits, init, ['init']);
  return { ...options, init };
}

/** Schema of a bias: none, zeros, or drawn by an init of its own (mean-field theory's σ_b). */
export function biasSchema() {
  return v.union([v.boolean(), initSchema()]) as v.GenericSchema<boolean | InitSpec, boolean | InitSpec>;
}

/** How a bias is filled: zeros unless the spec names an init. */
export function biasFill(bias: boolean | InitSpec): Fill {
  return typeof bias === 'boolean' ? constantFill(0) : fillBy(inits, bias);
}
