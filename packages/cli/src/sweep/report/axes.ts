import { getPath, readInit, resolveSpec, shelves, stepsOf, type RunSpec, type Sweep } from '@fuga/engine';

/** What an axis means to the theory: the variance of weights or of biases, or the depth. */
export type AxisMeaning = 'weights' | 'biases' | 'depth' | null;

/** One direction of a sweep, as pictures use it. */
export interface ReportAxis {
  readonly path: string;
  readonly label: string;
  /** Distinct values, numbers by size, others in the order they came. */
  readonly values: readonly unknown[];
  /** Where each value stands on a number axis (σ becomes σ²), or null for words. */
  readonly at: readonly number[] | null;
  readonly scale: 'linear' | 'log';
  readonly meaning: AxisMeaning;
}

const MOST_VALUES = 64;
const names: Readonly<Record<string, string>> = {
  lr: 'learning rate',
  depth: 'depth',
  width: 'width',
  fn: 'activation',
};

/** Axes along which the finished trials differ, those that a picture can be made over; seeds are repeats, not an axis. */
export function reportAxes(sweep: Sweep, seen: ReadonlyMap<string, readonly unknown[]>): ReportAxis[] {
  return sweep.paths.flatMap((path) => {
    const all = seen.get(path) ?? [];
    if (path === 'seed' || all.length < 2) return [];
    const isNumber = all.every((value) => typeof value === 'number');
    if (!isNumber && all.length > MOST_VALUES) return [];
    const values = isNumber ? [...all].sort((a, b) => a - b) : all;
    const meaning = isNumber ? meaningOf(path) : null;
    const at = isNumber ? (values as number[]).map((value) => variance(sweep, path, value, meaning)) : null;
    return [
      {
        path,
        label: labelOf(path, meaning),
        values,
        at,
        scale: at && spansDecades(at) ? 'log' : 'linear',
        meaning,
      },
    ];
  });
}

function meaningOf(path: string): AxisMeaning {
  if (/(^|\.)init\.\w+$/.test(path)) return 'weights';
  if (/(^|\.)bias\.normal$/.test(path)) return 'biases';
  return /(^|\.)depth$/.test(path) ? 'depth' : null;
}

/** Values that are standard deviations are drawn as variances: the theory's lines are straight or short there. */
function variance(sweep: Sweep, path: string, value: number, meaning: AxisMeaning): number {
  if (meaning === 'biases') return value * value;
  if (meaning !== 'weights') return value;
  const steps = stepsOf(path).slice(0, -1);
  const fn = String(path.split('.').at(-1));
  const given = getPath(sweep.base, steps);
  const init =
    fn === 'gain'
      ? { ...(typeof given === 'string' ? { fn: given } : (given as object)), gain: value }
      : { [fn]: value };
  return weightVariance(init) ?? value;
}

/** σ_w² = fanIn · Var W of an init, for layers of equal width; null where the init is not about single entries. */
export function weightVariance(init: Parameters<typeof readInit>[1]): number | null {
  try {
    const { init: item, value } = readInit(shelves.inits, init);
    const fan = 1000;
    const std = item.std({ fanIn: fan, fanOut: fan }, value);
    // An init of fixed deviation has no variance of its own without the width.
    return std === null || item.parameter ? null : fan * std * std;
  } catch {
    return null;
  }
}

function labelOf(path: string, meaning: AxisMeaning): string {
  if (meaning === 'weights') return 'σ_w²';
  if (meaning === 'biases') return 'σ_b²';
  const parts = path.split('.');
  const last = parts.at(-1)!;
  return names[last] ?? (/^\d+$/.test(last) ? path : last);
}

/** Positive, and the largest is over thirty times the smallest. */
function spansDecades(values: readonly number[]): boolean {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low > 0 && high / low > 30;
}

/** The resolved spec of some trial, or null where even that fails. */
export function someSpec(sweep: Sweep): RunSpec | null {
  for (const trial of sweep.trials()) {
    try {
      return resolveSpec(trial.input);
    } catch {
      return null;
    }
  }
  return null;
}

/** A value as pictures and tables show it. */
export function showValue(value: unknown): string {
  if (typeof value === 'number') return showNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `0.125`, `1.2e−7`, `12,000`: at most four digits that matter. */
export function showNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6))
    return value
      .toExponential(2)
      .replace('e+', 'e')
      .replace('-', '−')
      .replace(/\.?0+e/, 'e');
  return Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 6 }).replace('-', '−');
}
