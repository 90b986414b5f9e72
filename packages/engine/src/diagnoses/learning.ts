import type { Run } from '../run/run.js';
import type { DataFacts } from './dataFacts.js';

/** How the loss went. */
export interface Learning {
  readonly first: number;
  /** Mean of the last tenth of the steps with a finite loss. */
  readonly last: number;
  readonly best: number;
  readonly worst: number;
  /** Loss of a predictor that ignores its input. */
  readonly baseline: number;
  /** Share of the baseline that was learned away: 0 nothing, 1 everything, below 0 worse than chance. */
  readonly progress: number;
  /** Median over the last half of |loss − running mean| / running mean: how much it bounces. */
  readonly bounce: number;
  /** The first step whose loss was not finite, or null. */
  readonly brokeAt: number | null;
}

/** Reads the losses of a run. */
export function examineLearning({ trace, loss, data }: Run, { targetDeviation }: DataFacts): Learning {
  const finite = trace.losses.filter(Number.isFinite);
  const first = trace.losses[0] ?? NaN;
  const tail = finite.slice(-Math.max(1, Math.ceil(finite.length / 10)));
  const last = tail.reduce((sum, value) => sum + value, 0) / tail.length;
  const baseline =
    (Number.isFinite(targetDeviation) ? loss.baseline?.(targetDeviation) : loss.chance?.(data.outputs)) ??
    first;
  return {
    first,
    last,
    best: Math.min(...finite),
    worst: Math.max(...finite),
    baseline,
    progress: 1 - last / baseline,
    bounce: bounceOf(finite.slice(finite.length >> 1)),
    brokeAt: trace.stopped?.step ?? null,
  };
}

const SPAN = 10; // steps on either side that make the running mean

function bounceOf(losses: readonly number[]): number {
  if (losses.length < 4) return 0;
  const deviations = losses.map((loss, i) => {
    const near = losses.slice(Math.max(0, i - SPAN), i + SPAN + 1);
    const mean = near.reduce((sum, value) => sum + value, 0) / near.length;
    return Math.abs(loss - mean) / mean;
  });
  return deviations.sort((a, b) => a - b)[deviations.length >> 1]!;
}
