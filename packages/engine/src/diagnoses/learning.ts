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
  /** Share of the baseline (above the least that is possible) that was learned away: 0 nothing, 1 everything, below 0 worse than chance. */
  readonly progress: number;
  /** Mean loss of each quarter of the steps. */
  readonly quarters: readonly [number, number, number, number];
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
  const floor = loss.floor(data.outputs);
  return {
    first,
    last,
    best: Math.min(...finite),
    worst: Math.max(...finite),
    baseline,
    progress: (baseline - last) / (baseline - floor),
    quarters: quartersOf(finite),
    brokeAt: trace.stopped?.step ?? null,
  };
}

function quartersOf(losses: readonly number[]): readonly [number, number, number, number] {
  const mean = (quarter: number) => {
    const part = losses.slice(
      Math.floor((quarter * losses.length) / 4),
      Math.ceil(((quarter + 1) * losses.length) / 4),
    );
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  };
  return [mean(0), mean(1), mean(2), mean(3)];
}
