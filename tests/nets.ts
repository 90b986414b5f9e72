import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenFolder, readSafetensors, type GoldenTensor } from './golden.js';

/** Statistics of one tensor, as PyTorch computed them in float64. */
export interface Statistics {
  readonly l2: number;
  readonly mean: number;
  readonly abs_mean: number;
  readonly max_abs: number;
  readonly std: number;
  readonly frac_zero: number;
  /** Σ tᵢ rᵢ in C order, r = LCG(12345).uniform(−1, 1): catches what is permuted. */
  readonly proj: number;
}

/** `probe.json` of one network. */
export interface Probe {
  readonly name: string;
  readonly mode: 'train' | 'eval';
  readonly loss_spec: { readonly kind: 'cross_entropy' | 'cross_entropy_lm' | 'mse' | 'detect' };
  readonly x: {
    readonly shape: readonly number[];
    readonly lcg: { readonly seed: number; readonly dist: 'normal' | 'ints'; readonly std: number };
  };
  readonly loss: { readonly ref: number; readonly rel_err32: number };
  readonly output: Statistics & { readonly err32: number };
  readonly params: readonly {
    readonly name: string;
    readonly grad: Statistics;
    readonly err32: number;
    readonly float32_noise?: boolean;
    readonly f32_l2?: number;
  }[];
  readonly layers: readonly {
    readonly name: string;
    readonly type: string;
    readonly shape: readonly number[];
    readonly act: Statistics;
    readonly grad: Statistics;
    readonly err32: number;
    readonly onnx: string;
    readonly float32_noise?: boolean;
  }[];
  readonly x_grad?: Statistics;
  readonly x_grad_err32?: number;
  /** Norms of the gradient at each step of a sequence: with respect to the input, and to the hidden state. */
  readonly time_x_grad_l2?: readonly number[];
  readonly time_h_grad_l2?: readonly number[];
  /** Running statistics after one step of training. */
  readonly buffers_after?: Readonly<Record<string, { readonly l2: number; readonly sum: number }>>;
  readonly onnx: Readonly<Record<string, { readonly ops: Readonly<Record<string, number>> }>>;
}

/** One golden network: its files and what PyTorch makes of it. */
export interface GoldenNet {
  readonly name: string;
  readonly probe: Probe;
  readonly io: ReadonlyMap<string, GoldenTensor>;
  read(file: string): Uint8Array | null;
  tensors(file: string): ReadonlyMap<string, GoldenTensor>;
}

/** Names of the networks in `nets/index.json`. */
export function goldenNetNames(): readonly string[] {
  const index = join(goldenFolder, 'nets', 'index.json');
  if (!existsSync(index)) throw new Error(`no golden networks at ${index}; set FUGA_GOLDEN to their folder`);
  return (JSON.parse(readFileSync(index, 'utf8')) as { nets: { name: string }[] }).nets.map(
    ({ name }) => name,
  );
}

export function goldenNet(name: string): GoldenNet {
  const folder = join(goldenFolder, 'nets', name);
  return {
    name,
    probe: JSON.parse(readFileSync(join(folder, 'probe.json'), 'utf8')) as Probe,
    io: readSafetensors(join(folder, 'io.safetensors')),
    read: (file) =>
      existsSync(join(folder, file)) ? new Uint8Array(readFileSync(join(folder, file))) : null,
    tensors: (file) => readSafetensors(join(folder, file)),
  };
}

/** The generator that the golden values were made with. */
export class Lcg {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 24 bits, uniform on [0, 1[. */
  next(): number {
    this.#state = (Math.imul(1664525, this.#state) + 1013904223) >>> 0;
    return (this.#state >>> 8) / 2 ** 24;
  }

  uniform(low: number, high: number): number {
    return Math.fround(low + (high - low) * this.next());
  }

  /** Irwin–Hall: the sum of twelve uniforms, less six. */
  normal(): number {
    let sum = 0;
    for (let i = 0; i < 12; i++) sum += this.next();
    return Math.fround(sum - 6);
  }
}

/** The network's input: stored, or drawn. */
export function inputOf({ probe, io }: GoldenNet): GoldenTensor {
  const stored = io.get('x');
  if (stored) return stored;
  const { shape, lcg } = probe.x;
  const draw = new Lcg(lcg.seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length: size }, () => Math.fround(draw.normal() * lcg.std)) };
}

/** The same statistics of a tensor of ours, in float64. */
export function statisticsOf(t: ArrayLike<number>): Statistics {
  const draw = new Lcg(12345);
  let [squares, sum, magnitudes, largest, zeros, proj] = [0, 0, 0, 0, 0, 0];
  const n = t.length;
  for (let i = 0; i < n; i++) {
    const value = t[i]!;
    squares += value * value;
    sum += value;
    magnitudes += Math.abs(value);
    largest = Math.max(largest, Math.abs(value));
    if (value === 0) zeros++;
    proj += value * draw.uniform(-1, 1);
  }
  const mean = sum / n;
  let spread = 0;
  for (let i = 0; i < n; i++) spread += (t[i]! - mean) ** 2;
  return {
    l2: Math.sqrt(squares),
    mean,
    abs_mean: magnitudes / n,
    max_abs: largest,
    std: Math.sqrt(spread / n),
    frac_zero: zeros / n,
    proj,
  };
}

/**
 * What differs from PyTorch's by more than rounding explains. `err32` is what PyTorch's own float32 differs from its
 * float64, relative to the tensor's largest entry; eight times that and four units in the last place are allowed an
 * entry, which bounds each statistic.
 */
export function differences(
  name: string,
  actual: ArrayLike<number>,
  expected: Statistics,
  err32: number,
): string[] {
  const n = actual.length;
  const own = statisticsOf(actual);
  const entry = (8 * err32 + 4 * 2 ** -23) * expected.max_abs;
  const limits: Record<keyof Statistics, number> = {
    l2: entry * Math.sqrt(n),
    mean: entry,
    abs_mean: entry,
    max_abs: entry,
    std: entry,
    // An entry within the tolerance of 0 may be exactly 0 in one and not in the other.
    frac_zero: Array.prototype.filter.call(actual, (value: number) => Math.abs(value) <= entry).length / n,
    proj: entry * Math.sqrt(n),
  };
  return (Object.keys(limits) as (keyof Statistics)[]).flatMap((key) => {
    // Values are stored with eight digits.
    const limit = limits[key] + 1e-7 * Math.abs(expected[key]) + Number.MIN_VALUE;
    const difference = Math.abs(own[key] - expected[key]);
    return difference <= limit
      ? []
      : [
          `${name}.${key}: ${own[key]}, expected ${expected[key]} (off by ${difference.toExponential(2)}, allowed ${limit.toExponential(2)})`,
        ];
  });
}
