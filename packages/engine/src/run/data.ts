import type { Arena } from '../core/arena.js';
import { EngineError } from '../core/errors.js';
import { streamOf } from '../core/random.js';
import { sizeOf } from '../core/shape.js';
import type { DataShape, Draw, Samples } from '../datasets/dataset.js';
import { splitData, type DataSpec } from './spec.js';

/** Streams of random numbers for a data set, drawn by the kernels so that every machine gets the same. */
export function drawFor(arena: Arena, seed: number, path: string): Draw {
  const { kernels } = arena;
  const stream = (name: string) => streamOf(seed, `${path}/${name}`);
  const draw = <T>(length: number, action: (address: number) => T): T => {
    const mark = arena.mark();
    const result = action(arena.alloc(4 * length));
    arena.release(mark);
    return result;
  };
  return {
    kernels,
    stream,
    uniform: (name, length, low, high) =>
      draw(length, (address) => {
        const { key, stream: words } = stream(name);
        kernels.randomUniform(length, address, ...key, ...words, 0, low, high);
        return arena.read(address, length);
      }),
    normal: (name, length) =>
      draw(length, (address) => {
        const { key, stream: words } = stream(name);
        kernels.randomNormal(length, address, ...key, ...words, 0, 0, 1);
        return arena.read(address, length);
      }),
    integers: (name, length, below) =>
      draw(length, (address) => {
        const { key, stream: words } = stream(name);
        kernels.randomBits(length, address, ...key, ...words, 0);
        // Multiply-shift on the upper 32 bits: bias below 2⁻³² · below.
        return arena.readInts(address, length).map((bits) => Math.floor(((bits >>> 0) / 2 ** 32) * below));
      }),
  };
}

/** Loads or draws the named data. The data's seed is the run's, so a seed changes the data that is drawn. */
export async function loadData(
  arena: Arena,
  data: DataSpec,
  seed: number,
): Promise<{ shape: DataShape; samples: Samples }> {
  const { source, options } = splitData(data);
  const shape = source.describe(options as never);
  const samples = await source.load(options as never, drawFor(arena, seed, 'data'));
  return { shape, samples: scaled(samples, shape, data.scale === 'none' ? 'none' : source.scaling) };
}

/** Zero mean and unit variance over the training samples, over all features or each by itself. */
export function scaled(samples: Samples, shape: DataShape, scaling: 'global' | 'feature' | 'none'): Samples {
  if (scaling === 'none' || !(samples.x instanceof Float32Array)) return samples;
  const width = sizeOf(shape.input.shape);
  const features = scaling === 'feature' ? width : 1;
  const x = samples.x;
  const sum = new Float64Array(features);
  const square = new Float64Array(features);
  for (const row of samples.train) {
    for (let i = 0; i < width; i++) {
      const value = x[row * width + i]!;
      const feature = i % features;
      sum[feature] = sum[feature]! + value;
      square[feature] = square[feature]! + value * value;
    }
  }
  const counted = (samples.train.length * width) / features;
  const y = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const feature = i % features;
    const mean = sum[feature]! / counted;
    const deviation = Math.sqrt(Math.max(0, square[feature]! / counted - mean * mean));
    y[i] = (x[i]! - mean) / (deviation || 1); // a constant feature becomes 0
  }
  return { ...samples, x: y };
}

/** Samples moved into the arena once; batches are gathered there by index, without passing through JavaScript. */
export class Batches {
  readonly arena: Arena;
  readonly batch: number;
  readonly samples: Samples;
  readonly #x: number;
  readonly #y: number;
  readonly #widths: { x: number; y: number };
  readonly #strides: { x: number; y: number };
  readonly #indices: number;
  readonly #order: Int32Array;
  readonly #bits: number;
  readonly #seed: number;
  #epoch = -1;
  #at = 0;

  constructor(arena: Arena, samples: Samples, shape: DataShape, batch: number, seed: number) {
    if (samples.train.length === 0)
      throw new EngineError('DATA', 'the data has no training samples', ['data']);
    this.arena = arena;
    this.samples = samples;
    this.batch = batch;
    this.#seed = seed;
    this.#widths = { x: sizeOf(shape.input.shape), y: sizeOf(shape.target.shape) };
    this.#strides = samples.strides ?? this.#widths;
    this.#x = arena.alloc(4 * samples.x.length);
    this.#y = arena.alloc(4 * samples.y.length);
    arena.write(this.#x, samples.x);
    arena.write(this.#y, samples.y);
    this.#indices = arena.alloc(4 * batch);
    this.#order = samples.train.slice();
    this.#bits = arena.alloc(4 * this.#order.length);
  }

  /** Bytes that a data set of this shape takes in the arena. */
  static bytes(shape: DataShape): number {
    return 4 * shape.samples * (sizeOf(shape.input.shape) + sizeOf(shape.target.shape) + 2);
  }

  /** Fills the tape's input and target with the next batch of the shuffled training samples. */
  next(x: number, y: number): void {
    const { arena, batch } = this;
    const ids = arena.i32;
    const start = this.#indices >> 2;
    for (let i = 0; i < batch; i++) {
      if (this.#epoch < 0 || this.#at === this.#order.length) this.#shuffle();
      ids[start + i] = this.#order[this.#at++]!;
    }
    this.#gather(x, y);
  }

  /** Fills with the `count` samples at `rows[from…]`, repeating the last where the batch is larger. */
  take(rows: Int32Array, from: number, x: number, y: number): number {
    const ids = this.arena.i32;
    const start = this.#indices >> 2;
    const taken = Math.min(this.batch, rows.length - from);
    for (let i = 0; i < this.batch; i++) ids[start + i] = rows[from + Math.min(i, taken - 1)]!;
    this.#gather(x, y);
    return taken;
  }

  /** Where it stands in the stream of batches. */
  position(): { readonly epoch: number; readonly at: number; readonly order: Int32Array } {
    return { epoch: this.#epoch, at: this.#at, order: this.#order.slice() };
  }

  /** Goes on from a position that `position` gave. */
  moveTo({ epoch, at, order }: ReturnType<Batches['position']>): void {
    this.#epoch = epoch;
    this.#at = at;
    this.#order.set(order);
  }

  #gather(x: number, y: number): void {
    const { kernels } = this.arena;
    kernels.gatherRows(this.batch, this.#widths.x, this.#strides.x, this.#x, this.#indices, x);
    kernels.gatherRows(this.batch, this.#widths.y, this.#strides.y, this.#y, this.#indices, y);
  }

  /** A new epoch: Fisher–Yates over the training samples, from the epoch's own stream. */
  #shuffle(): void {
    this.#epoch++;
    this.#at = 0;
    const order = this.#order;
    const { key, stream } = streamOf(this.#seed, `order/${this.#epoch}`);
    this.arena.kernels.randomBits(order.length, this.#bits, ...key, ...stream, 0);
    const bits = this.arena.i32;
    const start = this.#bits >> 2;
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(((bits[start + i]! >>> 0) / 2 ** 32) * (i + 1));
      const swap = order[i]!;
      order[i] = order[j]!;
      order[j] = swap;
    }
  }
}
