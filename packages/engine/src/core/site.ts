import type { Kernels } from '@fuga/core-wasm';
import type { Arena } from './arena.js';
import type { OpRecord } from './graph.js';
import type { Shape } from './shape.js';
import type { Tensor } from './tensor.js';

/** How one step of the sequence axis can be read inside an op that walks the whole sequence. */
export interface TimeTap {
  /** What is walked: `hidden`, `cell`; with the layer and direction where there are several. */
  readonly name: string;
  /** The record whose kept buffers hold the sequence, time first: step t is `size` numbers from `t * size`. */
  readonly record: OpRecord;
  readonly steps: number;
  readonly size: number;
  /** Whether the walk goes from the last step to the first. */
  readonly reverse: boolean;
  /** Name of the kept buffer with the gradient of the loss with respect to the state at each step. */
  readonly gradient: string;
}

/** A few numbers that a layer offers beside the probes: how saturated each gate is, how widely each head looks. */
export interface Meter {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** What each number belongs to. */
  readonly labels: readonly string[];
  /** The numbers are read right after this record's forward, while what it kept is there. */
  readonly record: OpRecord;
  /** Fills one number a label. */
  readonly read: (kernels: Kernels, out: Float64Array) => void;
}

/** Pictures of one sample that a layer offers, one a label: where each attention head looks. */
export interface SiteMap {
  readonly id: string;
  readonly title: string;
  /** What each picture belongs to. */
  readonly labels: readonly string[];
  /** One sample's pictures: [labels, rows, columns]. */
  readonly shape: Shape;
  /** The numbers are read right after this record's forward, while what it took in is there. */
  readonly record: OpRecord;
  /** One sample's numbers, computed when they are asked for. */
  readonly read: (arena: Arena, sample: number) => Float32Array;
}

/**
 * A tapped point on the depth axis: what a layer takes in, what it gives out, and what it trained in between.
 *
 * Layers only fill in the description; probes read the numbers.
 */
export interface Site {
  /** Index path and type: `3.residual/1.conv2d`. */
  readonly name: string;
  readonly type: string;
  /** 1 for the site next to the input. */
  readonly depth: number;
  /** Index of the site that contains this one, or null on the outermost level. */
  readonly parent: number | null;
  /** What its own backward multiplier counts as; see `Layer.factor`. */
  readonly factor: 'weights' | 'normalization' | 'skip';
  readonly options: Readonly<Record<string, unknown>>;
  readonly input: Tensor;
  readonly output: Tensor;
  /** The tensor that the activation takes in, where the layer has one. */
  readonly preactivation: Tensor | null;
  /** The activation applied to it: id and options. */
  readonly activation: { readonly fn: string; readonly options: Readonly<Record<string, unknown>> } | null;
  /** Paths of the parameters the site owns itself (not those of sites within it). */
  readonly parameters: readonly string[];
  /** Shape without the batch axis. */
  readonly shape: Shape;
  readonly time: readonly TimeTap[];
  readonly meters: readonly Meter[];
  readonly maps?: readonly SiteMap[];
  /** Tensors whose gradients split the site's (a residual's branch and skip, an attention's heads): name → tensor. */
  readonly parts: Readonly<Record<string, Tensor>>;
}
