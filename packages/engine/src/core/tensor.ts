import type { Shape } from './shape.js';

/**
 * What a tensor is to the tape: fed before each step (`input`), trained (`parameter`), kept from step to step
 * without a gradient (`state`, a batch norm's running mean), or made by an op (`value`).
 */
export type Role = 'input' | 'parameter' | 'state' | 'value';

/**
 * A tensor's description. While a graph is recorded it has a shape only; the plan gives it its addresses, and
 * the numbers live there, in the kernels' memory, until the tape is thrown away.
 */
export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: 'f32' | 'i32';
  readonly role: Role;
  /** Of an input of ids: all are below this. */
  readonly below?: number;
  /** Whether the loss's gradient with respect to it is wanted. */
  needsGrad: boolean;
  /** Another tensor whose numbers these are, under another shape (reshape, flatten). */
  readonly alias: Tensor | null;
  /** Address of the numbers, 0 before planning. */
  data: number;
  /** Address of the gradient, 0 where there is none. */
  grad: number;
}

/** The tensor that owns the memory of `tensor`. */
export function ownerOf(tensor: Tensor): Tensor {
  let owner = tensor;
  while (owner.alias) owner = owner.alias;
  return owner;
}
