import { diagnose, type Language } from '../diagnoses/diagnose.js';
import type { Finding } from '../diagnoses/report.js';
import { evaluate } from '../run/evaluate.js';
import { openRun, type Run, type RunOptions } from '../run/run.js';
import type { RunSpec } from '../run/spec.js';
import { profile } from '../run/trace.js';
import { train, type Frame } from '../run/train.js';

/** What one run of a trial came to. Plain data: it crosses workers. */
export interface TrialResult {
  readonly seed: number;
  readonly verdict: 'healthy' | 'unhealthy';
  readonly findings: readonly Finding[];
  /** Loss of the first step; NaN where it is not finite. */
  readonly first: number;
  /** Mean loss of the last tenth of the steps; NaN where training broke. */
  readonly loss: number;
  /** Score on the test samples; NaN where training broke. */
  readonly metric: number;
  readonly parameters: number;
  /** Milliseconds a step, probing included. */
  readonly timePerStep: number;
  /** rms(gradient) at each site at initialisation, first to last: the gradient-flow picture. */
  readonly flow: { readonly sites: readonly string[]; readonly gradient: readonly (number | null)[] };
}

/** Runs one spec to its end. Front ends hand in one that uses their workers. */
export type RunTrial = (spec: RunSpec) => Promise<TrialResult>;

/** How a trial is run, beside how its run is opened. */
export interface TrialOptions extends RunOptions {
  readonly language?: Language;
  /** Called after every step, for those who show a trial while it runs. */
  readonly onStep?: (run: Run, frame: Frame) => void;
}

/** Runs a spec here and now: trains it, diagnoses it, scores it. */
export async function runTrial(spec: RunSpec, options: TrialOptions = {}): Promise<TrialResult> {
  const run = await openRun(spec, options);
  for (const frame of train(run)) options.onStep?.(run, frame);
  const { trace } = run;
  const report = diagnose(run, options.language === undefined ? {} : { language: options.language });
  const broke = trace.stopped !== null;
  const tail = trace.losses.slice(-Math.max(1, Math.ceil(trace.losses.length / 10)));
  const [initial] = trace.records;
  return {
    seed: spec.seed,
    verdict: report.verdict,
    findings: report.findings,
    first: trace.losses[0] ?? NaN,
    loss: broke ? NaN : tail.reduce((sum, loss) => sum + loss, 0) / tail.length,
    metric: broke ? NaN : evaluate(run).metric,
    parameters: trace.parameters,
    timePerStep: trace.timing.stepMs,
    flow: {
      sites: trace.sites.map(({ name }) => name),
      gradient: initial
        ? Array.from(profile(trace, 'gradientRms', initial), (value) =>
            Number.isFinite(value) ? value : null,
          )
        : [],
    },
  };
}

/** One trial after the other: what a front end without workers uses. Holds one network in memory at a time. */
export function oneByOne(options: TrialOptions = {}): RunTrial {
  let last: Promise<unknown> = Promise.resolve();
  return (spec) => {
    const next = last.then(() => runTrial(spec, options));
    last = next.catch(() => undefined);
    return next;
  };
}
