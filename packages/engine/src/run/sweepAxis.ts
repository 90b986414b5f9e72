import * as v from 'valibot';
import { EngineError, type PathStep } from '../core/errors.js';
import { parse } from '../core/options.js';
import { hashPath } from '../core/random.js';

/** How an axis' values are spaced: evenly, evenly in their logarithm, or evenly in their square (variances). */
export type AxisScale = 'linear' | 'log' | 'square';

/** One direction of a sweep. Values are computed when asked for, so that a range of a million takes no memory. */
export interface Axis {
  /** Place in the run spec, as written: `model.depth`. */
  readonly path: string;
  readonly scale: AxisScale;
  /** Values on the grid; 1 for an axis that is drawn for each sample. */
  readonly length: number;
  /** True where each sample draws a value of its own. */
  readonly random: boolean;
  /** The value at a place on the grid; a random axis draws by the sample's number. */
  readonly at: (place: number, sample: number, seed: number) => unknown;
}

const range = v.strictObject({
  from: v.pipe(v.number(), v.finite()),
  to: v.pipe(v.number(), v.finite()),
  step: v.optional(v.pipe(v.number(), v.finite())),
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e7))),
  scale: v.optional(v.picklist(['linear', 'log', 'square']), 'linear'),
  random: v.optional(v.boolean(), false),
});

const choice = v.strictObject({ random: v.literal(true), of: v.array(v.unknown()) });

/**
 * Reads one axis of a sweep.
 *
 * A list: `[5, 10, 20]`. A range: `{ from: 10, to: 50, step: 10 }`, `{ from: 0, to: 1, count: 11 }`; with
 * `scale: log` or `scale: square` (evenly spaced variances) and a count. With `random: true` (and `of: […]` for a
 * choice) each of the sweep's samples draws its own value; with a step, a multiple of it.
 */
export function readAxis(path: string, input: unknown, place: readonly PathStep[]): Axis {
  if (Array.isArray(input)) return listAxis(path, input, place);
  if (typeof input !== 'object' || input === null) {
    throw new EngineError(
      'SPEC',
      'expected a list of values or a range as { from: 1, to: 5, step: 1 }',
      place,
    );
  }
  if ('of' in input) {
    const { of } = parse(choice, input, place);
    if (of.length === 0)
      throw new EngineError('SPEC', 'expected at least one value to choose from', [...place, 'of']);
    const at: Axis['at'] = (_, sample, seed) => of[Math.floor(uniform(path, sample, seed) * of.length)];
    return { path, scale: 'linear', length: 1, random: true, at };
  }
  return rangeAxis(path, parse(range, input, place), place);
}

function listAxis(path: string, values: readonly unknown[], place: readonly PathStep[]): Axis {
  if (values.length === 0) throw new EngineError('SPEC', 'expected at least one value', place);
  const seen = new Map<string, number>();
  values.forEach((value, i) => {
    const key = JSON.stringify(value);
    const first = seen.get(key);
    if (first !== undefined)
      throw new EngineError('SPEC', `${key} is there twice (as ${first} and ${i}); take one out`, [
        ...place,
        i,
      ]);
    seen.set(key, i);
  });
  return { path, scale: 'linear', length: values.length, random: false, at: (i) => values[i] };
}

function rangeAxis(path: string, given: v.InferOutput<typeof range>, place: readonly PathStep[]): Axis {
  const { from, to, step, count, scale, random } = given;
  const fail = (reason: string, key: string): never => {
    throw new EngineError('SPEC', reason, [...place, key]);
  };
  if (scale === 'log' && !(from > 0 && to > 0))
    fail('a log range needs from and to above 0', from > 0 ? 'to' : 'from');
  if (scale === 'square' && !(from >= 0 && to >= 0))
    fail('a square range needs from and to of at least 0', from >= 0 ? 'to' : 'from');
  if (step !== undefined && scale !== 'linear') fail(`a ${scale} range takes a count, not a step`, 'step');
  if (step !== undefined && count !== undefined) fail('expected a step or a count, not both', 'count');
  if (step === 0 || (step !== undefined && (to - from) / step < 0)) {
    fail(`expected a step that leads from ${from} to ${to}, got ${step}`, 'step');
  }
  const between = interpolate(scale, from, to);
  if (random) {
    if (count !== undefined) fail('a random axis takes its count from the sweep’s samples', 'count');
    const steps = step === undefined ? 0 : stepsIn(from, to, step);
    const at: Axis['at'] = (_, sample, seed) => {
      const u = uniform(path, sample, seed);
      return step === undefined
        ? rounded(between(u), 6)
        : rounded(from + Math.floor(u * (steps + 1)) * step, 12);
    };
    return { path, scale, length: 1, random, at };
  }
  if (count === undefined && scale !== 'linear') fail(`a ${scale} range needs a count`, 'count');
  if (count === undefined) {
    const by = step ?? (to >= from ? 1 : -1);
    return { path, scale, length: stepsIn(from, to, by) + 1, random, at: (i) => rounded(from + i * by, 12) };
  }
  const at: Axis['at'] = (i) =>
    i === 0 ? from : i === count - 1 ? to : rounded(between(i / (count - 1)), scale === 'log' ? 6 : 12);
  return { path, scale, length: count, random, at };
}

/** Steps that fit between; a billionth of slack so that 0.1 … 0.3 by 0.1 has its end. */
function stepsIn(from: number, to: number, step: number): number {
  return Math.floor((to - from) / step + 1e-9);
}

function interpolate(scale: AxisScale, from: number, to: number): (u: number) => number {
  if (scale === 'log') return (u) => Math.exp(Math.log(from) + u * (Math.log(to) - Math.log(from)));
  if (scale === 'square') return (u) => Math.sqrt(from * from + u * (to * to - from * from));
  return (u) => from + u * (to - from);
}

/** A number of so many digits: 0.3 instead of 0.30000000000000004, and no trace of how a machine computes exp. */
function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** The sample's number in [0, 1) on this axis, from 53 bits of a hash: the same everywhere, in any order. */
function uniform(path: string, sample: number, seed: number): number {
  const [high, low] = hashPath(`${seed}/${path}/${sample}`);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}
