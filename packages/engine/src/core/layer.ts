import type * as v from 'valibot';
import type { Scope } from './scope.js';
import type { Tensor } from './tensor.js';

/** What an item on a shelf says of itself; lists, pop-overs and reports are made from it. */
export interface About {
  /** One sentence: what it does. */
  readonly does: string;
  readonly formula?: string;
  /** In → out, in axis letters: N batch, T time, C channels, H W height and width, I O features. */
  readonly shapes?: string;
  /** What it means for the flow of the gradient. */
  readonly gradient?: string;
  /** Author, year, where: "He et al. 2015, arXiv:1502.01852, eq. 10". */
  readonly source?: string;
}

/** Named valibot schemas: the options of an item. */
export type Options = v.ObjectEntries;

/** The parsed form of options. */
export type Parsed<E extends Options> = v.InferOutput<v.StrictObjectSchema<E, undefined>>;

/** A layer in a spec: plain data. */
export interface LayerSpec {
  readonly type: string;
  readonly id?: string;
  readonly inputs?: readonly string[];
  readonly repeat?: number;
  readonly [option: string]: unknown;
}

/** A small input and options on which a layer is checked against finite differences. */
export interface LayerCase {
  /** Shapes of the inputs, batch axis included. */
  readonly inputs: readonly (readonly number[])[];
  readonly options: Readonly<Record<string, unknown>>;
  /** For integer inputs (an embedding's ids): numbers are drawn from 0 to this, exclusive. */
  readonly ids?: number;
}

/**
 * A layer: how it is written in a spec, and how it records itself.
 *
 * `forward` only describes: it asks the scope for parameters, applies ops, and returns the output tensor. It runs
 * once a tape, never during training.
 */
export interface Layer<E extends Options = Options> {
  readonly type: string;
  readonly about: About;
  readonly options: E;
  /** Fills in defaults that depend on other options (an init that suits the activation). */
  complete?(options: Parsed<E>): Parsed<E>;
  /** Names of the options that hold lists of layers. */
  readonly bodies?: readonly string[];
  /** How many inputs it takes: one, or any number of them. Default 1. */
  readonly inputs?: 1 | 'many';
  /** False for layers that only rearrange numbers: no site of their own. Default true. */
  readonly site?: boolean;
  /**
   * What its backward multiplier of rms(gradient) counts as, beside its activation's slope. Default `weights`.
   * A container (`skip`) owns what is left when the factors of the sites within it are divided out.
   */
  readonly factor?: 'weights' | 'normalization' | 'skip';
  forward(x: readonly Tensor[], options: Parsed<E>, scope: Scope): Tensor;
  /** Inputs and options to check it with; gradcheck and the docs' tables are made from them. */
  readonly cases: readonly LayerCase[];
}

/** Types a layer's `forward` by its own options. */
export function layer<E extends Options>(definition: Layer<E>): Layer<E> {
  return definition;
}
