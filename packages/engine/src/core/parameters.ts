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
}

/** Fills a parameter with its first values. */
export type Fill = (canvas: Canvas) => void;

/** How a layer asks for a parameter. */
export interface ParameterOptions {
  readonly fill: Fill;
  /** Inputs that feed one output, and outputs fed by one input; an init's variance depends on them. Default 1. */
  readonly fanIn?: number;
  readonly fanOut?: number;
}

/** A tensor that outlives the tape: trained (`parameter`) or kept as is (`state`). */
export interface Parameter {
  /** Path and name: `3.residual/0.dense/weight`. */
  readonly path: string;
  readonly tensor: Tensor;
  readonly fill: Fill;
  readonly fanIn: number;
  readonly fanOut: number;
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
    const { fill, fanIn = 1, fanOut = 1 } = options;
    this.#byPath.set(path, { path, tensor, fill, fanIn, fanOut });
    return tensor;
  }

  get(path: string): Parameter | undefined {
    return this.#byPath.get(path);
  }

  /** Bytes of values and gradients together. */
  get bytes(): number {
    return this.all.reduce((sum, { tensor }) => sum + sizeOf(tensor.shape) * (tensor.needsGrad ? 8 : 4), 0);
  }

  /** Takes memory for every parameter and its gradient. */
  allocate(arena: Arena): void {
    for (const { tensor } of this.all) tensor.data = arena.alloc(4 * sizeOf(tensor.shape));
    for (const { tensor } of this.trained) tensor.grad = arena.alloc(4 * sizeOf(tensor.shape));
  }

  /** Draws every parameter's first values, each from the stream of its own path. */
  initialize(arena: Arena, seed: number): void {
    for (const { path, tensor, fill, fanIn, fanOut } of this.all) {
      const size = sizeOf(tensor.shape);
      if (size === 0) continue;
      fill({
        arena,
        address: tensor.data,
        shape: tensor.shape,
        size,
        fanIn,
        fanOut,
        stream: streamOf(seed, path),
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
