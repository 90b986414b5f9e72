import * as v from 'valibot';
import { EngineError, nearestName, type PathStep } from '../core/errors.js';
import { count, optional, parse } from '../core/options.js';
import { readAxis, type Axis } from './sweepAxis.js';

/** Plain data by key, as YAML and JSON give it. */
export type Plain = Readonly<Record<string, unknown>>;

/** One run of a sweep: its place in the sweep, the values it differs in, and the spec to resolve. */
export interface Trial {
  /** Place among all combinations, excluded ones counted: it never changes for a given sweep. */
  readonly index: number;
  /** Path in the spec → value. */
  readonly values: Plain;
  /** The base with these values set, not yet resolved. */
  readonly input: Plain;
}

/** Part `part` of `parts`, counted from 0 or from 1: 0/4 … 3/4 and 1/4 … 4/4 are both complete. */
export interface Shard {
  readonly part: number;
  readonly parts: number;
}

const mapping = v.record(v.string(), v.unknown());
const frame = v.strictObject({
  fugaSweep: v.literal(1),
  name: v.optional(v.string()),
  base: v.looseObject({}),
  axes: v.optional(mapping),
  samples: v.optional(count(1, 1e9)),
  seed: optional(count(0, Number.MAX_SAFE_INTEGER), 1),
  include: v.optional(v.array(mapping)),
  exclude: v.optional(v.array(mapping)),
});

/** What may be written for these in short, as one word, and the key that the word then belongs to. */
const shorthand: Readonly<Record<string, string>> = {
  data: 'source',
  optimizer: 'type',
  schedule: 'type',
  loss: 'type',
  model: 'type',
  activation: 'fn',
  recurrentInit: 'fn',
  init: 'fn',
};

/**
 * A sweep: a base spec, and axes along which it is varied.
 *
 * Trials are made one at a time from their index (the first axis turns slowest), so a sweep of any size is a stream
 * and never a list. Nothing is resolved or run here.
 */
