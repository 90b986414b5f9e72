import type { Kernels } from '@fuga/core-wasm';
import * as v from 'valibot';
import { EngineError, unknownName, type PathStep } from '../core/errors.js';
import type { About, Options, Parsed } from '../core/layer.js';
import type { Op } from '../core/op.js';
import { parseOptions } from '../core/options.js';
import type { Scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';

/** How a spec names an activation: by its name, or with options. */
export type ActivationSpec = string | ({ readonly fn: string } & Readonly<Record<string, unknown>>);

/**
 * An activation function.
 *
 * `f` and `slope` are its float64 definition: the theory integrates them, the tests hold the kernel against them.
 * What training runs is the kernel. (Methods, not function properties: an item with options of its own is still an
 * `Activation`.)
 */
export interface Activation<E extends Options = Options> {
  readonly id: string;
  readonly about: About;
  readonly options: E;
  /** The function at a point; absent where an output depends on more than one input (softmax, glu). */
  f?(x: number, options: Parsed<E>): number;
  /** Its derivative; at a kink, PyTorch's choice. */
  slope?(x: number, options: Parsed<E>): number;
  /** Points where the slope jumps; integrals are split there. */
  readonly kinks?: readonly number[];
  /** Largest |slope| over all inputs. */
  readonly maxSlope?: number;
  /**
   * Outputs outside ]low, high[ count as saturated: the slope there is below 6 % of its maximum
   * (for tanh that is |y| > 0.97, the line Karpathy draws in makemore, part 3).
   */
  saturation?(options: Parsed<E>): { readonly low: number; readonly high: number };
  /** Bounds of the output, where there is no `f` to find them by. */
  readonly range?: readonly [low: number, high: number];
  /** A unit can be stuck at exactly 0 with slope 0 (ReLU and its kin). */
  readonly dies?: boolean;
  /** Gain that keeps the signal's scale under a zero-mean init; PyTorch's `calculate_gain` where it has one. */
  readonly gain: number;
  /** The init that suits it, taken where a spec names none. */
  readonly init: string;
  /** Records the activation on `x`. */
  apply(x: Tensor, options: Parsed<E>, scope: Scope): Tensor;
}

type Forward = (n: number, x: number, y: number, alpha: number, beta: number) => void;
type Gradient = (
  n: number,
  x: number,
  y: number,
  dy: number,
  dx: number,
  alpha: number,
  beta: number,
  accumulate: number,
) => void;

/** Two numbers that a pointwise kernel takes. */
export interface Constants {
  readonly alpha: number;
  readonly beta: number;
}

/**
 * The op of a pointwise function y = f(x), dx += dy f'(x).
 * `reads` says whether the kernel takes the slope from x or from y; from y, the op can work in place.
 */
export function pointwise(
  name: string,
  reads: 'x' | 'y',
  kernels: (k: Kernels) => { forward: Forward; gradient: Gradient },
): Op<Constants> {
  return {
    name,
    shapes: ([x]) => [x!],
    reads: { inputs: reads === 'x', outputs: reads === 'y' },
    inPlace: reads === 'y',
    overwrites: true,
    bind: ({ kernels: k, x: [x], y: [y], accumulate: [add] }, { alpha, beta }) => {
      const { forward, gradient } = kernels(k);
      const { size, data, grad } = x!;
      const { data: output, grad: outputGrad } = y!;
      return {
        forward: () => forward(size, data, output, alpha, beta),
        backward: () => {
          if (grad) gradient(size, data, output, outputGrad, grad, alpha, beta, add!);
        },
      };
    },
  };
}

/** An activation that is one pointwise kernel. */
export function pointwiseActivation<E extends Options>(
  definition: Omit<Activation<E>, 'apply'> & {
    readonly op: Op<Constants>;
    readonly constants?: (options: Parsed<E>) => Constants;
  },
): Activation<E> {
  const { op, constants, ...rest } = definition;
  return {
    ...rest,
    apply: (x, options, scope) => scope.apply(op, [x], constants?.(options) ?? { alpha: 0, beta: 0 }),
  };
}

/** Name and options of an activation spec, options still unparsed. */
export function splitActivation(spec: ActivationSpec): { fn: string; options: Record<string, unknown> } {
  if (typeof spec === 'string') return { fn: spec, options: {} };
  const { fn, ...options } = spec;
  return { fn, options };
}

/** The activation that `spec` names on `shelf`, its options parsed. Throws with the nearest name. */
export function readActivation(
  shelf: Readonly<Record<string, Activation>>,
  spec: ActivationSpec,
  path: readonly PathStep[] = [],
): { activation: Activation; options: Record<string, unknown> } {
  const { fn, options } = splitActivation(spec);
  const activation = Object.hasOwn(shelf, fn) ? shelf[fn] : undefined;
  if (!activation) throw new EngineError('SPEC', unknownName('activation', fn, Object.keys(shelf)), path);
  return { activation, options: parseOptions(activation.options, options, path) };
}

/**
 * Schema of an activation option; names are checked against the shelf when the network is read. `none` is another word
 * for `identity`.
 */
export function activationSchema() {
  return v.pipe(
    v.union([v.string(), v.looseObject({ fn: v.string() })]),
    v.transform((spec) => (spec === 'none' ? 'identity' : spec)),
  ) as v.GenericSchema<ActivationSpec, ActivationSpec>;
}
