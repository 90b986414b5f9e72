import type { About, LayerSpec, Options, Parsed } from '../core/layer.js';
import type { DataShape } from '../datasets/dataset.js';

/** A named family of networks: a few options that a sweep or a remedy can turn, spelled out as layers. */
export interface Model<E extends Options = Options> {
  readonly type: string;
  readonly about: About;
  readonly options: E;
  /** Its layers are in a file, not in its options: it is no family to choose from. */
  readonly fromFile?: boolean;
  /** Fills in defaults that depend on other options. */
  complete?(options: Parsed<E>): Parsed<E>;
  /** The network for data of this shape. */
  layers(options: Parsed<E>, data: DataShape): LayerSpec[];
}

/** Types a model by its own options. */
export function model<E extends Options>(definition: Model<E>): Model<E> {
  return definition;
}
