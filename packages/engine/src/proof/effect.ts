import { bootstrapInterval, medianOf, permutationTest } from './statistics.js';
import type { TrialResult } from './trial.js';

/** What a change does to the last loss, over pairs of runs with the same seed and batch order. */
export interface Effect {
  /** Median over the seeds of (loss after − loss before); below 0 is better. */
  readonly median: number;
  /** Bootstrap 95 % interval of it. */
  readonly ci95: readonly [number, number];
  /** One-sided exact paired permutation test of "after is lower". */
  readonly p: number;
}

/** What a change costs, as ratios of after to before. */
export interface Cost {
  readonly parameters: number;
  readonly timePerStep: number;
}

/** Compares runs of the same seeds; only seeds that both have count. */
export function effectOf(before: readonly TrialResult[], after: readonly TrialResult[]): Effect {
  const bad = worstLoss([...before, ...after]);
  const differences = after.flatMap((treated) => {
    const twin = before.find(({ seed }) => seed === treated.seed);
    return twin ? [finite(treated.loss, bad) - finite(twin.loss, bad)] : [];
  });
  return {
    median: medianOf(differences),
    ci95: bootstrapInterval(differences),
    p: permutationTest(differences),
  };
}

/** A run that broke counts as the worst loss that any of the runs had: it must not be better than one that went on. */
function worstLoss(results: readonly TrialResult[]): number {
  const losses = results.flatMap(({ first, loss }) => [first, loss]).filter(Number.isFinite);
  return losses.length > 0 ? Math.max(...losses) : 0;
}

function finite(loss: number, otherwise: number): number {
  return Number.isFinite(loss) ? loss : otherwise;
}

/** What a treatment costs beside the patient: parameters and time a step, as ratios. */
export function costOf(before: readonly TrialResult[], after: readonly TrialResult[]): Cost {
  const ratio = (of: (result: TrialResult) => number) => medianOf(after.map(of)) / medianOf(before.map(of));
  return {
    parameters: ratio(({ parameters }) => parameters),
    timePerStep: ratio(({ timePerStep }) => timePerStep),
  };
}

/** Healthy when at least four of five runs are: one seed proves nothing, in either direction. */
export function verdictOf(results: readonly TrialResult[]): 'healthy' | 'unhealthy' {
  const healthy = results.filter(({ verdict }) => verdict === 'healthy').length;
  return healthy >= 0.8 * results.length ? 'healthy' : 'unhealthy';
}

/** Ids of the findings of any of the runs: those of most runs first. */
export function findingsOf(results: readonly TrialResult[]): string[] {
  const counts = new Map<string, { count: number; place: number }>();
  for (const { findings } of results) {
    findings.forEach(({ id }, place) => {
      const known = counts.get(id) ?? { count: 0, place: 0 };
      counts.set(id, { count: known.count + 1, place: known.place + place });
    });
  }
  const often = [...counts].filter(([, { count }]) => 2 * count >= results.length);
  return often
    .sort(([, a], [, b]) => a.place / a.count - b.place / b.count || b.count - a.count)
    .map(([id]) => id);
}