export class Sweep {
  readonly name: string;
  readonly base: Plain;
  readonly axes: readonly Axis[];
  /** Combinations before exclusion, includes counted: indices go from 0 to this. */
  readonly size: number;
  /** Every path that some trial sets, axes first. */
  readonly paths: readonly string[];
  /** The parsed sweep: what decides its trials. */
  readonly plain: Plain;
  readonly #cells: number;
  readonly #seed: number;
  readonly #samples: number;
  readonly #include: readonly (readonly Axis[])[];
  readonly #includeStarts: readonly number[];
  readonly #exclude: readonly (readonly {
    readonly steps: PathStep[];
    readonly values: ReadonlySet<string>;
  }[])[];

  constructor(input: unknown) {
    const raw = parse(frame, input, []);
    this.name = raw.name ?? 'sweep';
    this.base = raw.base;
    this.#seed = raw.seed;
    this.axes = Object.entries(raw.axes ?? {}).map(([path, axis]) => readAxis(path, axis, ['axes', path]));
    const drawn = this.axes.some(({ random }) => random);
    if (drawn && raw.samples === undefined) {
      throw new EngineError('SPEC', 'a random axis needs to know how often to draw: samples: 100', [
        'samples',
      ]);
    }
    if (!drawn && raw.samples !== undefined) {
      throw new EngineError(
        'SPEC',
        'samples are drawn on random axes, and there is none: { random: true, from: 0, to: 1 }',
        ['samples'],
      );
    }
    const samples = raw.samples ?? 1;
    this.#samples = samples;
    this.#cells = this.axes.reduce((product, { length }) => product * length, samples);
    this.#include = (raw.include ?? []).map((entry, i) =>
      Object.entries(entry).map(([path, value]) =>
        readAxis(path, Array.isArray(value) ? value : [value], ['include', i, path]),
      ),
    );
    const noAxes = this.axes.length === 0;
    if (noAxes && this.#include.length === 0) {
      throw new EngineError('SPEC', 'expected axes to sweep over, as axes: { model.depth: [5, 10] }', [
        'axes',
      ]);
    }
    if (noAxes) this.#cells = 0;
    let size = this.#cells;
    this.#includeStarts = this.#include.map((axes) => {
      const start = size;
      size += axes.reduce((product, { length }) => product * length, 1);
      return start;
    });
    this.size = size;
    if (!Number.isSafeInteger(size))
      throw new EngineError('SPEC', `${size} trials are more than can be counted`, ['axes']);
    this.paths = [...new Set([...this.axes, ...this.#include.flat()].map(({ path }) => path))];
    checkNesting(this.axes);
    this.#exclude = (raw.exclude ?? []).map((entry, i) => this.#readExclude(entry, i));
    const { name: _name, ...rest } = raw;
    this.plain = JSON.parse(JSON.stringify(rest)) as Plain;
  }

  /** The trial at `index`, or null where it is excluded. */
  trial(index: number): Trial | null {
    const values = index < this.#cells ? this.#cell(index) : this.#included(index);
    let input = this.base;
    for (const path in values) input = setPath(input, stepsOf(path), values[path], []);
    const excluded = this.#exclude.some((rule) =>
      rule.every(({ steps, values: some }) => some.has(JSON.stringify(getPath(input, steps)))),
    );
    return excluded ? null : { index, values, input };
  }

  /** All trials of a shard (default: of the sweep), one at a time, but for those to be skipped. */
  *trials(
    shard: Shard = { part: 0, parts: 1 },
    skip: (index: number) => boolean = () => false,
  ): Generator<Trial, void, void> {
    for (let index = 0; index < this.size; index++) {
      if (!inShard(index, shard) || skip(index)) continue;
      const trial = this.trial(index);
      if (trial) yield trial;
    }
  }

  /** Index of the first trial of `include`. */
  get included(): number {
    return this.#cells;
  }

  /** Values that trials have at a path, at most `most` of each axis; a random axis gives its first draws. */
  valuesOf(path: string, most = Infinity): unknown[] {
    const axes = [...this.axes, ...this.#include.flat()].filter((axis) => axis.path === path);
    return axes.flatMap(({ length, random, at }) => {
      const count = Math.min(most, random ? Math.min(64, this.#samples) : length);
      return Array.from({ length: count }, (_, i) => (random ? at(0, i, this.#seed) : at(i, 0, this.#seed)));
    });
  }

  /** How many trials there are, exclusions taken off; walks over them where there are any. */
  count(shard?: Shard): number {
    if (this.#exclude.length === 0 && (shard?.parts ?? 1) === 1) return this.size;
    let trials = 0;
    for (const _ of this.trials(shard)) trials++;
    return trials;
  }

  #cell(index: number): Record<string, unknown> {
    const places: number[] = [];
    let rest = index;
    for (let a = this.axes.length - 1; a >= 0; a--) {
      const { length } = this.axes[a]!;
      places[a] = rest % length;
      rest = Math.floor(rest / length);
    }
    // What is left is the sample: the slowest of all, so that every sample's cells are complete early.
    return Object.fromEntries(this.axes.map(({ path, at }, a) => [path, at(places[a]!, rest, this.#seed)]));
  }

  #included(index: number): Record<string, unknown> {
    let entry = this.#include.length - 1;
    while (this.#includeStarts[entry]! > index) entry--;
    let rest = index - this.#includeStarts[entry]!;
    const values: [string, unknown][] = [];
    for (const { path, length, at } of [...this.#include[entry]!].reverse()) {
      values.unshift([path, at(rest % length, 0, this.#seed)]);
      rest = Math.floor(rest / length);
    }
    return Object.fromEntries(values);
  }

  #readExclude(entry: Record<string, unknown>, i: number) {
    const rules = Object.entries(entry);
    if (rules.length === 0)
      throw new EngineError('SPEC', 'an empty rule would exclude everything', ['exclude', i]);
    return rules.map(([path, value]) => {
      const steps = stepsOf(path);
      if (!this.paths.includes(path) && getPath(this.base, steps) === undefined) {
        const near = nearestName(path, this.paths);
        throw new EngineError(
          'SPEC',
          `no trial has "${path}"${near ? `; did you mean "${near}"?` : `; axes: ${this.paths.join(', ')}`}`,
          ['exclude', i, path],
        );
      }
      return {
        steps,
        values: new Set((Array.isArray(value) ? value : [value]).map((each) => JSON.stringify(each))),
      };
    });
  }
}

/** Checks a sweep spec whose base is inline. Throws an `EngineError` whose path leads to the faulty place. */
export function readSweep(input: unknown): Sweep {
  return new Sweep(input);
}

/** Reads `i/n`. */
export function readShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [part, parts] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || parts < 1 || part > parts) {
    throw new EngineError(
      'SPEC',
      `expected a shard as i/n with i from 0 or 1 up to n, as 2/8; got "${text}"`,
      ['shard'],
    );
  }
  return { part, parts };
}

/**
 * Whether a shard runs the trial at `index`. Each block of `parts` neighbours is dealt out one a shard, each block
 * turned by a hash: shards are equal in size, and none gets all of the deep networks.
 */
export function inShard(index: number, { part, parts }: Shard): boolean {
  if (parts === 1) return true;
  const block = Math.floor(index / parts);
  const turn = (Math.imul(block ^ (block >>> 15), 0x2c1b3c6d) ^ (block << 3)) >>> 0;
  return (index + turn) % parts === part % parts;
}

/** `network.3.out` → ['network', 3, 'out']. */
export function stepsOf(path: string): PathStep[] {
  return path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** What lies at a path, or undefined. */
export function getPath(data: unknown, steps: readonly PathStep[]): unknown {
  let at = data;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<PathStep, unknown>)[step];
  }
  return at;
}

/** A copy with `value` at the path; what is not on the way is shared with the original. */
function setPath(
  data: unknown,
  steps: readonly PathStep[],
  value: unknown,
  done: readonly PathStep[],
): Plain {
  const [step, ...rest] = steps;
  if (step === undefined) return value as Plain;
  const key = String(done.at(-1));
  const open =
    typeof data === 'string' && shorthand[key] !== undefined ? { [shorthand[key]]: data } : (data ?? {});
  if (typeof open !== 'object') {
    throw new EngineError(
      'SPEC',
      `cannot set ${[...done, ...steps].join('.')}: ${done.join('.')} is ${JSON.stringify(open)}`,
      ['axes', [...done, ...steps].join('.')],
    );
  }
  if (Array.isArray(open)) {
    if (typeof step !== 'number' || step >= open.length) {
      throw new EngineError(
        'SPEC',
        `${done.join('.')} is a list of ${open.length}; expected a number from 0 to ${open.length - 1}, got ${step}`,
        ['axes', [...done, ...steps].join('.')],
      );
    }
    return open.map((item: unknown, i) =>
      i === step ? setPath(item, rest, value, [...done, step]) : item,
    ) as unknown as Plain;
  }
  return { ...open, [step]: setPath((open as Plain)[step], rest, value, [...done, step]) };
}

/** Two axes of which one lies within what the other sets would undo each other. */
function checkNesting(axes: readonly Axis[]): void {
  axes.forEach(({ path: outer }, i) => {
    const inner = axes.slice(0, i).find(({ path }) => path.startsWith(`${outer}.`));
    if (inner) {
      throw new EngineError('SPEC', `"${outer}" would overwrite what "${inner.path}" sets; write it before`, [
        'axes',
        outer,
      ]);
    }
  });
}
