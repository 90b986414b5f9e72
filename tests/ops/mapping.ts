import type { Arena } from '../../packages/engine/src/core/arena.js';
import type { Scope } from '../../packages/engine/src/core/scope.js';
import type { Tensor } from '../../packages/engine/src/core/tensor.js';
import type { GoldenTensor } from '../golden.js';

/** A case's options as the manifest has them. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * How a golden case runs on the engine: recorded on a scope (outputs and gradients are checked), or `direct`, for
 * what is no op (optimizers, clipping): named tensors in, named tensors out.
 */
export type Mapping =
  | {
      /** Records the op on named tensors; returns its outputs by the manifest's names without `y_`. */
      readonly record: (
        t: Readonly<Record<string, Tensor>>,
        attributes: Attributes,
        scope: Scope,
      ) => Record<string, Tensor>;
      /** Names of given tensors that are states (running statistics), not inputs with gradients. */
      readonly states?: readonly string[];
    }
  | {
      readonly direct: (
        t: Readonly<Record<string, GoldenTensor>>,
        attributes: Attributes,
        arena: Arena,
      ) => Record<string, ArrayLike<number>>;
    };
