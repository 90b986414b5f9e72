import type { Kernels } from '@fuga/core-wasm';
import type { About, Options, Parsed } from '../core/layer.js';
import type { Stream } from '../core/random.js';
import type { Scope } from '../core/scope.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Task } from '../losses/loss.js';

/** What one sample looks like, known before anything is loaded or drawn. */
export interface DataShape {
  readonly task: Task;
  /** One input sample, without the batch axis. */
  readonly input: { readonly shape: Shape; readonly dtype: 'f32' | 'i32'; readonly vocabulary?: number };
  /** One target: a class id (`[]`), ids a position, or numbers. */
  readonly target: { readonly shape: Shape; readonly dtype: 'f32' | 'i32' };
  /** Numbers that the network's last layer must give a sample (or a position). */
  readonly outputs: number;
  readonly samples: number;
  /** Where the network comes from a file, and not from the spec: how it is recorded. */
  readonly network?: NetworkSource;
}

/** A network that a file holds. */
export interface NetworkSource {
  /** Records it on `input`; `options` are those of the spec's model, which remedies turn. */
  record(input: Tensor, scope: Scope, options: Readonly<Record<string, unknown>>): Tensor;
}

/** A data set in memory. Sample i starts at i · stride in `x` and `y`. */
export interface Samples {
  readonly x: Float32Array | Int32Array;
  readonly y: Float32Array | Int32Array;
  /** Distance between the starts of two samples; default: the sample's size (windows over a text overlap). */
  readonly strides?: { readonly x: number; readonly y: number };
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** Names of the classes. */
  readonly names?: readonly string[];
  /** What the ids of an input stand for: characters, words. */
  readonly vocabulary?: readonly string[];
}

/** Numbers for data that is drawn rather than loaded: the kernels' streams, named by path. */
export interface Draw {
  readonly kernels: Kernels;
  /** `length` numbers of U(low, high) from the stream `path`. */
  readonly uniform: (path: string, length: number, low: number, high: number) => Float32Array;
  /** `length` numbers of N(0, 1) from the stream `path`. */
  readonly normal: (path: string, length: number) => Float32Array;
  /** `length` whole numbers from 0 to `below`, exclusive. */
  readonly integers: (path: string, length: number, below: number) => Int32Array;
  readonly stream: (path: string) => Stream;
}

/** A source of samples. */
export interface Dataset<E extends Options = Options> {
  readonly id: string;
  readonly about: About & { readonly licence: string; readonly synthetic: boolean };
  readonly options: E;
  /** `global`: one mean and deviation for all features (pixels); `feature`: one each (tables); `none`: as it is. */
  readonly scaling: 'global' | 'feature' | 'none';
  describe(options: Parsed<E>): DataShape;
  load(options: Parsed<E>, draw: Draw): Promise<Samples> | Samples;
}

/** Types a data set by its own options. */
export function dataset<E extends Options>(definition: Dataset<E>): Dataset<E> {
  return definition;
}

/** Every `every`-th sample tests, the others train. */
export function splitEvery(samples: number, every = 5): { train: Int32Array; test: Int32Array } {
  const all = Array.from({ length: samples }, (_, i) => i);
  return {
    train: Int32Array.from(all.filter((i) => i % every !== every - 1)),
    test: Int32Array.from(all.filter((i) => i % every === every - 1)),
  };
}
