import type { Arena } from './arena.js';
import { EngineError } from './errors.js';
import { makeTensor } from './graph.js';
import { streamOf, type Stream } from './random.js';
import { sameShape, showShape, sizeOf, type Shape } from './shape.js';
import type { Tensor } from './tensor.js';

/** Where an init writes: one parameter, its shape, its fans and its own random stream. */
export interface Canvas {
  readonly arena: Arena;
  readonly address: number;
  readonly shape: Shape;
  readonly size: number;
  readonly fanIn: number;
  readonly fanOut: number;
  readonly stream: Stream;
  /** How many layers with a skip (residuals) the network has. */
  readonly branches: number;
  /** The weights (of two axes or more) of the branch that it lies in, and which of them it is; null outside. */
  readonly branch: { readonly weights: number; readonly index: number } | null;
  /** Whether it is the network's last weight. */
  readonly isLast: boolean;
}

/** What an init may correct after the first batch: a weight, and the output of the op that reads it. */
export interface Settling {
  readonly arena: Arena;
  readonly weight: { readonly data: number; readonly size: number };
  readonly output: { readonly data: number; readonly size: number };
  /** Computes the output anew from the weight as it stands. */
  readonly refresh: () => void;
}

/** Fills a parameter with its first values. */
export interface Fill {
  (canvas: Canvas): void;
  /** Corrects it once the first batch has gone through the op that reads it. */
  readonly settle?: (settling: Settling) => void;
}

/** How a layer asks for a parameter. */
export interface ParameterOptions {
  readonly fill: Fill;
  /** Inputs that feed one output, and outputs fed by one input; an init's variance depends on them. Default 1. */
  readonly fanIn?: number;
  readonly fanOut?: number;
  /** Path of the layer with a skip whose branch it lies in; the scope fills it in. */
  readonly branch?: string | null;
}

/** A tensor that outlives the tape: trained (`parameter`) or kept as is (`state`). */
export interface Parameter {
  /** Path and name: `3.residual/0.dense/weight`. */
  readonly path: string;
  readonly tensor: Tensor;
  readonly fill: Fill;
  readonly fanIn: number;
  readonly fanOut: number;
  /** Path of the layer with a skip whose branch it lies in, or null. */
  readonly branch: string | null;
}

/**
 * The parameters of one network, in the order in which its layers asked for them.
 *
 * Recording the same network twice (for training and for evaluation) asks for the same paths and gets the same
 * tensors, so both tapes share the weights.
 */
export class Parameters {
  readonly #byPath = new Map<string, Parameter>();

  /** Trained parameters. */
  get trained(): Parameter[] {
    return this.all.filter(({ tensor }) => tensor.role === 'parameter');
  }

  /** Trained parameters and kept states (running means), in order. */
  get all(): Parameter[] {
    return [...this.#byPath.values()];
  }

  /** Count of trained numbers. */
  get count(): number {
    return this.trained.reduce((count, { tensor }) => count + sizeOf(tensor.shape), 0);
  }

  /** The parameter at `path`, made at the first call. */
  ask(path: string, shape: Shape, role: 'parameter' | 'state', options: ParameterOptions): Tensor {
    const known = this.#byPath.get(path);
    if (known) {
      if (!sameShape(known.tensor.shape, shape)) {
        throw new EngineError(
          'SHAPE',
          `parameter ${path} was ${showShape(known.tensor.shape)} and is now asked for as ${showShape(shape)}`,
        );
      }
      return known.tensor;
    }
    const tensor = makeTensor(path, shape, role, 'f32', role === 'parameter');
    const { fill, fanIn = 1, fanOut = 1, branch = null } = options;
    this.#byPath.set(path, { path, tensor, fill, fanIn, fanOut, branch });
    return tensor;
  }

  get(path: string): Parameter | undefined {
    return this.#byPath.get(path);
  }

  /** Bytes of values and gradients together. */
  get bytes(): number {
    return this.all.reduce((sum, { tensor }) => sum + sizeOf(tensor.shape) * (tensor.needsGrad ? 8 : 4), 0);
  }

  /**
   * Takes memory for every parameter and its gradient: the trained ones side by side, and their gradients in the same
   * places of a second stretch, so that an optimizer moves all of them in one pass (`stretch`).
   */
  allocate(arena: Arena): void {
    const { all, trained } = this;
    for (const { tensor } of trained) tensor.data = arena.alloc(4 * sizeOf(tensor.shape));
    for (const { tensor } of trained) tensor.grad = arena.alloc(4 * sizeOf(tensor.shape));
    for (const { tensor } of all) if (!tensor.needsGrad) tensor.data = arena.alloc(4 * sizeOf(tensor.shape));
  }

  /** Where all trained numbers and their gradients lie, and how many they are, the gaps between parameters included. */
  get stretch(): { readonly value: number; readonly grad: number; readonly size: number } {
    const { trained } = this;
    const [first, last] = [trained[0]?.tensor, trained.at(-1)?.tensor];
    if (!first || !last) return { value: 0, grad: 0, size: 0 };
    const size = (last.data - first.data) / 4 + sizeOf(last.shape);
    return { value: first.data, grad: first.grad, size };
  }

  /** Draws every parameter's first values (or the states' alone), each from the stream of its own path. */
  initialize(arena: Arena, seed: number, which: 'all' | 'states' = 'all'): void {
    const weights = this.trained.filter(({ tensor }) => tensor.shape.length > 1);
    const branches = new Map<string, Parameter[]>();
    for (const weight of weights) {
      if (weight.branch === null) continue;
      const list = branches.get(weight.branch);
      if (list) list.push(weight);
      else branches.set(weight.branch, [weight]);
    }
    for (const parameter of this.all) {
      const { path, tensor, fill, fanIn, fanOut } = parameter;
      const size = sizeOf(tensor.shape);
      if (size === 0 || (which === 'states' && tensor.role !== 'state')) continue;
      const beside = (parameter.branch !== null && branches.get(parameter.branch)) || [];
      const index = beside.indexOf(parameter);
      fill({
        arena,
        address: tensor.data,
        shape: tensor.shape,
        size,
        fanIn,
        fanOut,
        stream: streamOf(seed, path),
        branches: branches.size,
        branch: index < 0 ? null : { weights: beside.length, index },
        isLast: parameter === weights.at(-1),
      });
    }
  }
}

/** Fills with one value: biases (0), norms' scales (1), forget gates (1). */
export function constantFill(value: number): Fill {
  return ({ arena, address, size }) => {
    arena.kernels.fill(size, address, value);
  };
}
