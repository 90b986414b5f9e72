import type { DataShape } from '../datasets/dataset.js';
import { resolveSpec, type RunSpec } from '../run/spec.js';
import { costOf, effectOf, verdictOf, type Cost, type Effect } from './effect.js';
import { oneByOne, type RunTrial, type TrialResult } from './trial.js';

/** How a comparison is run. */
export interface ProofOptions {
  /** How many seeds, counted up from the spec's own. Default 5. */
  readonly seeds?: number;
  /** Runs one trial; default: here, one after the other. */
  readonly runTrial?: RunTrial;
  /** Data that a front end has read from a file. */
  readonly data?: DataShape;
  /** Steps of every run; default: the spec's. */
  readonly steps?: number;
  /** Called after every run. */
  readonly onTrial?: (progress: {
    readonly done: number;
    readonly name: string;
    readonly result: TrialResult;
  }) => void;
}

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  readonly verdict: 'healthy' | 'unhealthy';
  readonly loss: readonly (number | null)[];
  readonly metric: readonly (number | null)[];
}

/** Two specs run on the same seeds and batch order. */
export interface Comparison {
  readonly format: 'fuga-compare-1';
  readonly seeds: readonly number[];
  readonly a: Side;
  readonly b: Side;
  /** b against a. */
  readonly effect: Effect;
  readonly cost: Cost;
}

/** Runs two specs on the same seeds and says what the second does better. */
export async function compare(
  inputA: unknown,
  inputB: unknown,
  options: ProofOptions = {},
): Promise<Comparison> {
  const [a, b] = [prepare(inputA, options), prepare(inputB, options)];
  const run = options.runTrial ?? oneByOne();
  const seeds = seedsFrom(a.seed, options.seeds ?? 5);
  const runs = new Runs(run, options.onTrial);
  const [before, after] = await Promise.all([runs.all('a', a, seeds), runs.all('b', b, seeds)]);
  return {
    format: 'fuga-compare-1',
    seeds,
    a: sideOf(a.name, before),
    b: sideOf(b.name, after),
    effect: effectOf(before, after),
    cost: costOf(before, after),
  };
}

export function prepare(input: unknown, { data, steps }: ProofOptions): RunSpec {
  const spec = resolveSpec(input, data);
  return steps === undefined ? spec : { ...spec, steps };
}

/** `count` seeds from `first` on. */
export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

export function sideOf(name: string, results: readonly TrialResult[]): Side {
  return {
    name,
    verdict: verdictOf(results),
    loss: results.map(({ loss }) => plain(loss)),
    metric: results.map(({ metric }) => plain(metric)),
  };
}

/** JSON has no NaN: a run that broke has no loss. */
export function plain(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Runs trials and counts them. */
export class Runs {
  readonly #run: RunTrial;
  readonly #onTrial: ProofOptions['onTrial'];
  #done = 0;

  constructor(run: RunTrial, onTrial?: ProofOptions['onTrial']) {
    this.#run = run;
    this.#onTrial = onTrial;
  }

  /** One spec on several seeds, in the order of the seeds. */
  all(name: string, spec: RunSpec, seeds: readonly number[]): Promise<TrialResult[]> {
    return Promise.all(
      seeds.map(async (seed) => {
        const result = await this.#run({ ...spec, seed });
        this.#onTrial?.({ done: ++this.#done, name, result });
        return result;
      }),
    );
  }
}
