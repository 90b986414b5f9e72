import type { About, Options, Parsed } from '../core/layer.js';
import type { Run } from '../run/run.js';

/** What a measure found: plain data. */
export interface Measured {
  /** Single numbers by name. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Lists of numbers by name: a spectrum, a curve. */
  readonly series: Readonly<Record<string, readonly number[]>>;
}

/**
 * A quantity that is too dear to record along the way and is taken of a run when asked for.
 *
 * Taking it changes nothing: weights, order of batches and random streams are as before.
 */
export interface Measure<E extends Options = Options> {
  readonly id: string;
  readonly about: About;
  readonly options: E;
  /** Takes the measure of a run as it stands. */
  take(run: Run, options: Parsed<E>): Measured;
}

/** Types a measure by its own options. */
export function measure<E extends Options>(definition: Measure<E>): Measure<E> {
  return definition;
}
