import type { Kernels } from '@fuga/core-wasm';
import type { About, Options, Parsed } from '../core/layer.js';

/** How the learning rate changes over a run. */
export interface Schedule<E extends Options = Options> {
  readonly id: string;
  readonly about: About;
  readonly options: E;
  /**
   * Factor on the learning rate at `step` (0 for the first) of `steps`. Must use the kernels' maths, never
   * `Math.cos` and the like, whose last bits differ between JavaScript engines.
   */
  factor(at: { step: number; steps: number; kernels: Kernels }, options: Parsed<E>): number;
}

/** Types a schedule by its own options. */
export function schedule<E extends Options>(definition: Schedule<E>): Schedule<E> {
  return definition;
}
