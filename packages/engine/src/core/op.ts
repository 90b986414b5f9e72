import type { Kernels } from '@fuga/core-wasm';
import type { Arena } from './arena.js';
import type { Shape } from './shape.js';

/** Where a tensor is: addresses in the kernels' memory, number of elements, shape. */
export interface Place {
  readonly data: number;
  /** Address of the gradient; 0 where no gradient is wanted. */
  readonly grad: number;
  readonly size: number;
  readonly shape: Shape;
}

/** All that an op needs to know to run: bound once, replayed at every step. */
export interface Bound {
  readonly kernels: Kernels;
  readonly arena: Arena;
  /** Inputs, in the order they were given to `apply`. */
  readonly x: readonly Place[];
  /** Outputs, in the order of `shapes`. */
  readonly y: readonly Place[];
  /** Addresses of the buffers named in `keeps`. */
  readonly keep: Readonly<Record<string, number>>;
  /** Address of `scratch` bytes that any other op may overwrite between two calls. */
  readonly scratch: number;
  /**
   * For each input: 1 where its gradient already holds another consumer's share and must be added to, 0 where
   * this op is the first to write it and must overwrite what is there. (Ops without `overwrites` always see 1.)
   */
  readonly accumulate: readonly (0 | 1)[];
  /** Steps finished so far; part of the random stream of ops that draw numbers (dropout). */
  readonly clock: { readonly step: number };
  /** A 64-bit random stream of this op's own, as two words: seed and path hashed. */
  readonly stream: readonly [number, number];
}

/**
 * An op made ready: two functions without arguments that only call kernels. What forward leaves for backward lies in
 * the outputs and the kept buffers, never in a closure: backward may be bound a second time, without forward.
 */
export interface Bind {
  readonly forward: () => void;
  /** Adds this op's share to the gradients of its inputs; absent where nothing can be differentiated. */
  readonly backward?: () => void;
}

/**
 * A differentiable primitive.
 *
 * It describes shapes while the graph is recorded, and is bound to addresses once. `forward` fills the outputs.
 * `backward` reads the outputs' gradients and **adds** its share to each input's gradient whose `grad` is not 0
 * (`+=`, or `=` where `accumulate` says that it comes first). Neither allocates.
 */
export interface Op<Attributes = void> {
  readonly name: string;
  /** Shapes of the outputs; throws where the inputs do not fit, saying what was expected and what came. */
  readonly shapes: (x: readonly Shape[], attributes: Attributes) => readonly Shape[];
  /** Buffers written in forward and read in backward (or by probes): name → number of 32-bit words. */
  readonly keeps?: (x: readonly Shape[], attributes: Attributes) => Readonly<Record<string, number>>;
  /** Names among `keeps` that only backward writes (and probes read right after): the plan gives them no earlier life. */
  readonly keepsBackward?: readonly string[];
  /** Bytes of scratch memory used within one call. */
  readonly scratch?: (x: readonly Shape[], attributes: Attributes, kernels: Kernels) => number;
  /**
   * Which numbers backward reads; what it does not read may be overwritten meanwhile. Default: all. A function says it
   * input by input, by its place in `apply`.
   */
  readonly reads?: { readonly inputs?: boolean | ((index: number) => boolean); readonly outputs?: boolean };
  /** Output 0 may take over the memory of input 0, numbers and gradient alike. */
  readonly inPlace?: boolean;
  /** Output 0 is input 0's numbers, in the same memory, with a gradient of its own; forward does nothing. */
  readonly sharesData?: boolean;
  /** Backward honours `accumulate`; otherwise the tape zeroes the gradient first and `accumulate` is 1. */
  readonly overwrites?: boolean;
  /** False where the output has no gradient (argmax, a comparison). Default: true. */
  readonly differentiable?: boolean;
  /** Multiply-adds of one forward, where it is a product of some kind; backward takes twice as many. */
  readonly work?: (x: readonly Shape[], y: readonly Shape[], attributes: Attributes) => number;
  readonly bind: (at: Bound, attributes: Attributes) => Bind;
}
