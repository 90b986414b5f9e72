import { profile, type FindingId, type Run, type TraceRecord } from '@fuga/engine';

/**
 * What AutoTrainer's published rules say of a run.
 *
 * Source: Zhang et al., ICSE 2021, and its repository's monitor: vanishing where ‖gW_first‖ / ‖gW_last‖ < 10⁻³ and
 * ‖gW_first‖ < 10⁻⁴; exploding where the ratio is above 70, or anything is NaN or infinite, or the loss is 1000 or
 * more; dying ReLU where 70 % of the weight gradients are exactly 0; oscillating where the accuracy falls by 0.03 or
 * more in a fifth of the epochs; slow where it never rises by 0.01 and stays below 0.7. The first three count only
 * while the accuracy is below 0.7, as in the original.
 */
export interface AutoTrainerSays {
  readonly vanishing: boolean;
  readonly exploding: boolean;
  readonly dyingRelu: boolean;
  readonly oscillating: boolean;
  readonly slow: boolean;
}

const BETA1 = 1e-3;
const BETA2 = 1e-4;
const BETA3 = 70;
const GAMMA = 0.7;
const ZETA = 0.03;
const ETA = 0.2;
const DELTA = 0.01;
const THETA = 0.7;

/** `accuracies`: one an epoch, in order; `zeroShare`: of the weight gradients after the last step. */
export function autoTrainer(run: Run, accuracies: readonly number[], zeroShare: number): AutoTrainerSays {
  const { trace } = run;
  const weighted = trace.sites.flatMap(({ parameters }, s) => (parameters.length > 0 ? [s] : []));
  const [first, last] = [weighted[0]!, weighted.at(-1)!];
  const best = Math.max(...accuracies.map((value) => (Number.isNaN(value) ? 0 : value)));
  const poor = best < THETA;
  const norm = (record: TraceRecord, site: number) => profile(trace, 'parameterGradNorm', record)[site]!;
  const broken = trace.stopped !== null || trace.losses.some((loss) => !(loss < 1e3));
  const often = (test: (record: TraceRecord) => boolean) =>
    trace.records.filter(test).length > trace.records.length / 2;
  const steps = accuracies.slice(1).map((value, i) => value - accuracies[i]!);
  return {
    vanishing: poor && often((r) => norm(r, first) / norm(r, last) < BETA1 && norm(r, first) < BETA2),
    exploding: broken || (poor && often((r) => norm(r, first) / norm(r, last) > BETA3)),
    dyingRelu: poor && zeroShare >= GAMMA,
    oscillating: steps.filter((step) => step <= -ZETA).length >= ETA * Math.max(1, steps.length),
    slow: poor && Math.max(...steps) < DELTA,
  };
}

/** Whether one of the rules that fired names the disease of a ward. */
export function names(says: AutoTrainerSays, roots: readonly FindingId[]): boolean {
  const meanings: Readonly<Record<keyof AutoTrainerSays, readonly FindingId[]>> = {
    vanishing: ['vanishing', 'forwardDecay'],
    exploding: ['exploding', 'nonFinite', 'learningRateTooHigh'],
    dyingRelu: ['deadUnits'],
    oscillating: ['oscillation', 'learningRateTooHigh'],
    slow: ['learningRateTooLow'],
  };
  return (Object.keys(meanings) as (keyof AutoTrainerSays)[]).some(
    (rule) => says[rule] && meanings[rule].some((id) => roots.includes(id)),
  );
}

export function anything(says: AutoTrainerSays): boolean {
  return Object.values(says).some(Boolean);
}
