import type { Arena } from '../core/arena.js';
import type { Parameters } from '../core/parameters.js';
import { sizeOf } from '../core/shape.js';

/** A parameter, its gradient, and where its step is measured. */
interface Followed {
  readonly size: number;
  readonly value: number;
  readonly grad: number;
  /** First a copy of the value, then the step that was taken (against the gradient's sign). */
  readonly before: number;
  /**
   * Three doubles: Σ value² and Σ grad², taken before the update and before clipping, and Σ step². They lie in the
   * run's memory, so that a checkpoint takes them along.
   */
  readonly sums: number;
}

/** Euclidean norms over the parameters of one site. */
export interface Norms {
  count: number;
  norm: number;
  gradNorm: number;
  updateNorm: number;
}

/** Measures what an optimizer's step does to each site's parameters, in three passes over them. */
export class Updates {
  readonly #arena: Arena;
  readonly #sites: (readonly Followed[])[];
  readonly #all: readonly Followed[];
  /** Two doubles that the passes write to. */
  readonly #scratch: number;

  /** Follows all that is trained; `sites` says which paths belong to each site. */
  constructor(arena: Arena, parameters: Parameters, sites: readonly (readonly string[])[]) {
    this.#arena = arena;
    this.#scratch = arena.alloc(16);
    const followed = new Map(
      parameters.trained.map(({ path, tensor }): [string, Followed] => {
        const size = sizeOf(tensor.shape);
        const [before, sums] = [arena.alloc(4 * size), arena.alloc(24)];
        return [path, { size, value: tensor.data, grad: tensor.grad, before, sums }];
      }),
    );
    this.#all = [...followed.values()];
    this.#sites = sites.map((paths) => paths.flatMap((path) => followed.get(path) ?? []));
  }

  /** Right before the update: copies the values, and takes the norms of values and gradients on the way. */
  before(): void {
    const { kernels } = this.#arena;
    for (let i = 0; i < this.#all.length; i++) {
      const { size, value, grad, before, sums } = this.#all[i]!;
      kernels.snapshot(size, value, grad, before, sums);
    }
  }

  /** Right after the update: leaves the step that was taken where the copy was. */
  after(): void {
    const { kernels, f64 } = this.#arena;
    for (let i = 0; i < this.#all.length; i++) {
      const { size, value, before, sums } = this.#all[i]!;
      f64[(sums >> 3) + 2] = kernels.takeUpdate(size, value, before);
    }
  }

  /** Norm of the gradient over all parameters, as it was at the last `before`. */
  gradNorm(): number {
    const { f64 } = this.#arena;
    let squares = 0;
    for (let i = 0; i < this.#all.length; i++) squares += f64[(this.#all[i]!.sums >> 3) + 1]!;
    return Math.sqrt(squares);
  }

  /** The norms at site `index`, between `after` and the next `before`. `f64` is the arena's, taken once for all sites. */
  read(index: number, f64: Float64Array, norms: Norms): void {
    let [count, squares, gradSquares, stepSquares] = [0, 0, 0, 0];
    const followed = this.#sites[index]!;
    for (let i = 0; i < followed.length; i++) {
      const one = followed[i]!;
      count += one.size;
      squares += f64[one.sums >> 3]!;
      gradSquares += f64[(one.sums >> 3) + 1]!;
      stepSquares += f64[(one.sums >> 3) + 2]!;
    }
    norms.count = count;
    norms.norm = Math.sqrt(squares);
    norms.gradNorm = Math.sqrt(gradSquares);
    norms.updateNorm = Math.sqrt(stepSquares);
  }

  /** Cosine between the step that was last measured and the one that the present gradient asks for. */
  turn(): number {
    const { kernels, f64 } = this.#arena;
    let [together, steps, gradient] = [0, 0, 0];
    for (let i = 0; i < this.#all.length; i++) {
      const { size, before, grad, sums } = this.#all[i]!;
      kernels.alignment(size, before, grad, this.#scratch);
      together += f64[this.#scratch >> 3]!;
      gradient += f64[(this.#scratch >> 3) + 1]!;
      steps += f64[(sums >> 3) + 2]!;
    }
    return together / Math.sqrt(steps * gradient);
  }
}
