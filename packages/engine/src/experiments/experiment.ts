import { loadKernels, type Kernels, type Variant } from '@fuga/core-wasm';
import { openRun, type Run } from '../run/run.js';

/** The same words in both languages. */
export interface Words {
  readonly en: string;
  readonly 'pt-BR': string;
}

/** One number that the law predicts, what came out, and the band in which the law counts as holding. */
export interface Check {
  readonly name: string;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  readonly measured: number;
}

/** Points to draw: what was measured, or what the law says. */
export interface Curve {
  readonly name: string;
  readonly kind: 'measured' | 'law';
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Where a law counts as holding, one pair a point, where its checks come down to that. */
  readonly band?: readonly (readonly [low: number, high: number])[];
}

/** An axis of a picture. */
export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
}

/** What an experiment found. */
export interface Outcome {
  readonly checks: readonly Check[];
  readonly picture: { readonly x: Axis; readonly y: Axis; readonly curves: readonly Curve[] };
  /** What the numbers say that the checks do not, such as an honest negative result. */
  readonly note?: Words;
}

/** An outcome while it is being made; what is there already may be drawn. */
export interface Draft {
  readonly checks: Check[];
  readonly picture: { readonly x: Axis; readonly y: Axis; readonly curves: Curve[] };
  note?: Words;
}

/** An outcome with nothing measured yet. */
export function draft(x: Axis, y: Axis): Draft {
  return { checks: [], picture: { x, y, curves: [] } };
}

/** What an experiment is given: where to run, from which seed, and whom to tell. */
export interface Bench {
  /** Base seed; the experiment forks its own from it. */
  readonly seed: number;
  /** Opens a run on kernels that the next call reuses: the run before it is gone then. */
  readonly open: (spec: unknown) => Promise<Run>;
  /** Called between two runs; throws to stop. `partial` may be drawn already. */
  readonly progress: (done: number, total: number, partial?: Outcome) => void | Promise<void>;
}

/** A published result as a runnable check of the engine. */
export interface Experiment {
  readonly id: string;
  readonly title: Words;
  readonly question: Words;
  /** A paragraph: what the result means, for someone who meets it for the first time. */
  readonly story: Words;
  readonly law: { readonly formula: string; readonly source: string };
  /** The band and its reason: finite width, seeds; never a number that happened to pass. */
  readonly tolerance: string;
  /** At initialisation only, or with training. */
  readonly kind: 'init' | 'training';
  /** Seconds on one core, measured. */
  readonly seconds: number;
  /** Runs it. Calls `bench.progress` between runs. */
  readonly measure: (bench: Bench) => Promise<Outcome>;
}

/** An experiment's verdict: the law holds where every check is inside its band. */
export function holds({ checks }: Outcome): boolean {
  return checks.length > 0 && checks.every(({ measured, low, high }) => measured >= low && measured <= high);
}

/** A bench on one instance of the kernels, reused from run to run. */
export async function makeBench(options: {
  readonly seed: number;
  readonly variant?: Variant;
  readonly kernels?: Kernels;
  readonly progress?: Bench['progress'];
}): Promise<Bench> {
  const kernels = options.kernels ?? (await loadKernels(options.variant ? { variant: options.variant } : {}));
  return {
    seed: options.seed,
    open: (spec) => openRun(spec, { kernels }),
    progress: options.progress ?? (() => undefined),
  };
}

/** A check whose band is `predicted · (1 ± share)`. */
export function within(name: string, predicted: number, measured: number, share: number): Check {
  const [a, b] = [predicted * (1 - share), predicted * (1 + share)];
  return { name, predicted, measured, low: Math.min(a, b), high: Math.max(a, b) };
}
