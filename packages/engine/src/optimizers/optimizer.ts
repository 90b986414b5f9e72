import type { Kernels } from '@fuga/core-wasm';
import type { About, Options, Parsed } from '../core/layer.js';

/** A stretch of parameters: addresses of their values, their gradients, and the optimizer's own buffers. */
export interface Slot {
  readonly size: number;
  readonly value: number;
  readonly grad: number;
  readonly buffers: readonly number[];
}

/** A rule that moves parameters against their gradients. */
export interface Optimizer<E extends Options = Options> {
  readonly id: string;
  readonly about: About;
  readonly options: E;
  /** Checks what its options must be together. */
  complete?(options: Parsed<E>): Parsed<E>;
  /** How many buffers of the parameters' size it keeps, zero at the start. */
  buffers(options: Parsed<E>): number;
  /**
   * Makes the update of a stretch of parameters ready, number by number: one may not depend on another. What it
   * returns is called every step with the learning rate and the step's number (1 for the first) and must not allocate.
   * What it keeps beside its buffers must follow from the step's number: a run may go on from a checkpoint at any step.
   */
  prepare(kernels: Kernels, slot: Slot, options: Parsed<E>): (lr: number, step: number) => void;
}

/** Types an optimizer by its own options. */
export function optimizer<E extends Options>(definition: Optimizer<E>): Optimizer<E> {
  return definition;
}

/**
 * The product of `factor(1)` … `factor(t)` for step t (βᵗ for a constant factor): repeated products are exact
 * everywhere, unlike Math.pow. Steps come one after the other, so each costs one product; a run that goes on from a
 * checkpoint catches up at its first step.
 */
export function products(factor: (step: number) => number): (step: number) => number {
  let [at, product] = [0, 1];
  return (step) => {
    if (step < at) [at, product] = [0, 1];
    while (at < step) product *= factor(++at);
    return product;
  };
}

/** βᵗ for step t. */
export function powers(beta: number): (step: number) => number {
  return products(() => beta);
}
